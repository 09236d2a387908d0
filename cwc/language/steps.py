"""Steps as flow files write them, with the rules that hold inside one step."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from cwc.diagnostics.model import define
from cwc.language.mistakes import OUT_OF_RANGE
from cwc.language.rules import ClassReference, ClassReferences, Texts, refuse
from cwc.syntax.quoting import quoted

EMPTY_NAME = define("CWC110", "empty_name", "error", "A step names its tool or flow by an empty text")
TOOL_OR_FLOW = define("CWC111", "tool_or_flow", "error", "A step runs one tool or one flow: not both, not neither")
BAD_ON_ERROR = define("CWC112", "invalid_on_error", "error", "An on_error setting is none of those there are")
BAD_CANDIDATES = define("CWC113", "invalid_decision_candidates", "error", "Decision candidates do not fit their step")
MISPLACED = define("CWC115", "misplaced_field", "error", "A field does not go with the other fields of its step")

FALLBACK = "fallback:"


class Retry(BaseModel):
    """How often a failed call is tried again, and how long to wait (seconds, times a factor after each retry)."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    max_retries: int = Field(default=3, ge=0)
    backoff_seconds: float = Field(default=1.0, ge=0.0)
    backoff_multiplier: float = Field(default=2.0, ge=1.0)
    jitter: bool = False
    retryable_errors: ClassReferences = ("builtins:Exception",)

    @field_validator("retryable_errors")
    @classmethod
    def _check_errors(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise refuse(OUT_OF_RANGE, "'retryable_errors' must not be empty")
        return value


class Branch(BaseModel):
    """A condition on the context, and the step that runs where it is the first to hold."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    target_step_id: str
    predicate: str


class Step(BaseModel):
    """One step of a linear flow: a tool or another flow, where its inputs come from and where its outputs go."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    tool_name: str | None = None
    flow_name: str | None = None
    input_mapping: dict[str, object] = Field(default_factory=dict)
    output_mapping: dict[str, str] | None = None
    retry: Retry | None = None
    on_error: str = "fail"
    decision_candidates: Texts | None = None
    input_contract: ClassReference | None = None
    output_contract: ClassReference | None = None

    @field_validator("tool_name", "flow_name")
    @classmethod
    def _check_name(cls, value: str | None) -> str | None:
        if value == "":
            raise refuse(EMPTY_NAME, "the name is empty")
        return value

    @field_validator("on_error")
    @classmethod
    def _check_on_error(cls, value: str) -> str:
        if value in ("fail", "skip") or (value.startswith(FALLBACK) and value != FALLBACK):
            return value
        message = f"'on_error' cannot be {quoted(value)}"
        raise refuse(BAD_ON_ERROR, message, help="write 'fail', 'skip' or 'fallback:' and the name of a tool")

    @field_validator("decision_candidates")
    @classmethod
    def _check_candidates(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is None or (value and len(set(value)) == len(value)):
            return value
        raise refuse(BAD_CANDIDATES, "a candidate is listed twice" if value else "the list of candidates is empty")

    @model_validator(mode="after")
    def _check_target(self) -> Step:
        if self.tool_name is not None and self.flow_name is not None:
            message = "a step runs a tool or a flow, and this one names both"
            raise refuse(TOOL_OR_FLOW, message, at=("flow_name",), involves=("tool_name",))
        if self.tool_name is None and self.flow_name is None:
            message = "the step names neither a tool nor a flow"
            help = "add `tool_name: <a tool>` or `flow_name: <a flow>`"
            raise refuse(TOOL_OR_FLOW, message, involves=("tool_name", "flow_name"), help=help)
        return self

    @model_validator(mode="after")
    def _check_decision(self) -> Step:
        if self.decision_candidates is None:
            return self
        at = ("decision_candidates",)
        if self.flow_name is not None:
            message = "a step that runs a flow has no tool to decide on"
            raise refuse(BAD_CANDIDATES, message, at=at, involves=("flow_name",))
        if self.tool_name not in self.decision_candidates:
            message = f"the candidates leave out {quoted(self.tool_name)}, the step's own tool"
            help = "the step's own tool runs where nobody decides, so it is always a candidate"
            raise refuse(BAD_CANDIDATES, message, at=at, involves=("tool_name",), help=help)
        return self


class DAGStep(Step):
    """One step of a DAG flow: it runs once the steps that it depends on have run."""

    step_id: str
    depends_on: Texts = ()
    step_type: Literal["tool", "capability"] = "tool"
    capability_id: str | None = None
    branches: tuple[Branch, ...] = ()
    default_next: str | None = None

    @model_validator(mode="after")
    def _check_capability(self) -> DAGStep:
        if self.step_type == "tool" and self.capability_id is not None:
            message = "only a step of type 'capability' has a 'capability_id'"
            raise refuse(MISPLACED, message, at=("capability_id",), involves=("step_type",))
        if self.step_type == "capability" and self.branches:
            message = "a step of type 'capability' has no branches"
            raise refuse(MISPLACED, message, at=("branches",), involves=("step_type",))
        return self

    @model_validator(mode="after")
    def _check_default(self) -> DAGStep:
        if self.default_next is not None and not self.branches:
            message = "'default_next' is where no branch holds, and this step has no branches"
            raise refuse(MISPLACED, message, at=("default_next",), involves=("branches",))
        return self
