"""What generated code waits with: for tools of the other colour, for time to pass, for the steps of a level.

What does it brings asyncio and threads, and is imported by the first call: most runs wait for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from cwc.runtime.steps import Done, Ended, Outputs

if TYPE_CHECKING:
    from cwc.runtime.waiting import calls, concurrency, scheduling
    from cwc.runtime.waiting.scheduling import Begun, Dataflow, Outcome
else:
    calls = concurrency = scheduling = None

AsyncCall = Callable[..., Coroutine[Any, Any, Any]]


def _load() -> None:
    # An import statement takes a microsecond, even if there is nothing left to import. `scheduling` comes last, so that
    # a thread that finds it finds the others.
    global calls, concurrency, scheduling
    from cwc.runtime.waiting import calls, concurrency, scheduling


def finish(function: AsyncCall, *values: Any) -> Any:
    """As `calls.finish`."""
    if scheduling is None:
        _load()
    return calls.finish(function, *values)


def within(tool_name: str, seconds: float, function: Callable[..., Any], *values: Any) -> Any:
    """As `calls.within`."""
    if scheduling is None:
        _load()
    return calls.within(tool_name, seconds, function, *values)


def within_async(tool_name: str, seconds: float, function: AsyncCall, *values: Any) -> Coroutine[Any, Any, Any]:
    """As `calls.within_async`."""
    if scheduling is None:
        _load()
    return calls.within_async(tool_name, seconds, function, *values)


def in_thread(function: Callable[..., Any], *values: Any) -> Coroutine[Any, Any, Any]:
    """As `calls.in_thread`."""
    if scheduling is None:
        _load()
    return calls.in_thread(function, *values)


def pause(seconds: float) -> None:
    """As `calls.pause`."""
    if scheduling is None:
        _load()
    calls.pause(seconds)


def pause_async(seconds: float) -> Coroutine[Any, Any, None]:
    """As `calls.pause_async`."""
    if scheduling is None:
        _load()
    return calls.pause_async(seconds)


def together(limit: int, *steps: Begun) -> Coroutine[Any, Any, list[Outcome]]:
    """As `concurrency.together`."""
    if scheduling is None:
        _load()
    return concurrency.together(limit, *steps)


def dataflow(
    limit: int, runs: Sequence[Dataflow], waits_for: Sequence[Sequence[int]]
) -> Coroutine[Any, Any, list[Outcome]]:
    """As `scheduling.dataflow`."""
    if scheduling is None:
        _load()
    return scheduling.dataflow(limit, runs, waits_for)


def settled(outcomes: Sequence[Outcome], position: int) -> Ended:
    """What a step returned, and the clock when it began and ended; raises what it raised."""
    outcome = outcomes[position]
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


def given_by(done: Done, index: int) -> Outputs:
    """The outputs of a step that has succeeded."""
    outputs: Outputs = done[index][0]
    return outputs
