"""Who chooses a step's tool while the flow runs: the callback, its limits, and what is recorded of it."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from cwc.runtime.decisions.picks import Pick
from cwc.runtime.errors import (
    DecisionBudgetExceededError,
    DecisionCallbackError,
    DecisionTimeoutError,
    ToolTimeoutError,
)
from cwc.runtime.raised import Abort, DecisionFailed
from cwc.runtime.scope import Scope
from cwc.runtime.steps import Outputs
from cwc.runtime.waiting.waits import within


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


def chosen(scope: Scope, pick: Pick, context: Outputs, recorded: Mapping[str, Any] | None) -> Pick:
    """What is chosen for a step, now or, if that is ``recorded``, before; raises as `deciding.decide`."""
    if scope.stops is not None:
        scope.stops.check(pick.index)
    policy: DecisionPolicy = scope.decision_policy or _UNLIMITED
    budget = policy.max_decisions_per_flow
    scope.decisions += 1
    if budget is not None and scope.decisions > budget:
        raise Abort(DecisionBudgetExceededError(scope.flow_name, budget))
    if recorded is not None:
        return pick.made(**recorded)
    start = time.perf_counter()
    try:
        answer, timed_out = _ask(scope, pick, context, policy.timeout_s), False
    except ToolTimeoutError as error:
        if policy.on_timeout == "error":
            seconds = policy.timeout_s or 0.0
            raise DecisionFailed(DecisionTimeoutError(pick.default, pick.index, seconds)) from error
        answer, timed_out = pick.default, True
    duration_ms = (time.perf_counter() - start) * 1000
    decision: Outputs = {"chosen": answer, "duration_ms": duration_ms, "timed_out": timed_out}
    services = scope.services
    if services is not None and services.journal is not None:
        services.journal.record_decision(services.path, scope.flow_name, pick.index, decision)
    return pick.made(**decision)


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
    if inspect.isawaitable(answer):
        if inspect.iscoroutine(answer):
            answer.close()
        raise DecisionFailed(_failed(pick, "its answer has to be awaited, which no lane does; write a plain function"))
    if answer not in pick.candidates:
        known = ", ".join(map(repr, pick.candidates))
        raise DecisionFailed(_failed(pick, f"it chose {answer!r}, and the candidates are {known}"))
    return str(answer)


def _failed(pick: Pick, detail: str) -> DecisionCallbackError:
    return DecisionCallbackError(pick.default, pick.index, detail)


_UNLIMITED = DecisionPolicy()
