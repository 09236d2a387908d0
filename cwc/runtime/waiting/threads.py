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


class _Worker:
    """A thread, and the call that it is to make next."""

    __slots__ = ("calls",)

    def __init__(self, call: _Call) -> None:
        self.calls: queue.SimpleQueue[_Call] = queue.SimpleQueue()
        # Before the thread starts: one that found nothing to do would have to be woken again.
        self.calls.put(call)
        threading.Thread(target=self.work, name="cwc-tool", daemon=True).start()

    def work(self) -> None:
        idle = _idle
        while True:
            try:
                context, function, values, deliver = self.calls.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                try:
                    idle.remove(self)
                except ValueError:
                    # A call is on its way.
                    continue
                return
            outcome: Outcome
            try:
                outcome = context.run(function, *values), None
            except BaseException as raised:
                outcome = None, raised
            idle.append(self)
            deliver(outcome)
            # A thread that waits must not keep alive what it was called with.
            del context, function, values, deliver, outcome


def start(function: Callable[..., Any], values: tuple[Any, ...], deliver: Callable[[Outcome], object]) -> None:
    """Call a function in a thread, with the caller's context variables; ``deliver`` gets what came of it, there."""
    call = contextvars.copy_context(), function, values, deliver
    try:
        worker = _idle.pop()
    except IndexError:
        _Worker(call)
    else:
        worker.calls.put(call)


_idle: list[_Worker] = []
"""The threads that wait for a call, the last one that ended its call on top."""


def _forget() -> None:
    """A forked process has none of its parent's threads."""
    global _idle
    _idle = []


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
