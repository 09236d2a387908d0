"""Choosing a step's tool while the flow runs: the callback that chooses, its limits, and what is recorded of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from cwc.runtime.calls import within
from cwc.runtime.errors import (
    CwcError,
    DecisionBudgetExceededError,
    DecisionCallbackError,
    DecisionTimeoutError,
    ToolTimeoutError,
)
from cwc.runtime.scope import SCOPE, Abort, Scope
from cwc.runtime.steps import Outputs, Told

if TYPE_CHECKING:
    from cwc.runtime.attempts import Policy
    from cwc.runtime.records import DecisionRecord


class DecisionContext(BaseModel):
    """What a decision callback is told: the run, the step, the tools that it can choose, and a copy of the context."""

    model_config = ConfigDict(frozen=True)

    trace_id: str
    flow_name: str
    step_index: int
    step_id: str | None
    default_tool_name: str
    candidates: list[str]
    context: dict[str, Any]


class DecisionPolicy(BaseModel):
    """Limits of decisions.

    ``timeout_s`` is how many seconds a callback may take, ``max_decisions_per_flow`` how many decisions one run may
    make, those of the flows that it runs not counted. ``on_timeout`` is ``error``, or ``default`` to go on with the
    step's own tool. None: no limit.
    """

    model_config = ConfigDict(frozen=True)

    timeout_s: float | None = Field(default=None, gt=0)
    max_decisions_per_flow: int | None = Field(default=None, ge=1)
    on_timeout: Literal["error", "default"] = "error"


class Decider(Protocol):
    """A decision callback as an object."""

    def decide(self, ctx: DecisionContext, /) -> str: ...


DecisionCallback = Decider | Callable[[DecisionContext], str]


class DecisionFailed(Exception):
    """A decision could not be made; becomes the error of its step, which has not begun."""

    def __init__(self, error: CwcError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True, slots=True)
class Pick:
    """The tool that a step calls: its own, ``default``, or the one of its ``candidates`` that was chosen."""

    index: int
    step_id: str | None
    default: str
    candidates: tuple[str, ...]
    chosen: str | None = None
    duration_ms: float = 0.0
    timed_out: bool = False

    @property
    def tool(self) -> str:
        return self.default if self.chosen is None else self.chosen

    def facts(self) -> dict[str, Any]:
        """Fields of the step's record."""
        if self.chosen is None:
            return {}
        return {"tool_name": self.chosen, "decision": self._record()}

    def _record(self) -> DecisionRecord:
        from cwc.runtime.records import DecisionRecord

        return DecisionRecord(
            candidates=list(self.candidates),
            chosen=self.tool,
            default_tool_name=self.default,
            duration_ms=self.duration_ms,
            timed_out=self.timed_out,
        )


def pick_in(values: tuple[Any, ...]) -> Pick | None:
    """What was decided for a step, given the resolved values that its function takes; None where nothing was."""
    return values[0] if values and isinstance(values[0], Pick) else None


def decides() -> bool:
    """Whether this run has somebody who decides, or had before it was gone on with."""
    scope = SCOPE.get()
    if scope.decision_callback is not None:
        return True
    services = scope.services
    return services is not None and services.journal is not None and services.journal.has_decisions(services.path)


def decide(pick: Pick, context: Outputs) -> Pick:
    """Ask the run's callback for the tool of a step, unless that is recorded already.

    Raises DecisionFailed, Stopping, and Abort with DecisionBudgetExceededError (SEMANTICS B 13) or what recording it
    raises.
    """
    scope = SCOPE.get()
    services = scope.services
    journal = None if services is None else services.journal
    path = "" if services is None else services.path
    recorded = None if journal is None else journal.decision(path, pick.index)
    if recorded is None and scope.decision_callback is None:
        return pick
    if services is not None and services.stops is not None:
        services.stops.check(pick.index)
    policy: DecisionPolicy = scope.decision_policy or _UNLIMITED
    budget = policy.max_decisions_per_flow
    scope.decisions += 1
    if budget is not None and scope.decisions > budget:
        raise Abort(DecisionBudgetExceededError(scope.flow_name, budget))
    if recorded is not None:
        return replace(pick, **recorded)
    start = time.perf_counter()
    try:
        chosen, timed_out = _ask(scope, pick, context, policy.timeout_s), False
    except ToolTimeoutError as error:
        if policy.on_timeout == "error":
            seconds = policy.timeout_s or 0.0
            raise DecisionFailed(DecisionTimeoutError(pick.default, pick.index, seconds)) from error
        chosen, timed_out = pick.default, True
    duration_ms = (time.perf_counter() - start) * 1000
    decision: Outputs = {"chosen": chosen, "duration_ms": duration_ms, "timed_out": timed_out}
    if journal is not None:
        journal.record_decision(path, scope.flow_name, pick.index, decision)
    return replace(pick, **decision)


def _ask(scope: Scope, pick: Pick, context: Outputs, timeout: float | None) -> str:
    callback = scope.decision_callback
    assert callback is not None
    question = DecisionContext(
        trace_id=scope.trace_id or "",
        flow_name=scope.flow_name,
        step_index=pick.index,
        step_id=pick.step_id,
        default_tool_name=pick.default,
        candidates=list(pick.candidates),
        context=context,
    )
    ask = getattr(callback, "decide", callback)
    name = f"decision {pick.index}"
    try:
        answer = ask(question) if timeout is None else within(name, timeout, ask, question)
    except ToolTimeoutError as error:
        if timeout is not None and error.tool_name == name:
            raise
        raise DecisionFailed(_failed(pick, f"it raised {type(error).__name__}: {error}")) from error
    except Exception as error:
        raise DecisionFailed(_failed(pick, f"it raised {type(error).__name__}: {error}")) from error
    if answer not in pick.candidates:
        known = ", ".join(map(repr, pick.candidates))
        raise DecisionFailed(_failed(pick, f"it chose {answer!r}, and the candidates are {known}"))
    return str(answer)


def _failed(pick: Pick, detail: str) -> DecisionCallbackError:
    return DecisionCallbackError(pick.default, pick.index, detail)


def decided(pick: Pick, outputs: Outputs) -> Outputs:
    """Outputs of a step whose tool was decided on."""
    if pick.chosen is None:
        return outputs
    facts = outputs.facts if isinstance(outputs, Told) else {}
    return Told(outputs, **facts, **pick.facts())


def policy_of(policy: Policy, pick: Pick) -> Policy:
    """A step's policy, for the tool that was chosen."""
    return policy if pick.chosen is None else replace(policy, tool_name=pick.tool)


_UNLIMITED = DecisionPolicy()
