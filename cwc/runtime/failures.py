"""What went wrong in a run: which step it was, and as which error a caller sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

from cwc.runtime.attempts import StepFailed
from cwc.runtime.classify import call_error
from cwc.runtime.errors import ContextKeyCollisionError, CwcError, InputMappingError, OutputMappingError
from cwc.runtime.lookups import Collision, KeyMissing, OutputMissing
from cwc.runtime.steps import Step


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed run's last record: the step (−1 and ``len(steps)`` are the flow's own checks), its error, its inputs.

    ``resolved``: the step's inputs were read before it failed. ``facts`` are further fields of the record. ``raised``:
    the error leaves the run instead of ending in a result.
    """

    index: int
    error: CwcError
    resolved: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    raised: bool = False


@dataclass(frozen=True, slots=True)
class Stopped:
    """Where a body stopped: what its steps left, the step it was in, and what it was doing (inputs, call, outputs)."""

    steps: tuple[Any, ...]
    index: int
    phase: str


def stopped_in(error: BaseException, code: CodeType, lines: Mapping[int, tuple[int, str]], count: int) -> Stopped:
    """Find where a body was when ``error`` left it.

    ``code`` is the body's, ``lines`` its table from line (counted from its ``def``) to step and phase, ``count`` the
    number of steps. Raises LookupError if the error did not pass through the body.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code is not code:
        trace = trace.tb_next
    if trace is None:
        raise LookupError("the error did not come from the flow's body")
    index, phase = lines[trace.tb_lineno - code.co_firstlineno]
    return Stopped(_finished_steps(trace.tb_frame, count), index, phase)


def _finished_steps(frame: FrameType, count: int) -> tuple[Any, ...]:
    found = frame.f_locals
    steps: list[Any] = []
    for index in range(count):
        if f"end_{index}" not in found:
            break
        steps += (found[f"out_{index}"], found[f"end_{index}"])
    return tuple(steps)


def failure_of(error: Exception, flow_name: str, step: Step, phase: str) -> Failure:
    """The failure that an exception means, by what the body was doing when it came.

    Raises the exception again where no step can be its cause: generated code or the runtime are wrong.
    """
    index, tool = step.index, step.tool_name
    match error:
        case KeyMissing(args=(key,)) if phase == "inputs" or phase == "call":
            return Failure(index, InputMappingError(tool, index, key))
        case OutputMissing(args=(key, available)) if phase == "outputs":
            return Failure(index, OutputMappingError(tool, index, key, available), raised=True)
        case Collision(args=(number, name, keys)) if phase == "outputs":
            return Failure(index, ContextKeyCollisionError(flow_name, number, name, keys), raised=True)
        case StepFailed() if phase == "call":
            return Failure(index, error.error, resolved=True, facts=error.facts)
        case _ if phase == "call":
            facts = {"retry_errors": [str(error)]}
            return Failure(index, call_error(error, tool, index), resolved=True, facts=facts)
        case _:
            raise error
