"""Calls that wait: for a tool of the other colour, for one that may take too long, before one is tried again."""

from __future__ import annotations

import asyncio
import queue
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from cwc.runtime.errors import ToolTimeoutError
from cwc.runtime.waiting.arrivals import arrivals_of
from cwc.runtime.waiting.threads import Outcome, start


def finish(function: Callable[..., Coroutine[Any, Any, Any]], *values: Any) -> Any:
    """Run an async tool to its end on the sync lane, in an event loop of its own.

    Raises RuntimeError inside a running event loop, which would have to wait for itself.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(function(*values))
    raise RuntimeError("the sync lane cannot run an async tool inside a running event loop; await run_async instead")


def within(tool_name: str, seconds: float, function: Callable[..., Any], *values: Any) -> Any:
    """Call a sync tool and wait for it no longer than ``seconds``; raises ToolTimeoutError then.

    The call goes on in a daemon thread, which does not hold up the end of the process.
    """
    done: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
    start(function, values, done.put)
    try:
        return _settled(done.get(timeout=seconds))
    except queue.Empty:
        raise ToolTimeoutError(tool_name, seconds) from None


async def within_async(
    tool_name: str, seconds: float, function: Callable[..., Coroutine[Any, Any, Any]], *values: Any
) -> Any:
    """Await an async call no longer than ``seconds``; it is cancelled then, and ToolTimeoutError raised."""
    try:
        async with asyncio.timeout(seconds) as limit:
            return await function(*values)
    except TimeoutError:
        if limit.expired():
            raise ToolTimeoutError(tool_name, seconds) from None
        raise


async def in_thread(function: Callable[..., Any], *values: Any) -> Any:
    """Call a blocking tool in a daemon thread, with the caller's context variables."""
    done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    start(function, values, partial(arrivals_of(done.get_loop()).deliver, done))
    return _settled(await done)


def pause(seconds: float) -> None:
    if seconds > 0:
        time.sleep(seconds)


async def pause_async(seconds: float) -> None:
    if seconds > 0:
        await asyncio.sleep(seconds)


def _settled(outcome: Outcome) -> Any:
    result, error = outcome
    if error is not None:
        raise error
    return result
