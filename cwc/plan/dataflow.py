"""Running steps as soon as they can: what each waits for, and which flows can be run so (SEMANTICS A 4)."""

from __future__ import annotations

from collections.abc import Iterable

from cwc.plan.model import Plan, Read, StepPlan
from cwc.plan.values import FromStep, Value


def runs_as_dataflow(plan: Plan) -> bool:
    """Whether the async lane begins each step on its own.

    A flow that decides while it runs which steps run, or whose context is merged as a whole, goes level by level.
    """
    return plan.schedule == "dataflow" and plan.is_dag and not obstacle(plan)


def obstacle(plan: Plan) -> str | None:
    """Why a DAG flow has to be run level by level, or None."""
    if any(step.choice is not None for step in plan.steps):
        return "it has branches"
    if any(step.candidates for step in plan.steps):
        return "it has decisions"
    if any(level.folded is not None for level in plan.levels):
        return "a step of it gives outputs that the build does not know"
    return None


def waits_for(step: StepPlan) -> tuple[int, ...]:
    """The steps that a step begins after: those that it depends on, and those that wrote what it reads."""
    written = (value.origin.step for value in behind(taken(step)) if isinstance(value.origin, FromStep))
    return tuple(sorted({*step.depends_on, *written}))


def taken(step: StepPlan) -> list[Value]:
    """The context values that a step gets."""
    if step.arguments is None:
        return list(step.at_call.snapshot().values)
    sources = [argument.source for argument in step.arguments]
    return [source.value for source in sources if isinstance(source, Read) and isinstance(source.value, Value)]


def behind(values: Iterable[Value]) -> list[Value]:
    """Values, each after those that stand in where its own step did not write it, and each once."""
    found: dict[tuple[str, int], Value] = {}
    for start in values:
        chain = [start]
        while isinstance(chain[-1].origin, FromStep) and chain[-1].origin.previous is not None:
            chain.append(chain[-1].origin.previous)
        for value in reversed(chain):
            found.setdefault((value.key, value.version), value)
    return list(found.values())
