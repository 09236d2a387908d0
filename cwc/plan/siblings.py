"""Steps of one level that may write the same key, which fails the later one whatever the policy (SEMANTICS B 7.6)."""

from __future__ import annotations

from cwc.plan.model import Overlap, StepPlan
from cwc.plan.values import Write


class Siblings:
    """The steps of a level so far, and what they write."""

    def __init__(self) -> None:
        self._writers: dict[str, list[tuple[StepPlan, Write]]] = {}
        self._steps: list[StepPlan] = []
        self._opened: list[StepPlan] = []

    def add(self, step: StepPlan) -> None:
        for write in step.writes:
            self._writers.setdefault(write.key, []).append((step, write))
        if step.writes or step.opens:
            self._steps.append(step)
        if step.opens:
            self._opened.append(step)

    def overlaps(self, step: StepPlan) -> tuple[Overlap, ...]:
        """The keys that a step may write although one of the steps so far has written them."""
        found = [
            _overlap(step, write, other, theirs)
            for write in step.writes
            for other, theirs in self._writers.get(write.key, ())
            if not step.condition.excludes(other.condition)
        ]
        others = self._steps if step.opens else self._opened if step.writes else []
        found += [_unknown(step, other) for other in others if not step.condition.excludes(other.condition)]
        return tuple(sorted(found, key=lambda overlap: (overlap.key is None, overlap.key or "", overlap.earlier)))


def _overlap(step: StepPlan, write: Write, other: StepPlan, theirs: Write) -> Overlap:
    certain = not (write.optional or theirs.optional)
    return Overlap(other.index, write.key, "always" if certain else "maybe", write.pointer, theirs.pointer)


def _unknown(step: StepPlan, other: StepPlan) -> Overlap:
    announced = step.gives_others or other.gives_others
    place, there = step.pointer / "step_id", other.pointer / "step_id"
    return Overlap(other.index, None, "maybe" if announced else "undeclared", place, there)
