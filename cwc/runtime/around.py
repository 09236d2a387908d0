"""Services that stand around a step or a whole run: how they are written once, and driven on both lanes."""

from __future__ import annotations

import asyncio
import inspect
import queue
from collections.abc import Awaitable, Callable, Generator, Sequence
from functools import partial
from typing import Any, NoReturn

from cwc.runtime.steps import Outputs, Step, StepFunction, StepFunctionAsync
from cwc.runtime.waiting.calls import in_thread
from cwc.runtime.waiting.threads import Outcome, start


class Ask:
    """What a service wants done that may have to be waited for: a function to call.

    An async function is awaited on the async lane, and run to its end on the sync lane. The async lane calls a function
    that is ``blocking`` in a thread; the sync lane just calls it. ``on_async`` is what the async lane calls in its
    place. The service is sent what the function returned, or what it raised is raised there.
    """

    __slots__ = ("blocking", "function", "on_async", "values")

    def __init__(
        self,
        function: Callable[..., Any],
        *values: Any,
        blocking: bool = False,
        on_async: Callable[..., Awaitable[Any]] | None = None,
    ) -> None:
        self.function, self.values, self.blocking, self.on_async = function, values, blocking, on_async


Service = Generator[Ask | None, Any, Any]
"""A service at work. It yields None once, for what it stands around to run, and may yield any number of `Ask` s."""

Around = Callable[[Step, tuple[Any, ...]], Generator[Ask | None, Any, Outputs]]
"""A service of steps: a generator function over (step, resolved values) that yields None once for the step to run.

It receives the step's outputs where it yields, or the exception that the step raised, and returns the outputs that the
flow goes on with. To answer in place of the step it returns without yielding None. Written once, it serves both lanes.
"""


class Before:
    """A service that only looks whether a step may begin: what ``look`` raises for its index, the step raises."""

    __slots__ = ("look",)

    def __init__(self, look: Callable[[int], None]) -> None:
        self.look = look


def wrapped(
    steps: Sequence[Step], functions: tuple[StepFunction, ...], services: Sequence[Around | Before]
) -> tuple[StepFunction, ...]:
    """Step functions of the sync lane with services around them, the first innermost."""
    for around in services:
        if isinstance(around, Before):
            wrap: Callable[..., StepFunction] = partial(partial, _looked, around.look)
        else:
            wrap = partial(_around, around)
        functions = tuple(map(wrap, steps, functions))
    return functions


def wrapped_async(
    steps: Sequence[Step], functions: tuple[StepFunctionAsync, ...], services: Sequence[Around | Before]
) -> tuple[StepFunctionAsync, ...]:
    """Step functions of the async lane with services around them, the first innermost."""
    for around in services:
        if isinstance(around, Before):
            wrap: Callable[..., StepFunctionAsync] = partial(partial, _looked_async, around.look)
        else:
            wrap = partial(_around_async, around)
        functions = tuple(map(wrap, steps, functions))
    return functions


def _around(around: Around, step: Step, function: StepFunction) -> StepFunction:
    def call(*values: Any) -> Outputs:
        outputs = drive(around(step, values), function, values)
        return outputs if isinstance(outputs, dict) else _no_outputs(outputs)

    return call


def _around_async(around: Around, step: Step, function: StepFunctionAsync) -> StepFunctionAsync:
    async def call(*values: Any) -> Outputs:
        outputs = await drive_async(around(step, values), function, values)
        return outputs if isinstance(outputs, dict) else _no_outputs(outputs)

    return call


def _looked(look: Callable[[int], None], step: Step, function: StepFunction, *values: Any) -> Outputs:
    look(step.index)
    return function(*values)


async def _looked_async(look: Callable[[int], None], step: Step, function: StepFunctionAsync, *values: Any) -> Outputs:
    look(step.index)
    return await function(*values)


def drive(service: Service, function: Callable[..., Any], values: tuple[Any, ...]) -> Any:
    """Run a service around a call, on the sync lane; what the service returns."""
    act: Callable[[Any], Ask | None] = service.send
    given: Any = None
    has_run = False
    while True:
        try:
            ask = act(given)
        except StopIteration as stop:
            return stop.value
        except RuntimeError as error:
            raise _unwrapped(error, given) from error.__cause__
        try:
            if ask is not None:
                given = _done(ask)
            elif has_run:
                raise _twice(service)
            else:
                has_run = True
                given = function(*values)
            act = service.send
        except BaseException as error:
            given, act = error, service.throw


async def drive_async(service: Service, function: Callable[..., Awaitable[Any]], values: tuple[Any, ...]) -> Any:
    """As `drive`, on the async lane."""
    act: Callable[[Any], Ask | None] = service.send
    given: Any = None
    has_run = False
    while True:
        try:
            ask = act(given)
        except StopIteration as stop:
            return stop.value
        try:
            if ask is not None:
                given = await _done_async(ask)
            elif has_run:
                raise _twice(service)
            else:
                has_run = True
                given = await function(*values)
            act = service.send
        except BaseException as error:
            given, act = error, service.throw


def _twice(service: Service) -> RuntimeError:
    return RuntimeError(f"a service yielded None twice around one call: {service}")


def _unwrapped(error: RuntimeError, given: object) -> BaseException:
    """A tool's StopIteration, which no generator can raise again, or else the error as it is."""
    return given if isinstance(given, StopIteration) and error.__cause__ is given else error


def _done(ask: Ask) -> Any:
    if not inspect.iscoroutinefunction(ask.function):
        return ask.function(*ask.values)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(ask.function(*ask.values))
    # The loop that runs here waits for this call: a loop of another thread has to do it.
    done: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
    start(lambda: asyncio.run(ask.function(*ask.values)), (), done.put)
    result, error = done.get()
    if error is not None:
        raise error
    return result


async def _done_async(ask: Ask) -> Any:
    if ask.on_async is not None:
        return await ask.on_async(*ask.values)
    if inspect.iscoroutinefunction(ask.function):
        return await ask.function(*ask.values)
    return await in_thread(ask.function, *ask.values) if ask.blocking else ask.function(*ask.values)


def _no_outputs(answer: object) -> NoReturn:
    raise TypeError(f"a service must return the step's outputs, not {type(answer).__name__}")
