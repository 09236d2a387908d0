"""What tools, results, errors and generated modules import, and what is left to the first run that needs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.projects import ROOT

MODULES = [
    "errors",
    "tools.making",
    "tools.definition",
    "tools.signatures",
    "tools.schema_hash",
    "tools.safety",
    "records",
    "results",
]
SCRIPT = """
import sys
import cwc.runtime.{module}
foreign = {{name.partition(".")[0] for name in sys.modules}} - set(sys.stdlib_module_names)
print(*sorted(foreign))
"""


def loaded(script: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.fixture(scope="module")
def brought() -> set[str]:
    """What is loaded by pydantic alone, and by this environment's start-up."""
    uses = "from pydantic import BaseModel, create_model\nclass M(BaseModel): x: int\nM(x=1).model_json_schema()"
    return loaded(uses + SCRIPT.format(module="__no__").replace("import cwc.runtime.__no__\n", ""))


@pytest.mark.parametrize("module", MODULES)
def test_only_the_standard_library_and_pydantic_are_imported(module: str, brought: set[str]) -> None:
    assert loaded(SCRIPT.format(module=module)) - brought <= {"cwc"}


def test_results_do_not_load_the_models_of_records() -> None:
    script = "import sys, cwc.runtime.results\nprint('cwc.runtime.records' in sys.modules)"
    assert loaded(script) == {"False"}


LEFT_OUT = [
    "asyncio", "concurrent.futures", "logging", "queue", "sqlite3",
    *(
        f"cwc.runtime.{name}"
        for name in (
            "around", "cancellation", "decisions.policy", "events.kinds", "events.observers", "events.observing",
            "events.redaction", "events.secret_types", "events.streaming", "records", "registry.drift",
            "registry.flows", "replay", "services", "stores.caching", "stores.checkpoints", "stores.commits",
            "stores.encoding", "stores.identity", "stores.journal", "stores.sqlite_checkpoints",
            "stores.sqlite_step_cache", "stores.step_cache", "tools.chunks", "tools.current", "tools.step_context",
            "tracebacks", "verification", "waiting.arrivals", "waiting.calls", "waiting.concurrency",
            "waiting.scheduling", "waiting.threads",
        )
    ),
]  # fmt: skip
"""What neither importing a generated module nor a plain run of it may load."""

FAN = ROOT / "tests" / "cases" / "dag" / "levels"
WIRING = ROOT / "tests" / "cases" / "linear" / "wiring"
RUNS = {
    "one that ends well": "assert FLOW.run({'number': 2}).success",
    "one that lacks an input": "assert not FLOW.run({}).success",
    "one whose step fails": "assert FLOW.run({'number': 'x'}).failure.code",
    "one with another tool": "assert FLOW.bind(tools={'double': lambda x: {'value': 1}}).run({'number': 2}).success",
}


def left_out_but_loaded(code: str, folder: Path) -> set[str]:
    """What of `LEFT_OUT` a program has loaded that its tools' modules had not."""
    script = (
        "import sys, tools\nbefore = set(sys.modules)\n"
        f"{code}\n"
        f"print(*sorted(set({LEFT_OUT!r}) & set(sys.modules) - before))"
    )
    environment = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "folder",
    [path.parent for path in sorted((ROOT / "tests" / "cases").glob("*/*/generated")) if any(path.glob("[!_]*.py"))],
    ids=lambda folder: folder.name,
)
def test_a_generated_module_loads_nothing_that_only_some_runs_need(folder: Path) -> None:
    names = sorted(path.stem for path in (folder / "generated").glob("[!_]*.py"))
    assert left_out_but_loaded(f"from generated import {', '.join(names)}", folder) == set()


@pytest.mark.parametrize("run", RUNS)
def test_a_plain_run_loads_nothing_that_only_others_need(run: str) -> None:
    assert left_out_but_loaded(f"from generated.undeclared import FLOW\n{RUNS[run]}", WIRING) == set()


def test_tools_load_no_event_loop() -> None:
    code = "from cwc import Tool, tool\nprint(*{'asyncio', 'logging', 'cwc.runtime.records'} & set(sys.modules))"
    assert loaded(f"import sys\n{code}") == set()


def test_what_is_left_out_is_loaded_by_its_first_use_in_many_threads() -> None:
    code = """
import asyncio, sys, threading
from generated.fan import FLOW
from cwc.runtime import InMemoryCheckpointer, InMemoryStepCache
start = threading.Barrier(12)
log, cache, failed = [], InMemoryStepCache(), []
def use(number):
    try:
        start.wait()
        kept = InMemoryCheckpointer()
        result = [
            lambda: FLOW.run({'number': number}, observers=[log.append], checkpointer=kept, cache=cache),
            lambda: asyncio.run(FLOW.run_async({'number': number})),
            lambda: list(FLOW.stream({'number': number}))[-1].result,
            lambda: FLOW.run({'number': number}),
        ][number % 4]()
        assert len(result.execution_log) == 3 and result.final_output['left'] == 2 * number
    except BaseException as error:
        failed.append(error)
threads = [threading.Thread(target=use, args=(number,)) for number in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert not failed, failed
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=FAN, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_runs_at_the_end_of_the_process_find_what_is_left_out() -> None:
    code = (
        "import atexit\nfrom generated.fan import FLOW\n"
        "def last():\n    result = FLOW.run({'number': 2}, observers=[lambda event: None])\n"
        "    print(len(result.execution_log), len(FLOW.run({}).execution_log))\n"
        "atexit.register(last)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=FAN, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["3", "1"]


FORK = """
import os, signal, sys, threading, time
import cwc.runtime.generated

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "cwc.runtime.services":
            begun.set()
            time.sleep(0.3)

begun = threading.Event()
sys.meta_path.insert(0, Slow())
threading.Thread(target=__import__, args=["cwc.runtime.services"]).start()
begun.wait()
child = os.fork()
if child == 0:
    signal.alarm(10)
    import cwc.runtime.services
    os._exit(0)
sys.exit(os.waitpid(child, 0)[1])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_amid_the_first_run_of_another_thread_does_not_wait_for_that() -> None:
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", FORK], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == 0
