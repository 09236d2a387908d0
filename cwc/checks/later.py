"""Who does write a key that is not there yet where a step reads it, and what puts that step before the reader."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from cwc.diagnostics.model import Label
from cwc.plan.model import Plan, Read, StepPlan
from cwc.plan.tools import ToolSpec
from cwc.plan.values import FromStep, Value


@dataclass(frozen=True, slots=True)
class Later:
    """The place at which a key is written too late, and what helps."""

    label: Label
    help: str


def written_later(key: str, step: StepPlan, plan: Plan) -> Later | None:
    """The first step that writes a key beside ``step`` or after it; None where there is none, or no order would help.

    Steps of other branches do not help: what they write is not there where ``step`` runs.
    """
    for writer in plan.steps:
        if writer.index == step.index or writer.level < step.level or not writer.condition.may & step.condition.may:
            continue
        write = next((write for write in writer.writes if write.key == key), None)
        if write is None or step.index in _needed(writer, plan):
            continue
        label = plan.label(write.pointer, f"{writer.title} writes it")
        if not plan.is_dag:
            return Later(label, f"{key!r} is written later, by {writer.title}: move that before this step")
        return Later(
            label, f"{key!r} is written by {writer.title}, which need not run first: add {writer.id!r} to depends_on"
        )
    return None


def _needed(step: StepPlan, plan: Plan) -> set[int]:
    """The steps that have to run before a step, directly or for others that have to."""
    steps = {each.index: each for each in plan.steps}
    found: set[int] = set()
    open = [step.index]
    while open:
        each = steps.get(open.pop())
        if each is not None:
            new = set(each.depends_on if plan.is_dag else _read_from(each)) - found
            found |= new
            open.extend(new)
    return found


def _read_from(step: StepPlan) -> Iterator[int]:
    """The steps whose outputs a step takes."""
    for value in _taken(step):
        if isinstance(value, Value) and isinstance(value.origin, FromStep):
            yield value.origin.step


def _taken(step: StepPlan) -> Collection[object]:
    if step.arguments is not None:
        return [argument.source.value for argument in step.arguments if isinstance(argument.source, Read)]
    tools = [tool for tool in step.own_tools if isinstance(tool, ToolSpec)]
    return [step.before.get(key) for tool in tools for field in tool.input.fields for key in field.keys]
