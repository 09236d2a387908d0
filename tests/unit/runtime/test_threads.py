"""Blocking calls: as many at once as are started, in threads that are reused and hold nothing up."""

from __future__ import annotations

import contextvars
import queue
import subprocess
import sys
import threading
from typing import Any

from cwc.runtime.waiting import threads
from tests.projects import ROOT


def called(function: Any, *values: Any) -> threads.Outcome:
    outcomes: queue.SimpleQueue[threads.Outcome] = queue.SimpleQueue()
    threads.start(function, values, outcomes.put)
    return outcomes.get(timeout=10)


def test_what_a_call_returns_or_raises_is_delivered() -> None:
    assert called(lambda value: value + 1, 1) == (2, None)
    value, error = called({"a": 1}.__getitem__, "x")
    assert value is None
    assert isinstance(error, KeyError)


def test_a_thread_is_used_again() -> None:
    used = set()
    for _ in range(20):
        identity, _error = called(threading.get_ident)
        used.add(identity)
    assert len(used) == 1


def test_as_many_calls_run_at_once_as_are_started() -> None:
    together = threading.Barrier(40)
    outcomes: queue.SimpleQueue[threads.Outcome] = queue.SimpleQueue()
    for _ in range(40):
        threads.start(together.wait, (10,), outcomes.put)
    assert all(outcomes.get(timeout=10)[1] is None for _ in range(40))


def test_a_call_sees_the_context_of_its_caller_and_keeps_its_own() -> None:
    variable = contextvars.ContextVar("variable", default=0)

    def change() -> int:
        seen = variable.get()
        variable.set(5)
        return seen

    variable.set(1)
    assert [called(change), called(change)] == [(1, None), (1, None)]
    assert variable.get() == 1


CODE = """
import os, threading, time
from cwc.runtime.waiting import threads
done = threading.Event()
threads.start(lambda: None, (), lambda outcome: done.set())
assert done.wait(10)
child = os.fork()
if child == 0:
    here = threading.Event()
    threads.start(lambda: None, (), lambda outcome: here.set())
    os._exit(0 if here.wait(10) else 1)
assert os.waitpid(child, 0)[1] == 0
threads.start(time.sleep, (600,), print)
"""


def test_a_fork_has_threads_of_its_own_and_the_process_waits_for_none() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CODE], env={"PYTHONPATH": str(ROOT)}, timeout=60, check=False
    )
    assert done.returncode == 0
