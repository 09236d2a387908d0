"""Plans without what no run comes to: a step that is always passed by reads, writes and chooses nothing."""

from __future__ import annotations

from dataclasses import replace

from cwc.plan.conditions import Liveness
from cwc.plan.model import Plan, StepPlan


def reachable(plan: Plan) -> Plan:
    """The plan as it is emitted. Steps that never run keep their place and their record, and need no inputs."""
    silent = frozenset(step.index for step in plan.steps if step.never_runs)
    sure: set[int] = set()
    levels = []
    for level in plan.levels:
        steps = tuple(_reachable(step, silent, sure) for step in level.steps)
        sure |= {step.index for step in steps if step.liveness is None}
        levels.append(replace(level, steps=steps))
    return replace(plan, levels=tuple(levels))


def _reachable(step: StepPlan, silent: frozenset[int], sure: set[int]) -> StepPlan:
    step = replace(step, liveness=_decided(step.liveness, silent, sure))
    return replace(step, arguments=(), choice=None) if step.never_runs else step


def _decided(liveness: Liveness | None, silent: frozenset[int], sure: set[int]) -> Liveness | None:
    """What decides whether a step runs; None if nothing is left that could pass it by.

    ``silent`` are the steps that choose nothing, ``sure`` those before it that run in every run.
    """
    if liveness is None:
        return None
    choosers = tuple(index for index in liveness.choosers if index not in silent)
    needs_one_of = () if sure.intersection(liveness.needs_one_of) else liveness.needs_one_of
    return Liveness(choosers, needs_one_of) if choosers or needs_one_of else None
