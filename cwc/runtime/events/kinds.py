"""What a run tells of itself while it runs.

The order (SEMANTICS B 17, A 14): `FlowStart`; for each step `StepStart` once its inputs are resolved, a `StepChunk` for
each chunk of a tool that streams, `StepEnd`; `FlowEnd`, whatever happens. A step whose inputs could not be resolved, or
whose tool could not be decided on, has an end and no start; one that a branch passed by, or that runs a flow and whose
inputs could not be resolved, has neither. A flow that a step runs tells of itself between that step's start and end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from cwc.runtime.records import StepRecord
    from cwc.runtime.results import ExecutionResult
    from cwc.runtime.tools.chunks import ToolChunk


@dataclass(frozen=True, slots=True)
class FlowEvent:
    """What all events have: the run, as its trace id, its flow, and when it was (as ``time.time_ns()``).

    ``run_id`` is the trace id of the outermost run. ``path`` is empty for that; of a run inside of it, it is the name
    of the step that it runs in: ``0:child``. The values in an event are those of the run: they are to be read, not to
    be changed. Inputs that a field of a secret type takes are wrapped in that type, so that they do not show.
    """

    kind: ClassVar[str] = ""

    run_id: str
    trace_id: str
    flow_name: str
    path: str
    time_ns: int

    @property
    def timestamp(self) -> datetime:
        """When it was, in UTC."""
        return datetime.fromtimestamp(self.time_ns / 1e9, UTC)

    @property
    def started_at(self) -> datetime:
        """As ``timestamp``, by the name that it has in ChainWeaver's hooks."""
        return self.timestamp


@dataclass(frozen=True, slots=True)
class FlowStart(FlowEvent):
    """A run begins."""

    kind: ClassVar[str] = "flow_start"

    flow_version: str
    initial_input: dict[str, Any]
    total_steps: int


@dataclass(frozen=True, slots=True)
class StepEvent(FlowEvent):
    """What events of steps have: the step's index in its flow, its tool or flow, and its name in the outermost run."""

    step_index: int
    tool_name: str
    name: str


@dataclass(frozen=True, slots=True)
class StepStart(StepEvent):
    """A step begins, with these inputs, which are not validated yet."""

    kind: ClassVar[str] = "step_start"

    inputs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StepChunk(StepEvent):
    """A tool that streams has given a part, or all, of its output. Of a step that is tried again chunks come again."""

    kind: ClassVar[str] = "step_chunk"

    chunk: ToolChunk


@dataclass(frozen=True, slots=True)
class StepEnd(StepEvent):
    """A step has ended, well or not; this is its record."""

    kind: ClassVar[str] = "step_end"

    record: StepRecord

    @property
    def step_record(self) -> StepRecord:
        """As ``record``, by the name that it has in ChainWeaver."""
        return self.record


@dataclass(frozen=True, slots=True)
class FlowEnd(FlowEvent):
    """A run has ended. Of a run that raises, or that was cancelled, ``result`` holds what it had come to."""

    kind: ClassVar[str] = "flow_end"

    result: ExecutionResult[Any]
