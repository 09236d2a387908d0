"""Tools that stream: async generators, whose last chunk holds the output."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop


class StreamError(Exception):
    """A tool that streams did not end in its one final chunk."""


Sink = Callable[[Any], Awaitable[None]]

CHUNKS: ContextVar[tuple[AbstractEventLoop, Sink] | None] = ContextVar("cwc_chunks", default=None)
"""What takes the chunks of the step that is running, and the loop that it runs in; None where nobody does."""


def _sink() -> Sink | None:
    """Who takes the chunks of the tool that is called now: not those of a flow that a tool runs in another loop."""
    taken = CHUNKS.get()
    if taken is None:
        return None
    import asyncio

    return None if taken[0] is not asyncio.get_running_loop() else taken[1]


def draining(function: Callable[..., AsyncIterator[Any]]) -> Callable[..., Awaitable[Any]]:
    """An async function that gives what the final chunk of an async generator function holds.

    A chunk is anything with ``data`` and ``is_final``. Raises StreamError unless exactly the last chunk is final.
    """

    @functools.wraps(function)
    async def drain(*args: Any, **kwargs: Any) -> Any:
        sink, final = _sink(), None
        stream = function(*args, **kwargs)
        async with contextlib.AsyncExitStack() as stack:
            # Flows that the tool itself runs have nothing to do with its step.
            stack.callback(CHUNKS.reset, CHUNKS.set(None))
            if isinstance(stream, AsyncGenerator):
                # A generator that is not gone through to its end, as in a timeout, is closed now and not some time.
                stack.push_async_callback(stream.aclose)
            async for chunk in stream:
                if final is not None:
                    raise StreamError("the tool gave a chunk after its final one")
                if chunk.is_final:
                    final = chunk
                if sink is not None:
                    await sink(chunk)
        if final is None:
            raise StreamError("the tool gave no final chunk")
        return final.data

    return drain
