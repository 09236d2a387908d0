"""What went wrong in a run: which step it was, and as which error a caller sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import CodeType, FrameType, TracebackType
from typing import Any

from cwc.runtime.classify import call_error
from cwc.runtime.decisions.picks import Pick
from cwc.runtime.errors import (
    ContextKeyCollisionError,
    CwcError,
    FlowCancelledError,
    FlowExecutionError,
    InputMappingError,
    OutputMappingError,
    SchemaValidationError,
)
from cwc.runtime.predicates import predicate_error
from cwc.runtime.raised import (
    Abort,
    Collision,
    DecisionFailed,
    KeyMissing,
    OutputMissing,
    Siblings,
    StepFailed,
    Stopping,
    SubflowFailed,
)
from cwc.runtime.steps import Outputs, Step


class Failure:
    """A failed run's last record: the step (−1 and ``len(steps)`` are the flow's own checks), its error, its inputs.

    ``resolved``: the step's inputs were read before it failed. ``facts`` are further fields of the record. ``raised``:
    the error leaves the run instead of ending in a result; it is then on record only if ``recorded``.
    """

    __slots__ = ("error", "facts", "index", "raised", "recorded", "resolved")

    def __init__(
        self,
        index: int,
        error: CwcError,
        resolved: bool = False,
        facts: Mapping[str, Any] | None = None,
        raised: bool = False,
        recorded: bool = True,
    ) -> None:
        self.index, self.error, self.resolved, self.facts = index, error, resolved, facts or {}
        self.raised, self.recorded = raised, recorded


class Trace:
    """What a run leaves for its records: the context it began with, each step's outputs and the clock at its end."""

    __slots__ = ("context", "failure", "steps")

    def __init__(self, context: Outputs, steps: tuple[Any, ...], failure: Failure | None = None) -> None:
        self.context, self.steps, self.failure = context, steps, failure


class Stopped:
    """Where a body stopped: what its steps left, the step it was in, and what it was doing.

    ``phase`` is that of the line (``inputs``, ``call``, ``outputs``, …), or ``lacking`` where a tool gave an instance
    of its model without a field of it, which nothing validates.
    """

    __slots__ = ("index", "phase", "pick", "steps")

    def __init__(self, steps: tuple[Any, ...], index: int, phase: str, pick: Pick | None = None) -> None:
        self.steps, self.index, self.phase, self.pick = steps, index, phase, pick


_AFTER = frozenset({"outputs", "merge"})
"""The phases in which the step itself has come to its end."""


def stopped_in(error: BaseException, code: CodeType, lines: Mapping[int, tuple[int, str]]) -> Stopped:
    """Find where a body was when ``error`` left it.

    ``code`` is the body's, ``lines`` its table from line (counted from its ``def``) to step and phase. Raises
    LookupError if the error did not pass through the body.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code is not code:
        trace = trace.tb_next
    if trace is None:
        raise LookupError("the error did not come from the flow's body")
    index, phase = lines[trace.tb_lineno - code.co_firstlineno]
    if phase == "outputs" and isinstance(error, KeyError):
        phase = "lacking"
    ended = index + 1 if phase in _AFTER else index
    return Stopped(_finished_steps(trace.tb_frame, ended), index, phase, _pick_of(trace, index))


def before_level(stopped: Stopped, steps: Sequence[Step]) -> Stopped:
    """Where a body stopped that was to stop before a level: at the first step of it, whichever was asked first."""
    level = steps[stopped.index].level
    first = stopped.index if level is None else next(step.index for step in steps if step.level == level)
    return Stopped(stopped.steps[: 2 * first], first, stopped.phase, stopped.pick)


def _finished_steps(frame: FrameType, count: int) -> tuple[Any, ...]:
    found = frame.f_locals
    return tuple(found[name] for index in range(count) for name in (f"out_{index}", f"end_{index}"))


def _pick_of(trace: TracebackType | None, index: int) -> Pick | None:
    """What was decided for a step, by the body or by a coroutine of it, wherever the step is run from."""
    while trace is not None:
        pick = trace.tb_frame.f_locals.get(f"pick_{index}")
        if isinstance(pick, Pick):
            return pick
        trace = trace.tb_next
    return None


def failure_of(error: Exception, flow_name: str, step: Step, stopped: Stopped) -> Failure:
    """The failure that an exception means, by what the body was doing when it came.

    Raises the exception again where no step can be its cause: generated code or the runtime are wrong.
    """
    index, phase = step.index, stopped.phase
    pick = stopped.pick
    tool = step.tool_name if pick is None else pick.tool
    chosen = {} if pick is None else pick.facts()
    match error:
        case Stopping():
            return _cancelled(flow_name, index, error)
        case Abort(error=FlowCancelledError() as inner):
            return _cancelled_inside(flow_name, index, inner)
        case Abort():
            return Failure(index, error.error, resolved=True, raised=True, recorded=False)
        case KeyMissing(args=(key,)) if phase in ("inputs", "call"):
            return Failure(index, InputMappingError(tool, index, key), facts=chosen)
        case OutputMissing(args=(key, available)) if phase == "outputs":
            return Failure(index, OutputMappingError(tool, index, key, available), raised=True, recorded=False)
        case Collision(args=(number, name, keys)) if phase == "merge":
            return Failure(index, ContextKeyCollisionError(flow_name, number, name, keys), raised=True, recorded=False)
        case KeyError(args=(key,)) if phase == "lacking":
            said = f"its output has no {key!r}, which its model declares"
            return Failure(index, FlowExecutionError(tool, index, said), resolved=True, facts=chosen)
        case Siblings(args=(keys,)) if phase == "siblings":
            said = f"a step of the same level has written {', '.join(map(repr, keys))}"
            return Failure(index, FlowExecutionError(tool, index, said), resolved=True, facts={"flow_name": None})
        case _ if phase.startswith("branch_"):
            predicate = step.predicates[int(phase.removeprefix("branch_"))]
            return Failure(index, predicate_error(predicate, error), resolved=True, facts={"flow_name": None})
        case DecisionFailed() if phase in ("decision", "call"):
            return Failure(index, error.error)
        case SubflowFailed(args=(result,)) if phase == "call":
            said = f"the flow it ran failed: {result.failure}"
            return Failure(
                index, FlowExecutionError(step.tool_name, index, said), resolved=True, facts={"sub_result": result}
            )
        case StepFailed() if phase == "call":
            if isinstance(error.error, SchemaValidationError) and error.error.context != "tool":
                # Contracts are the step's, whatever tool was chosen.
                error.error.tool_name = tool
            return Failure(index, error.error, resolved=True, facts={**error.facts, **chosen})
        case _ if phase == "call":
            facts = {"retry_errors": [str(error)], **chosen}
            return Failure(index, call_error(error, tool, index), resolved=True, facts=facts)
        case _:
            raise error


def _cancelled(flow_name: str, index: int, why: Stopping) -> Failure:
    error = FlowCancelledError(
        flow_name, index, deadline_exceeded=why.deadline_exceeded, token_cancelled=why.token_cancelled
    )
    return Failure(index, error, raised=True, recorded=False)


def _cancelled_inside(flow_name: str, index: int, inner: FlowCancelledError) -> Failure:
    """The run around a flow that was stopped stops at the step that ran it, which is on record with what it had."""
    error = FlowCancelledError(
        flow_name, index, deadline_exceeded=inner.deadline_exceeded, token_cancelled=inner.token_cancelled
    )
    facts = {"sub_result": inner.partial_result, "error_message": str(inner)}
    return Failure(index, error, facts=facts, raised=True)
