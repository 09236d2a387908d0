"""The plan's self-check: what lowering promises to the passes after it. A failure is a bug in cwc."""

from __future__ import annotations

from cwc.plan.model import Hole, Plan, Read, StepPlan
from cwc.plan.values import FromStep, InBase, Value


class PlanError(Exception):
    """A plan that breaks its own rules."""


def verify_plan(plan: Plan) -> None:
    """Raise PlanError unless every value is defined before it is read, once, and holes are owned up to."""
    defined: dict[tuple[str, int], Value] = {}
    bases = {0}
    holes = False
    for position, step in enumerate(plan.steps):
        if not plan.holes and step.index != position:
            raise PlanError(f"step {step.index} stands at position {position}")
    for level in plan.levels:
        for step in level.steps:
            holes |= _has_hole(step)
            for value in _read(step):
                _expect_readable(value, defined, bases, step)
        for step in level.steps:
            if step.never_runs:
                continue
            for write in step.writes:
                _define(write.value, step, defined)
            for value in step.choice.own if step.choice else ():
                _define(value, step, defined, of_others=True)
            for read in step.choice.reads.values() if step.choice else ():
                if isinstance(read, Value):
                    _expect_readable(read, defined, bases, step)
        if level.folded is not None:
            bases.add(level.folded.base + 1)
    if holes and not plan.holes:
        raise PlanError("the plan has holes and does not say so")
    for value in plan.final.values:
        _expect_readable(value, defined, bases, None)


def _define(value: Value, step: StepPlan, defined: dict[tuple[str, int], Value], *, of_others: bool = False) -> None:
    key = (value.key, value.version)
    if key in defined and not of_others:
        raise PlanError(f"step {step.index} defines {value} again")
    if not isinstance(value.origin, FromStep) or (value.origin.step != step.index and not of_others):
        raise PlanError(f"step {step.index} claims {value}, which is not its own")
    defined[key] = value


def _has_hole(step: StepPlan) -> bool:
    arguments = () if step.never_runs else step.arguments or ()
    return isinstance(step.tool, Hole) or any(
        isinstance(argument.source, Read) and isinstance(argument.source.value, Hole) for argument in arguments
    )


def _read(step: StepPlan) -> list[Value]:
    sources = [argument.source for argument in step.arguments or ()]
    return [source.value for source in sources if isinstance(source, Read) and isinstance(source.value, Value)]


def _expect_readable(
    value: Value, defined: dict[tuple[str, int], Value], bases: set[int], step: StepPlan | None
) -> None:
    where = f"step {step.index}" if step else "the end"
    match value.origin:
        case InBase(base):
            if base not in bases:
                raise PlanError(f"{where} reads {value} from base {base}, which is not there yet")
        case FromStep():
            if (value.key, value.version) not in defined:
                raise PlanError(f"{where} reads {value} before it is written")
