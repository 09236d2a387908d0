"""Records of a run, built when somebody reads them: the context is grown again from what the steps returned."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from cwc.runtime.errors import error_code_of
from cwc.runtime.failures import Failure, Trace
from cwc.runtime.fast import stands_for
from cwc.runtime.lookups import at_pointer
from cwc.runtime.records import StepRecord
from cwc.runtime.steps import PASSED_BY, Constant, Key, Outputs, Step, Told


@dataclass(frozen=True, slots=True)
class Clock:
    """Turns readings of the run's clock into times. All in nanoseconds."""

    wall: int
    start: int

    def at(self, reading: int) -> datetime:
        return datetime.fromtimestamp((self.wall + reading - self.start) / 1e9, UTC)


def records_of(flow_name: str, steps: Sequence[Step], trace: Trace, clock: Clock, end: int) -> list[StepRecord]:
    """One record a step that ran, in order, and one for the failure of the flow's own checks if there was one."""
    context, began = dict(trace.context), clock.start
    records: list[StepRecord] = []
    merged: Outputs = {}
    level: int | None = None
    for step, outputs, clocks in zip(steps, trace.steps[::2], trace.steps[1::2], strict=False):
        if step.level is None or step.level != level:
            context.update(merged)
            merged, level = {}, step.level
        start, ended = clocks if isinstance(clocks, tuple) else (began, clocks)
        if outputs is PASSED_BY:
            records.append(validated_record(step, clock, ended, ended, {}, PASSED_BY.facts))
        else:
            records.append(step_record(step, outputs, _inputs(step, context), clock, start, ended))
        merged.update(step.merged(outputs))
        began = ended
    failing = trace.failure.index if trace.failure else -1
    if not 0 <= failing < len(steps) or steps[failing].level is None or steps[failing].level != level:
        context.update(merged)
    if trace.failure is not None and trace.failure.recorded:
        records.append(_failed(flow_name, steps, trace.failure, context, clock, began, end))
    return records


def _inputs(step: Step, context: Mapping[str, Any]) -> Outputs:
    if step.mapping is None:
        return dict(context)
    return {target: _input(source, context) for target, source in step.mapping.items()}


def _input(source: Key | Constant, context: Mapping[str, Any]) -> Any:
    if isinstance(source, Constant):
        return copy.deepcopy(source.value)
    return at_pointer(source.key, context[source.key], source.tokens)


def step_record(step: Step, outputs: Outputs, inputs: Outputs, clock: Clock, began: int, ended: int) -> StepRecord:
    """The record of a step that gave outputs. ``began`` and ``ended`` are readings of the run's clock."""
    if isinstance(outputs, Told):
        return validated_record(step, clock, began, ended, dict(outputs), {"inputs": inputs, **outputs.facts})
    if _are_plain(inputs) and _are_plain(outputs):
        return plain_record(step, clock, began, ended, outputs, inputs)
    return validated_record(step, clock, began, ended, dict(outputs), {"inputs": inputs})


def failed_record(step: Step, failure: Failure, inputs: Outputs, clock: Clock, began: int, ended: int) -> StepRecord:
    """The record of a step that failed."""
    kind = type(failure.error).__name__
    facts = {
        "success": False,
        "error_type": kind,
        "error_code": error_code_of(kind),
        "error_message": str(failure.error),
        "inputs": inputs,
        **failure.facts,
    }
    return validated_record(step, clock, began, ended, None, facts)


def _failed(
    flow_name: str,
    steps: Sequence[Step],
    failure: Failure,
    context: Outputs,
    clock: Clock,
    began: int,
    end: int,
) -> StepRecord:
    if 0 <= failure.index < len(steps):
        step = steps[failure.index]
        inputs = _inputs(step, context) if failure.resolved else {}
    else:
        step, inputs = Step(failure.index, "", flow_name, None, None, 0), context
    return failed_record(step, failure, inputs, clock, began, end)


def _are_plain(names: Mapping[str, Any]) -> bool:
    """Whether all keys are strings that validation takes as they are."""
    return type(names) is dict and _TEXT.issuperset(map(type, names)) and "".join(names).isascii()


_TEXT = frozenset({str})


@stands_for("validating the fields of a record")
def plain_record(
    step: Step, clock: Clock, began: int, ended: int, outputs: Outputs, inputs: Mapping[str, Any]
) -> StepRecord:
    """The record of a step that just succeeded, between mappings with plain keys: what the model makes of the same."""
    record = _new(StepRecord)
    fields = _BLANK.copy()
    fields["step_index"] = step.index
    fields["tool_name"] = step.tool_name
    fields["inputs"] = dict(inputs)
    fields["outputs"] = dict(outputs)
    fields["started_at"] = clock.at(began)
    fields["ended_at"] = clock.at(ended)
    fields["duration_ms"] = (ended - began) / 1e6
    fields["retry_errors"] = []
    fields["flow_name"] = step.flow_name
    _set(record, "__dict__", fields)
    _set(record, "__pydantic_fields_set__", set(_GIVEN))
    _set(record, "__pydantic_extra__", None)
    _set(record, "__pydantic_private__", None)
    return record


_new, _set = object.__new__, object.__setattr__
_BLANK: dict[str, Any] = {
    name: None if field.is_required() else field.default for name, field in StepRecord.model_fields.items()
}
_GIVEN = (
    "step_index", "tool_name", "flow_name", "outputs", "started_at", "ended_at", "duration_ms", "inputs",
)  # fmt: skip


def validated_record(
    step: Step, clock: Clock, began: int, ended: int, outputs: Outputs | None, facts: Mapping[str, Any]
) -> StepRecord:
    fields: dict[str, Any] = {
        "step_index": step.index,
        "tool_name": step.tool_name,
        "flow_name": step.flow_name,
        "outputs": outputs,
        "started_at": clock.at(began),
        "ended_at": clock.at(ended),
        "duration_ms": (ended - began) / 1e6,
        **facts,
    }
    try:
        return StepRecord(**fields)
    except ValidationError:
        if all(isinstance(key, str) for key in (*fields["inputs"], *(outputs or ()))):
            raise
        # A caller passed keys that are no strings, which runs take: records show them as they are, as results do.
        return StepRecord.model_construct(**fields)
