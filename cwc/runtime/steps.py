"""Steps as values: their static facts, the outputs they return, and services that wrap their functions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Outputs = dict[str, Any]
StepFunction = Callable[..., Outputs]
StepFunctionAsync = Callable[..., Awaitable[Outputs]]
Steps = Sequence[StepFunction]
StepsAsync = Sequence[StepFunctionAsync]
Ended = tuple[Outputs, Any]
"""A step's outputs, and the clock when it ended; or when it began and ended, where steps run at once."""
Ran = tuple[Outputs, tuple[Any, ...]]
"""What a body returns: the context at its end, and for each step its outputs and the clock when it ended."""


class Absent:
    """The type of `ABSENT`, which stands for a context key that is not there."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()


class Told(Outputs):
    """Outputs with something to tell. A step that just succeeded returns a plain dict, so that this costs nothing."""

    __slots__ = ("facts",)

    def __init__(self, outputs: Mapping[str, Any], **facts: Any) -> None:
        super().__init__(outputs)
        self.facts = facts
        """Fields of the step's record that differ from a plain success, e.g. ``skipped=True``."""


PASSED_BY: Final = Told({}, skipped=True, inputs={}, flow_name=None)
"""The outputs of a step that a branch passed by."""


class Key:
    """A recorded input that was read from the context: a key, and pointer tokens that lead on from its value."""

    __slots__ = ("key", "tokens")

    def __init__(self, key: str, *tokens: str) -> None:
        self.key, self.tokens = key, tokens


class Constant:
    """A recorded input that stands in the flow file."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


@dataclass(frozen=True, slots=True)
class Step:
    """What is known of a step when its module is generated.

    ``mapping`` says where its inputs come from, by target (None: the whole context); ``output_mapping`` which outputs
    it leaves under which context key (None: all, under their own names); ``line`` is its line in the flow file.
    ``level`` is the level of a DAG flow that it is in, None where each step is a level. ``flow_name`` is the flow that
    it runs instead of a tool. ``predicates`` are the texts of its branches' conditions.
    """

    index: int
    name: str
    tool_name: str
    mapping: Mapping[str, Key | Constant] | None
    output_mapping: Mapping[str, str] | None
    line: int
    level: int | None = None
    flow_name: str | None = None
    predicates: tuple[str, ...] = ()

    def merged(self, outputs: Mapping[str, Any]) -> Outputs:
        """What the step leaves in the context, given its outputs."""
        if self.output_mapping is None:
            return dict(outputs)
        return {key: outputs[name] for key, name in self.output_mapping.items() if name in outputs}


Around = Callable[[Step, tuple[Any, ...]], Generator[None, Outputs, Outputs]]
"""A service: a generator function over (step, resolved values) that yields once for the step to run.

It receives the step's outputs where it yields, or the exception that the step raised, and returns the outputs that the
flow goes on with. To answer in place of the step it returns without yielding. Written once, it serves both lanes.
"""


def wrapped(
    steps: Sequence[Step], functions: tuple[StepFunction, ...], services: Sequence[Around]
) -> tuple[StepFunction, ...]:
    """Step functions of the sync lane with services around them, the first innermost."""
    for around in services:
        functions = tuple(_around(around, step, run) for step, run in zip(steps, functions, strict=True))
    return functions


def wrapped_async(
    steps: Sequence[Step], functions: tuple[StepFunctionAsync, ...], services: Sequence[Around]
) -> tuple[StepFunctionAsync, ...]:
    """Step functions of the async lane with services around them, the first innermost."""
    for around in services:
        functions = tuple(_around_async(around, step, run) for step, run in zip(steps, functions, strict=True))
    return functions


def _around(around: Around, step: Step, function: StepFunction) -> StepFunction:
    def call(*values: Any) -> Outputs:
        service = around(step, values)
        answer = _begin(service)
        if answer is not None:
            return answer
        try:
            outputs = function(*values)
        except BaseException as error:
            return _raised(service, error)
        return _end(service, outputs)

    return call


def _around_async(around: Around, step: Step, function: StepFunctionAsync) -> StepFunctionAsync:
    async def call(*values: Any) -> Outputs:
        service = around(step, values)
        answer = _begin(service)
        if answer is not None:
            return answer
        try:
            outputs = await function(*values)
        except BaseException as error:
            return _raised(service, error)
        return _end(service, outputs)

    return call


_Service = Generator[None, Outputs, Outputs]


def _begin(service: _Service) -> Outputs | None:
    """Run a service up to the step; its answer if it gives one itself."""
    try:
        next(service)
    except StopIteration as stop:
        return _outputs_of(stop)
    return None


def _end(service: _Service, outputs: Outputs) -> Outputs:
    try:
        service.send(outputs)
    except StopIteration as stop:
        return _outputs_of(stop)
    raise RuntimeError("a service yielded twice around one step")


def _raised(service: _Service, error: BaseException) -> Outputs:
    try:
        service.throw(error)
    except StopIteration as stop:
        return _outputs_of(stop)
    raise RuntimeError("a service yielded twice around one step")


def _outputs_of(stop: StopIteration) -> Outputs:
    if not isinstance(stop.value, dict):
        raise TypeError(f"a service must return the step's outputs, not {type(stop.value).__name__}")
    return stop.value
