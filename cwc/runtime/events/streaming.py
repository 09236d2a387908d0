"""Runs as iterators of their events. A run goes on when the next event is asked for, so that it never gets ahead.

The sync lane runs in a thread of the runtime's, because a body cannot stop in the middle: it and the consumer take
turns. The async lane runs as a task.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from typing import Any

from cwc.runtime.cancellation import CancellationToken
from cwc.runtime.events.kinds import FlowEvent
from cwc.runtime.waiting.threads import Outcome, start

Run = Callable[[Callable[[FlowEvent], Any], CancellationToken], Any]
"""Runs a flow with one more observer and a token that stops it."""


class StopToken(CancellationToken):
    """A token that is cancelled when its consumer has gone, or when another one is."""

    __slots__ = ("_other",)

    def __init__(self, other: CancellationToken | None) -> None:
        super().__init__()
        self._other = other

    @property
    def is_cancelled(self) -> bool:
        return self._event.is_set() or (self._other is not None and self._other.is_cancelled)


def stream(run: Run, cancel_token: CancellationToken | None) -> Generator[FlowEvent, None, None]:
    """The events of a run on the sync lane. At its end raises what the run raises.

    A consumer that closes the iterator has the run stopped before its next step, and waits for that.
    """
    token = StopToken(cancel_token)
    events: queue.SimpleQueue[FlowEvent | tuple[Any, BaseException | None]] = queue.SimpleQueue()
    asked: queue.SimpleQueue[None] = queue.SimpleQueue()
    gone = False

    def observer(event: FlowEvent) -> None:
        if not gone:
            events.put(event)
            asked.get()

    def deliver(outcome: Outcome) -> None:
        events.put(outcome)

    start(run, (observer, token), deliver)
    try:
        while isinstance(event := events.get(), FlowEvent):
            yield event
            asked.put(None)
    except GeneratorExit:
        gone = True
        token.cancel()
        asked.put(None)
        while isinstance(events.get(), FlowEvent):
            asked.put(None)
        raise
    except BaseException:
        # Interrupted while it waited for a step, which may take long: the thread ends at the next one.
        gone = True
        token.cancel()
        asked.put(None)
        raise
    if event[1] is not None:
        raise event[1]


async def stream_async(
    run: Callable[..., Awaitable[Any]], cancel_token: CancellationToken | None
) -> AsyncGenerator[FlowEvent, None]:
    """The events of a run on the async lane. At its end raises what the run raises.

    When the consumer closes the iterator, or is cancelled, the run's task is cancelled, and waited for.
    """
    events: asyncio.Queue[FlowEvent | None] = asyncio.Queue()
    asked: asyncio.Queue[None] = asyncio.Queue()
    gone = False

    async def observer(event: FlowEvent) -> None:
        if not gone:
            events.put_nowait(event)
            await asked.get()

    task = asyncio.ensure_future(run(observer, cancel_token))
    task.add_done_callback(lambda _: events.put_nowait(None))
    try:
        while (event := await events.get()) is not None:
            yield event
            asked.put_nowait(None)
        await task
    finally:
        gone = True
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
