"""Runs whose processes are killed, stopped or doubled: nothing committed runs twice, and every run comes to its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cwc.runtime.errors import RunFencedError
from cwc.runtime.stores.sqlite_checkpoints import SqliteCheckpointer
from tests.killed_runs import LINEAR, Run, flows, told
from tests.projects import ROOT

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")


@needs_fork
@pytest.mark.parametrize("kills", [20, pytest.param(400, marks=pytest.mark.long)])
def test_runs_killed_at_random_moments_end_as_they_would_have(tmp_path: Path, kills: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.killed_runs", str(tmp_path), str(kills), str(kills)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout)["kills"] >= kills


def begun(run: Run) -> int:
    """Attempt a run in a process of its own, and wait until it has recorded some steps."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            run.attempt()
            code = 0
        except RunFencedError:
            code = 3
        finally:
            os._exit(code)
    store = run.store()
    until = time.monotonic() + 30
    while time.monotonic() < until and not any(3 <= shown.steps < LINEAR - 5 for shown in store.runs()):
        time.sleep(0.001)
    store.close()
    return pid


def ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.fixture
def run(tmp_path: Path) -> Run:
    flow, lane = flows(pause=0.01)[0]
    return Run(flow, lane, tmp_path, "run")


@needs_fork
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_who_takes_a_run_over_fences_the_first(run: Run) -> None:
    expected = told(run.run())
    run.log.unlink()
    pid = begun(run)
    store = run.store()
    result = run.resumed(store)
    assert told(result) == expected
    assert ended(pid) == 3
    assert not run.outcome.exists()
    # The first may have been in the middle of a step when the second took it over, and no further.
    noted = run.noted()
    assert set(noted) == set(range(LINEAR))
    assert len(noted) <= LINEAR + 1


@needs_fork
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_owner_that_stands_still_for_a_while_stays_the_owner(run: Run) -> None:
    expected = told(run.run())
    run.log.unlink()
    pid = begun(run)
    os.kill(pid, signal.SIGSTOP)
    time.sleep(0.3)
    assert [shown.status for shown in SqliteCheckpointer(run.folder / "runs.db").runs()] == ["open"]
    os.kill(pid, signal.SIGCONT)
    assert ended(pid) == 0
    assert json.loads(run.outcome.read_text()) == expected
    assert run.noted() == list(range(LINEAR))
