"""`cwc runs`: what it shows of a store, and how it ends."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cwc.cli.group import cwc
from cwc.runtime.stores.sqlite_checkpoints import SqliteCheckpointer
from tests.crashes import Crash, Dying
from tests.projects import inside, run_cwc

FLOW = """\
type: Flow
name: double_and_format
description: An example.
input_schema_ref: tools:NumberInput
steps:
  - tool_name: double
    input_mapping: {number: number}
  - tool_name: format
    input_mapping: {value: value}
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cwc, list(arguments), prog_name="cwc")


def recorded(trace_id: str, at: int = 0, number: Any = 5) -> None:
    """A run of the project's flow that died behind its first step."""
    module = __import__("generated.double_and_format").double_and_format
    with pytest.raises(Crash):
        module.run({"number": number}, trace_id=trace_id, checkpointer=Dying(SqliteCheckpointer("runs.db"), at))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A project with a run that has died in it, as the working directory."""
    with inside(tmp_path):
        assert run("init", ".").exit_code == 0
        assert run("build").exit_code == 0
        forget()
        recorded("one")
        yield tmp_path
        forget()


def forget() -> None:
    for name in [name for name in sys.modules if name.split(".")[0] in ("generated", "tools")]:
        del sys.modules[name]


def test_the_runs_of_a_store(project: Path) -> None:
    recorded("two\x1b[31m\n")
    done = run("runs", "list", "--store", "runs.db")
    assert (done.exit_code, done.stderr) == (0, "")
    head, first, second = done.stdout.splitlines()
    assert head.split() == ["RUN", "FLOW", "VERSION", "STATUS", "AGE", "STEPS", "LAST", "STEP", "ERROR"]
    assert first.split()[:4] == ["one", "double_and_format", "1.0.0", "open"]
    assert first.split()[-3:] == ["1", "0:double", "-"]
    assert second.startswith("two\\x1b[31m\\n ")


def test_the_runs_of_a_store_as_json(project: Path) -> None:
    done = run("runs", "list", "--store", "runs.db", "--format", "json")
    assert done.exit_code == 0
    shown = json.loads(done.stdout)
    assert shown["version"] == 1
    (one,) = shown["runs"]
    assert one.pop("age_seconds") >= 0
    assert one.pop("started_at").endswith("+00:00")
    assert one == {
        "trace_id": "one", "flow": "double_and_format", "version": "1.0.0", "status": "open", "steps": 1,
        "last_step": "0:double", "error": None,
    }  # fmt: skip


def test_a_store_without_runs(project: Path) -> None:
    assert run("runs", "discard", "one", "--store", "runs.db").stdout == "discarded one\n"
    done = run("runs", "list", "--store", "runs.db")
    assert (done.exit_code, done.output) == (0, "")
    assert json.loads(run("runs", "list", "--store", "runs.db", "--format", "json").stdout)["runs"] == []


@pytest.mark.parametrize("lane", ["sync", "async"])
def test_going_on_with_a_run(project: Path, lane: str) -> None:
    done = run("runs", "resume", "one", "--store", "runs.db", "--lane", lane)
    assert (done.exit_code, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    assert (result["trace_id"], result["success"], len(result["execution_log"])) == ("one", True, 3)
    assert run("runs", "list", "--store", "runs.db").output == ""


def test_json_from_every_verb(project: Path) -> None:
    resumed = run("runs", "resume", "one", "--store", "runs.db", "--format", "json")
    assert json.loads(resumed.stdout)["trace_id"] == "one"
    recorded("two")
    discarded = run("runs", "discard", "two", "--store", "runs.db", "--format", "json")
    assert json.loads(discarded.stdout) == {"version": 1, "trace_id": "two", "discarded": True}


def test_going_on_as_a_process_of_its_own(project: Path) -> None:
    done = run_cwc("runs", "resume", "one", "--store", "runs.db", cwd=project)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["success"] is True


def test_a_run_that_fails_is_kept(project: Path) -> None:
    tools = project / "tools.py"
    tools.write_text(
        tools.read_text().replace("    return TextOutput", "    raise ValueError('no luck')\n    return TextOutput")
    )
    forget()
    done = run("runs", "resume", "one", "--store", "runs.db")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["success"] is False
    shown = json.loads(run("runs", "list", "--store", "runs.db", "--format", "json").stdout)["runs"][0]
    assert shown["status"] == "failed"
    assert "no luck" in shown["error"]


@pytest.mark.parametrize("verb", ["resume", "discard"])
def test_an_unknown_run(project: Path, verb: str) -> None:
    done = run("runs", verb, "other", "--store", "runs.db")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "no run 'other'" in done.stderr


@pytest.mark.parametrize("arguments", [("list",), ("resume", "one"), ("discard", "one")])
@pytest.mark.parametrize("kind", ["missing", "text", "folder"])
def test_a_file_that_is_no_store(tmp_path: Path, arguments: tuple[str, ...], kind: str) -> None:
    path = tmp_path / "store"
    if kind == "text":
        path.write_text("no store")
    elif kind == "folder":
        path.mkdir()
    done = run("runs", *arguments, "--store", str(path))
    assert (done.exit_code, done.stdout) == (2, "")
    assert "checkpoint store" in done.stderr
    assert "Traceback" not in done.output
    assert path.exists() == (kind != "missing")


def test_a_flow_that_was_changed_or_is_gone(project: Path) -> None:
    flow = project / "flows" / "double_and_format.flow.yaml"
    flow.write_text(flow.read_text() + "\n# changed\n")
    assert run("build").exit_code == 0
    forget()
    done = run("runs", "resume", "one", "--store", "runs.db")
    assert done.exit_code == 1
    assert "its source has changed" in done.stderr
    flow.unlink()
    (project / "flows" / "other.flow.yaml").write_text(FLOW.replace("double_and_format", "other"))
    assert run("build").exit_code == 0
    forget()
    done = run("runs", "resume", "one", "--store", "runs.db")
    assert done.exit_code == 2
    assert "no module of flow 'double_and_format'" in done.stderr
    assert len(SqliteCheckpointer("runs.db").runs()) == 1


def test_usage(tmp_path: Path) -> None:
    with inside(tmp_path):
        assert run("runs", "list").exit_code == 2
        assert run("runs", "--help").exit_code == 0
        assert run("runs", "nonsense").exit_code == 2


def test_a_tool_that_was_changed_without_a_build(project: Path) -> None:
    tools = project / "tools.py"
    tools.write_text(tools.read_text().replace("    text: str\n", "    text: str\n    words: int = 4\n"))
    forget()
    done = run("runs", "resume", "one", "--store", "runs.db")
    assert done.exit_code == 1
    assert "tool 'format' has changed" in done.stderr
