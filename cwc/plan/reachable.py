"""Plans without what no run comes to: a step that is always passed by reads, writes and chooses nothing."""

from __future__ import annotations

from dataclasses import replace

from cwc.plan.model import Plan, StepPlan


def reachable(plan: Plan) -> Plan:
    """The plan as it is emitted. Steps that never run keep their place and their record, and need no inputs."""
    levels = tuple(replace(level, steps=tuple(map(_reachable, level.steps))) for level in plan.levels)
    return replace(plan, levels=levels)


def _reachable(step: StepPlan) -> StepPlan:
    return replace(step, arguments=(), choice=None) if step.never_runs else step
