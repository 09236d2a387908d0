"""The runtime's own threads, which blocking calls are made in.

They are daemons, so that a call that does not end does not hold up the end of the process; they are reused, and there
are as many as there are calls at once: whoever starts calls sets the limit.
"""

from __future__ import annotations

import contextvars
import os
import queue
import threading
from collections.abc import Callable
from typing import Any

IDLE_SECONDS = 10.0
"""How long a thread waits for another call before it ends."""

Outcome = tuple[Any, BaseException | None]
"""What a call returned, and what it raised."""

_Call = tuple[contextvars.Context, Callable[..., Any], tuple[Any, ...], Callable[[Outcome], object]]


class _Pool:
    """The threads that wait for a call, the last one that ended its call on top."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.idle: list[_Worker] = []

    def take(self) -> _Worker | None:
        with self.lock:
            return self.idle.pop() if self.idle else None

    def give_back(self, worker: _Worker) -> None:
        with self.lock:
            self.idle.append(worker)

    def retire(self, worker: _Worker) -> bool:
        """Take a worker out that has waited long enough; False if a call is on its way to it."""
        with self.lock:
            if worker in self.idle:
                self.idle.remove(worker)
                return True
            return False


class _Worker:
    def __init__(self) -> None:
        self.calls: queue.SimpleQueue[_Call] = queue.SimpleQueue()
        threading.Thread(target=self.work, name="cwc-tool", daemon=True).start()

    def work(self) -> None:
        pool = _pool
        while True:
            try:
                call = self.calls.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                if pool.retire(self):
                    return
                continue
            self.make(call, pool)
            # A thread that waits must not keep alive what it was called with.
            del call

    def make(self, call: _Call, pool: _Pool) -> None:
        context, function, values, deliver = call
        outcome: Outcome
        try:
            outcome = context.run(function, *values), None
        except BaseException as raised:
            outcome = None, raised
        pool.give_back(self)
        deliver(outcome)


def start(function: Callable[..., Any], values: tuple[Any, ...], deliver: Callable[[Outcome], object]) -> None:
    """Call a function in a thread, with the caller's context variables; ``deliver`` gets what came of it, there."""
    worker = _pool.take() or _Worker()
    worker.calls.put((contextvars.copy_context(), function, values, deliver))


_pool = _Pool()


def _forget() -> None:
    """A forked process has none of its parent's threads."""
    global _pool
    _pool = _Pool()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
