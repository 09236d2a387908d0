"""The record of one step of a run, and the shape of a whole result, as Pydantic models."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cwc.runtime.errors import error_code_of
from cwc.runtime.results import TRACE_SCHEMA_VERSION, ExecutionResult


class ApprovalRecord(BaseModel):
    """How a call that needed approval was decided. cwc makes none; traces of ChainWeaver may hold them."""

    model_config = ConfigDict(frozen=True)

    decision: Literal["approve", "deny"]
    reason: str | None = None


class DecisionRecord(BaseModel):
    """How a decision callback chose a step's tool among its candidates.

    ``duration_ms`` is the time that the callback took. ``timed_out`` says that it took too long, so that ``chosen`` is
    the default.
    """

    model_config = ConfigDict(frozen=True)

    candidates: list[str]
    chosen: str
    default_tool_name: str
    duration_ms: float
    timed_out: bool = False


class StepRecord(BaseModel):
    """What one step of a run did.

    * ``step_index`` is the step's position. A failed check of the flow's input is recorded at -1, one of its output or
      context at the number of steps; ``tool_name`` is then the flow's name.
    * ``inputs`` are the resolved inputs before validation. ``outputs`` are the validated outputs, empty for a skipped
      step and None for a failed one.
    * ``error_type``, ``error_code`` and ``error_message`` tell of the error, also of one that was skipped; the code
      follows from the type, and is None for classes that are not cwc's.
    * ``started_at`` and ``ended_at`` are in UTC, ``duration_ms`` is the time between them.
    * ``retry_count`` is the number of calls after the first; ``retry_errors`` are the texts of all calls that failed.
    * ``skipped`` is set for a step that a branch passed by, or that failed and may be; ``success`` is then True.
    * ``cached`` says that the outputs are from a step cache. ``fallback_used`` says that ``fallback_tool_name`` was
      called in place of ``tool_name``, which had failed.
    * ``flow_name`` and ``sub_result`` are set for a step that ran another flow.
    * ``approval`` and ``decision`` are set for a step that was gated or decided by a callback.
    """

    # Built on first use: most runs are never looked into.
    model_config = ConfigDict(defer_build=True)

    step_index: int
    tool_name: str
    inputs: dict[str, Any]
    outputs: dict[str, Any] | None = None
    error_type: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    success: bool = True
    started_at: datetime
    ended_at: datetime
    duration_ms: float
    retry_count: int = 0
    retry_errors: list[str] = Field(default_factory=list)
    skipped: bool = False
    cached: bool = False
    fallback_used: bool = False
    fallback_tool_name: str | None = None
    flow_name: str | None = None
    sub_result: ExecutionResult[Any] | None = None
    approval: ApprovalRecord | None = None
    decision: DecisionRecord | None = None

    @model_validator(mode="after")
    def _add_code(self) -> Self:
        if self.error_code is None and self.error_type is not None:
            self.error_code = error_code_of(self.error_type)
        return self


class ResultShape(BaseModel):
    """A result as it is dumped. Its fields are the attributes of `ExecutionResult`, where they are described."""

    model_config = ConfigDict(defer_build=True)

    trace_schema_version: str = TRACE_SCHEMA_VERSION
    flow_name: str
    flow_version: str
    success: bool
    final_output: dict[str, Any] | None
    execution_log: list[StepRecord] = []
    trace_id: str
    started_at: datetime
    ended_at: datetime
    total_duration_ms: float
    cost_report: dict[str, Any] | None = None
    initial_input: dict[str, Any] = {}
    dry_run: bool = False
