"""Which step of one version is which of the other."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from cwc.plan.model import Plan, StepPlan

Pair = tuple[StepPlan | None, StepPlan | None]


def match_steps(old: Plan, new: Plan) -> list[Pair]:
    """Each step of either version with its counterpart, None where it has none; in the order of the new version.

    Steps of DAG flows go by their ids. Steps of linear flows have none: runs of the same tools are the same steps, and
    of what is between, steps at the same place that give the same keys are.
    """
    if old.is_dag and new.is_dag:
        return _by_id(old, new)
    pairs: list[Pair] = []
    before_names, names = ([step.label_name for step in plan.steps] for plan in (old, new))
    for tag, a, b, c, d in SequenceMatcher(None, before_names, names, autojunk=False).get_opcodes():
        before, now = old.steps[a:b], new.steps[c:d]
        pairs += zip(before, now, strict=True) if tag == "equal" else _replaced(before, now)
    return pairs


def _by_id(old: Plan, new: Plan) -> list[Pair]:
    before = {step.id: step for step in old.steps}
    found: list[Pair] = [(before.pop(step.id, None), step) for step in new.steps]
    return [*found, *((step, None) for step in before.values())]


def _replaced(before: tuple[StepPlan, ...], now: tuple[StepPlan, ...]) -> Iterator[Pair]:
    left = list(before)
    for step in now:
        keys = {write.key for write in step.writes}
        same = next((other for other in left if keys and {write.key for write in other.writes} == keys), None)
        if same is None and len(before) == len(now) == 1:
            same = before[0]
        if same is not None:
            left.remove(same)
        yield same, step
    yield from ((step, None) for step in left)
