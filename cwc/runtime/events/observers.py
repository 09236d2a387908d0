"""Observers: what is told of a run's events, one event after the other, and cannot harm the run."""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import Any

from cwc.runtime.argument_errors import InvalidArgumentError
from cwc.runtime.around import Ask
from cwc.runtime.events.kinds import FlowEnd, FlowEvent, FlowStart, StepChunk, StepEnd, StepStart

_log = logging.getLogger("cwc.observers")

Observer = Callable[[FlowEvent], Any] | object
"""A callable that takes events, or an object with some of the methods ``on_flow_start``, ``on_step_start``,
``on_step_chunk``, ``on_step_end`` and ``on_flow_end``. Either may be async."""

_KINDS = (FlowStart, StepStart, StepChunk, StepEnd, FlowEnd)
METHODS = {kind.kind: f"on_{kind.kind}" for kind in _KINDS}
"""The method that takes an event, by the event's kind."""

Listener = Callable[[FlowEvent], Any]


def listener_of(observer: Observer) -> Listener:
    """What takes the events of an observer. Raises InvalidArgumentError for what is none."""
    if not isinstance(observer, type) and any(hasattr(observer, method) for method in METHODS.values()):
        return _Methods(observer)
    if not callable(observer):
        wanted = f"callables, and objects with some of the methods {', '.join(METHODS.values())}"
        raise InvalidArgumentError("observers", wanted, repr(observer))
    return observer


class _Methods:
    """The methods of an observer as one callable."""

    def __init__(self, observer: object) -> None:
        self.observer = observer
        self.methods = {kind: getattr(observer, name, _nothing) for kind, name in METHODS.items()}

    def __call__(self, event: FlowEvent) -> Any:
        return self.methods[event.kind](event)

    def __repr__(self) -> str:
        return repr(self.observer)


def _nothing(event: FlowEvent) -> None:
    """What an observer does that has no method for an event."""


class Emitter:
    """Tells the observers of a run, and of the runs inside of it, in the order in which they were given.

    In the async lane one event is told to the end before the next one is begun with.
    """

    def __init__(self, observers: Sequence[Observer], *, is_async: bool) -> None:
        self.listeners = tuple(map(listener_of, observers))
        self.lock = asyncio.Lock() if is_async else None

    def emit(self, event: FlowEvent) -> Generator[Ask | None, Any, None]:
        """Tell all observers; what one of them raises is logged."""
        if self.lock is not None:
            yield Ask(self.lock.acquire)
        try:
            for listener in self.listeners:
                try:
                    told = listener(event)
                    if told is not None and inspect.isawaitable(told):
                        yield Ask(_ended, told)
                except (Exception, asyncio.CancelledError) as error:
                    if isinstance(error, asyncio.CancelledError) and self._is_cancelled():
                        raise
                    _log.warning("observer %r failed at %s of %r", listener, event.kind, event.flow_name, exc_info=True)
        finally:
            if self.lock is not None:
                self.lock.release()

    def _is_cancelled(self) -> bool:
        """Whether the run is being cancelled. Otherwise it is the observer that has waited for something cancelled."""
        task = None if self.lock is None else asyncio.current_task()
        return task is not None and task.cancelling() > 0


async def _ended(told: Awaitable[Any]) -> None:
    await told


def now() -> int:
    """Nanoseconds, as ``time.time_ns()``."""
    return time.time_ns()
