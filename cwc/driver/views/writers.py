"""Where the value of a key can come from, for a step that reads it."""

from __future__ import annotations

from cwc.diagnostics.model import Pointer
from cwc.plan.model import Plan, StepPlan
from cwc.plan.values import FromStep, InBase, Value


def writers_of(plan: Plan, value: Value, reader: StepPlan | None) -> list[StepPlan | None]:
    """The steps that can have written a value, None for the caller of the flow. Without a reader, for the end.

    Writers that do not run together with the reader are left out, and so is what one that always writes has replaced.
    """
    found: list[StepPlan | None] = []
    here: Value | None = _unfolded(value)
    while here is not None and isinstance(here.origin, FromStep):
        writer = plan.step(here.origin.step)
        if reader is None or not writer.condition.excludes(reader.condition):
            found.append(writer)
            if reader is not None and _always_writes(writer, here.origin.output_key, reader):
                return found
        here = None if here.origin.previous is None else _unfolded(here.origin.previous)
    if here is None or (found and value.presence == "sure" and here.presence == "maybe"):
        return found
    base = here.origin.base if isinstance(here.origin, InBase) else 0
    return [*found, *(_opened(plan, base, here) if base else [None])]


def _unfolded(value: Value) -> Value:
    """The value that was folded into a base and is still the same."""
    while isinstance(value.origin, InBase) and value.origin.was is not None:
        value = value.origin.was
    return value


def _opened(plan: Plan, base: int, value: Value) -> list[StepPlan | None]:
    """A key of a later base: who has written it before, and the steps that may have written any key since."""
    at = value.writer.at if value.writer is not None else None
    found: list[StepPlan | None] = []
    if isinstance(at, Pointer) and at.tokens[:1] == ("steps",):
        found += [step for step in plan.steps if step.position == at.tokens[1]]
    elif value.writer is not None or plan.extras:
        found.append(None)
    levels = [level for level in plan.levels if level.folded is not None][:base]
    found += [step for level in levels for step in level.steps if step.gives_others and step not in found]
    return found or [None]


def _always_writes(writer: StepPlan, output_key: str, reader: StepPlan) -> bool:
    """Whether the writer has written the key in every run that comes to the reader."""
    shape = writer.shape
    gives = shape is not None and not shape.skips and output_key in shape.always
    return gives and not reader.condition.may & ~writer.condition.must
