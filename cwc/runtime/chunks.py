"""Tools that stream: async generators, whose last chunk holds the output."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from pydantic import BaseModel, ConfigDict


class ToolChunk(BaseModel):
    """A part of a tool's output; the final one holds the output as a whole."""

    model_config = ConfigDict(frozen=True)

    data: Any
    is_final: bool = False


class StreamError(Exception):
    """A tool that streams did not end in its one final chunk."""


Sink = Callable[[Any], Awaitable[None]]

CHUNKS: ContextVar[Sink | None] = ContextVar("cwc_chunks", default=None)
"""What takes the chunks of the step that is running; None where nobody does."""


def draining(function: Callable[..., AsyncIterator[Any]]) -> Callable[..., Awaitable[Any]]:
    """An async function that gives what the final chunk of an async generator function holds.

    A chunk is anything with ``data`` and ``is_final``. Raises StreamError unless exactly the last chunk is final.
    """

    @functools.wraps(function)
    async def drain(*args: Any, **kwargs: Any) -> Any:
        sink, final = CHUNKS.get(), None
        stream = function(*args, **kwargs)
        async with contextlib.AsyncExitStack() as stack:
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
