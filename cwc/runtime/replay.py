"""Records of a run, built when somebody reads them: the context is grown again from what the steps returned."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cwc.runtime.errors import error_code_of
from cwc.runtime.failures import Failure
from cwc.runtime.lookups import at_pointer
from cwc.runtime.records import StepRecord
from cwc.runtime.steps import Constant, Key, Outputs, Step, Told


@dataclass(frozen=True, slots=True)
class Trace:
    """What a run leaves for its records: the context it began with, each step's outputs and the clock at its end."""

    context: Outputs
    steps: tuple[Any, ...]
    failure: Failure | None = None


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
    records = []
    for step, outputs, ended in zip(steps, trace.steps[::2], trace.steps[1::2], strict=False):
        facts = outputs.facts if isinstance(outputs, Told) else {}
        records.append(
            _record(step.index, step.tool_name, _inputs(step, context), clock, began, ended, dict(outputs), facts)
        )
        context.update(step.merged(outputs))
        began = ended
    if trace.failure is not None and not trace.failure.raised:
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
        name, inputs = step.tool_name, _inputs(step, context) if failure.resolved else {}
    else:
        name, inputs = flow_name, context
    kind = type(failure.error).__name__
    facts = {
        "success": False,
        "error_type": kind,
        "error_code": error_code_of(kind),
        "error_message": str(failure.error),
        **failure.facts,
    }
    return _record(failure.index, name, inputs, clock, began, end, None, facts)


def _record(
    index: int,
    name: str,
    inputs: Outputs,
    clock: Clock,
    began: int,
    ended: int,
    outputs: Outputs | None,
    facts: Mapping[str, Any],
) -> StepRecord:
    return StepRecord(
        step_index=index,
        tool_name=name,
        inputs=inputs,
        outputs=outputs,
        started_at=clock.at(began),
        ended_at=clock.at(ended),
        duration_ms=(ended - began) / 1e6,
        **facts,
    )
