"""What generated code waits with: for tools of the other colour, for time to pass, for the steps of a level.

What does it brings asyncio and threads, and is imported by the first call: most runs wait for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from cwc.runtime.steps import Done, Ended, Outputs

if TYPE_CHECKING:
    from cwc.runtime.scheduling import Begun, Dataflow, Outcome

AsyncCall = Callable[..., Coroutine[Any, Any, Any]]


def finish(function: AsyncCall, *values: Any) -> Any:
    """As `calls.finish`."""
    from cwc.runtime.calls import finish

    return finish(function, *values)


def within(tool_name: str, seconds: float, function: Callable[..., Any], *values: Any) -> Any:
    """As `calls.within`."""
    from cwc.runtime.calls import within

    return within(tool_name, seconds, function, *values)


def within_async(tool_name: str, seconds: float, function: AsyncCall, *values: Any) -> Coroutine[Any, Any, Any]:
    """As `calls.within_async`."""
    from cwc.runtime.calls import within_async

    return within_async(tool_name, seconds, function, *values)


def in_thread(function: Callable[..., Any], *values: Any) -> Coroutine[Any, Any, Any]:
    """As `calls.in_thread`."""
    from cwc.runtime.calls import in_thread

    return in_thread(function, *values)


def pause(seconds: float) -> None:
    """As `calls.pause`."""
    from cwc.runtime.calls import pause

    pause(seconds)


def pause_async(seconds: float) -> Coroutine[Any, Any, None]:
    """As `calls.pause_async`."""
    from cwc.runtime.calls import pause_async

    return pause_async(seconds)


def together(limit: int, *steps: Begun) -> Coroutine[Any, Any, list[Outcome]]:
    """As `concurrency.together`."""
    from cwc.runtime.concurrency import together

    return together(limit, *steps)


def dataflow(
    limit: int, runs: Sequence[Dataflow], waits_for: Sequence[Sequence[int]]
) -> Coroutine[Any, Any, list[Outcome]]:
    """As `scheduling.dataflow`."""
    from cwc.runtime.scheduling import dataflow

    return dataflow(limit, runs, waits_for)


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
