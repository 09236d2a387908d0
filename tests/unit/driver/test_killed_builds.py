"""A build that is killed at any moment leaves whole files, old or new, and the next build completes it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cwc.driver.rebuilding import kept_modules
from tests.projects import ROOT, inside, run_cwc

FLOW = """\
type: Flow
name: flow_{number}
description: A flow.
input_schema_ref: tools:NumberInput
on_context_collision: overwrite
steps:
  - tool_name: add
    input_mapping: {{value: number, amount: {amount}}}
"""


def write_flows(folder: Path, count: int, amount: int) -> None:
    for number in range(count):
        (folder / "flows" / f"flow_{number}.flow.yaml").write_text(FLOW.format(number=number, amount=amount))


def built(folder: Path) -> dict[str, bytes]:
    """The visible files of the output folder."""
    return {path.name: path.read_bytes() for path in (folder / "generated").glob("*.py")}


def build_for(folder: Path, seconds: float, number: signal.Signals, *, again: bool) -> bool:
    """Start a build and send it a signal after a while, or two; whether it was still running."""
    command = [sys.executable, "-m", "cwc", "build"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    time.sleep(seconds)
    running = process.poll() is None
    process.send_signal(number)
    if again:
        time.sleep(0.01)
        process.send_signal(number)
    _, stderr = process.communicate(timeout=120)
    if number != signal.SIGINT:
        assert process.returncode in (-number, 0)
    elif "in main" in stderr or "in thread" in stderr or "Traceback" not in stderr:
        # Else it was Python that had not yet come to cwc.
        assert process.returncode in (130, 0)
        # A second signal may come while the first is told of.
        assert set(stderr.splitlines()) <= {"cwc: interrupted", ""}
        assert process.returncode == 0 or stderr
    return running


FEW_OR_MANY = [
    *(pytest.param(number, 10, 3, id=f"few-{number.name}") for number in (signal.SIGKILL, signal.SIGINT)),
    pytest.param(signal.SIGKILL, 300, 100, id="many-SIGKILL", marks=pytest.mark.long),
    pytest.param(signal.SIGINT, 60, 10, id="many-SIGINT", marks=pytest.mark.long),
    pytest.param(signal.SIGTERM, 60, 10, id="many-SIGTERM", marks=pytest.mark.long),
]


@pytest.mark.parametrize(("number", "flows", "kills"), FEW_OR_MANY)
def test_kill(tmp_path: Path, number: signal.Signals, flows: int, kills: int) -> None:
    with inside(tmp_path):
        assert run_cwc("init", cwd=tmp_path).returncode == 0
    (tmp_path / "flows" / "double_and_format.flow.yaml").unlink()
    states, took = [], []
    for amount in (1, 2, 1, 2):
        write_flows(tmp_path, flows, amount)
        start = time.perf_counter()
        assert run_cwc("build", cwd=tmp_path).returncode == 0
        took.append(time.perf_counter() - start)
        states.append(built(tmp_path))
    assert states[:2] == states[2:]
    chance = random.Random(7)
    interrupted = 0
    for turn in range(kills):
        old, new = states[1 - turn % 2], states[turn % 2]
        write_flows(tmp_path, flows, 1 + turn % 2)
        # By turns all modules are made, and all are kept from earlier builds.
        makes = turn // 2 % 2 == 1
        if makes:
            shutil.rmtree(Path(os.environ["XDG_CACHE_HOME"], "cwc", kept_modules.FOLDER), ignore_errors=True)
        whole = took[1] if makes else took[3]
        moment = chance.uniform(0.6 if number == signal.SIGKILL else 0.2, 1.0) * whole
        interrupted += build_for(tmp_path, moment, number, again=number == signal.SIGINT and turn % 2 == 1)
        now = built(tmp_path)
        assert sorted(now) == sorted(old)
        torn = [name for name, data in now.items() if data not in (old[name], new[name])]
        assert torn == []
        done = run_cwc("build", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        stale = [name for name, data in built(tmp_path).items() if data != new[name]]
        assert stale == []
        assert [path.name for path in (tmp_path / "generated").iterdir() if path.name.startswith(".")] == []
    assert interrupted


def test_what_a_killed_build_left_is_swept_away(tmp_path: Path) -> None:
    assert run_cwc("init", cwd=tmp_path).returncode == 0
    assert run_cwc("build", cwd=tmp_path).returncode == 0
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = tmp_path / "generated" / f".cwc-{gone.pid}-x"
    mine = tmp_path / "generated" / f".cwc-{os.getpid()}-x"
    left.mkdir()
    mine.mkdir()
    assert run_cwc("build", cwd=tmp_path).returncode == 0
    assert not left.exists()
    assert mine.exists()


def test_a_kill_between_files_is_not_taken_for_a_hand_edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files are replaced one by one; what was replaced before the kill is still cwc's own, also if flows change."""
    assert run_cwc("init", cwd=tmp_path).returncode == 0
    (tmp_path / "flows" / "double_and_format.flow.yaml").unlink()
    write_flows(tmp_path, 3, 1)
    assert run_cwc("build", cwd=tmp_path).returncode == 0
    write_flows(tmp_path, 3, 2)
    code = (
        "import os, sys\n"
        "import cwc.driver.writing.output as output\n"
        "put, count = output._put, [0]\n"
        "def dying(content, path):\n"
        "    count[0] += 1\n"
        "    if count[0] == 4: os._exit(9)\n"
        "    put(content, path)\n"
        "output._put = dying\n"
        "sys.argv = ['cwc', 'build']\n"
        "from cwc.cli import main\n"
        "main()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    died = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert died.returncode == 9
    write_flows(tmp_path, 3, 3)
    done = run_cwc("build", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert all(b", 3)" in data for name, data in built(tmp_path).items() if name != "__init__.py")
