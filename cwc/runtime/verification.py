"""Running a recorded run again, to see whether its flow and tools still give what they gave."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Unpack

from pydantic_core import PydanticSerializationError, from_json, to_json

from cwc.runtime.decisions.policy import DecisionCallback, DecisionContext
from cwc.runtime.options import AsyncOptions, Options
from cwc.runtime.records import StepRecord
from cwc.runtime.results import ExecutionResult

Recorded = ExecutionResult[Any] | Mapping[str, Any] | str | bytes
"""A result, what `ExecutionResult.model_dump` gives of it, or its JSON."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that came out otherwise.

    ``step`` is the record's index and its tool's name, behind those of the steps that ran its flow
    (``1:child/0:double``), or empty for the whole run. ``field`` is one of the record or result, ``pointer`` leads on
    into it (RFC 6901). The values are JSON, and None where there is nothing.
    """

    step: str
    field: str
    pointer: str
    recorded: Any
    replayed: Any

    def __str__(self) -> str:
        place = f"{self.step or 'the run'}: {self.field}{self.pointer}"
        return f"{place} was {self.recorded!r}, and is {self.replayed!r}"


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of running a recorded run again. ``differences`` stand in the order of the steps."""

    result: ExecutionResult[Any]
    differences: tuple[Difference, ...]

    @property
    def matches(self) -> bool:
        return not self.differences


class Runs(Protocol):
    """A flow, or a generated module."""

    def run(self, initial_input: Mapping[str, Any], **options: Unpack[Options]) -> ExecutionResult[Any]: ...


class RunsAsync(Protocol):
    """As `Runs`, on the async lane."""

    async def run_async(
        self, initial_input: Mapping[str, Any], **options: Unpack[AsyncOptions]
    ) -> ExecutionResult[Any]: ...


def verify(flow: Runs, recorded: Recorded, **options: Unpack[Options]) -> Verification:
    """Run a recorded run again on the sync lane, with its input and its decisions, and compare.

    ``options`` are those of `Flow.run`; a result does not say which dynamic parameters it was run with. No cache is
    asked. Times, and how often calls were tried, are not compared. Raises what the flow raises, and
    pydantic.ValidationError for what is no result.
    """
    before = _result_of(recorded)
    settings = Options(**options)
    settings.update({"cache": None, "decision_callback": _decider(before, options.get("decision_callback"))})
    return _verified(before, flow.run(before.initial_input, **settings))


async def verify_async(flow: RunsAsync, recorded: Recorded, **options: Unpack[AsyncOptions]) -> Verification:
    """As `verify`, on the async lane."""
    before = _result_of(recorded)
    settings = AsyncOptions(**options)
    settings.update({"cache": None, "decision_callback": _decider(before, options.get("decision_callback"))})
    return _verified(before, await flow.run_async(before.initial_input, **settings))


def _result_of(recorded: Recorded) -> ExecutionResult[Any]:
    if isinstance(recorded, str | bytes):
        return ExecutionResult.model_validate_json(recorded)
    return ExecutionResult.model_validate(recorded)


def _decider(before: ExecutionResult[Any], given: DecisionCallback | None) -> DecisionCallback | None:
    """Who decides: the caller if he wants to, or else what was decided before."""
    decided = dict(_decisions(before))
    if given is not None or not decided:
        return given

    def decide(question: DecisionContext) -> str:
        return decided.get((question.flow_name, question.step_index), question.default_tool_name)

    return decide


def _decisions(result: ExecutionResult[Any]) -> Iterator[tuple[tuple[str, int], str]]:
    for record in result.execution_log:
        if record.decision is not None:
            yield (result.flow_name, record.step_index), record.decision.chosen
        if record.sub_result is not None:
            yield from _decisions(record.sub_result)


def _verified(before: ExecutionResult[Any], after: ExecutionResult[Any]) -> Verification:
    return Verification(after, tuple(_differences("", before, after)))


_COMPARED = (
    "tool_name", "flow_name", "inputs", "success", "skipped", "error_type", "fallback_used", "fallback_tool_name",
    "outputs",
)  # fmt: skip


def _differences(path: str, before: ExecutionResult[Any], after: ExecutionResult[Any]) -> Iterator[Difference]:
    """Of the steps in their order, then of the whole."""
    for old, new in itertools.zip_longest(before.execution_log, after.execution_log):
        known: StepRecord = new if old is None else old
        step = f"{path}{known.step_index}:{known.tool_name}"
        if old is None or new is None:
            yield Difference(step, "tool_name", "", old and old.tool_name, new and new.tool_name)
            continue
        for field in _COMPARED:
            yield from _compared(step, field, getattr(old, field), getattr(new, field))
        if old.sub_result is not None and new.sub_result is not None:
            yield from _differences(f"{step}/", old.sub_result, new.sub_result)
    whole = path.removesuffix("/")
    yield from _compared(whole, "success", before.success, after.success)
    yield from _compared(whole, "final_output", before.final_output, after.final_output)


def _compared(step: str, field: str, old: Any, new: Any) -> Iterator[Difference]:
    for pointer, one, other in _unequal("", _json(old), _json(new)):
        yield Difference(step, field, pointer, one, other)


def _unequal(pointer: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """The places where two JSON values differ, in the order of their keys, which says nothing."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            inner = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            if key in old and key in new:
                yield from _unequal(inner, old[key], new[key])
            else:
                yield inner, old.get(key), new.get(key)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _unequal(f"{pointer}/{index}", one, other)
    elif type(old) is not type(new) or old != new:
        yield pointer, old, new


def _json(value: Any) -> Any:
    """A value as its JSON has it, so that a result compares with what was loaded from a file."""
    try:
        return from_json(to_json(value, inf_nan_mode="null", fallback=repr))
    except (PydanticSerializationError, ValueError):
        return repr(value)
