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
        holes |= _has_hole(step)
        if not plan.holes and step.index != position:
            raise PlanError(f"step {step.index} stands at position {position}")
        for value in _read(step):
            _expect_readable(value, defined, bases, step)
        for write in step.writes:
            key = (write.value.key, write.value.version)
            if key in defined:
                raise PlanError(f"step {step.index} defines {write.value} again")
            if not isinstance(write.value.origin, FromStep) or write.value.origin.step != step.index:
                raise PlanError(f"step {step.index} claims {write.value}, which is not its own")
            defined[key] = write.value
        if step.folded is not None:
            bases.add(step.folded.base + 1)
    if holes and not plan.holes:
        raise PlanError("the plan has holes and does not say so")
    for value in plan.final.values:
        _expect_readable(value, defined, bases, None)


def _has_hole(step: StepPlan) -> bool:
    arguments = step.arguments or ()
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
