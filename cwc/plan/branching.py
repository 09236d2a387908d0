"""What branches do to the steps of a flow: which run in which scenario, and what decides it at run time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cwc.language.document import DAGStep, Document
from cwc.plan.conditions import Condition, Liveness
from cwc.plan.predicates import Predicate, parse_predicate, truth
from cwc.plan.topology import Topology

MOST_SCENARIOS = 4096
"""With more of them, the branches that come last are taken as if nothing were known of what they choose."""


@dataclass(frozen=True, slots=True)
class Branching:
    """By position in the file: the condition under which each step runs, and what decides it where it is not sure.

    ``scenarios`` are all the scenarios there are, as a set.
    """

    scenarios: int
    conditions: Mapping[int, Condition]
    liveness: Mapping[int, Liveness]


def branching(document: Document, topology: Topology) -> Branching:
    """A step that selects a target deselects every other step that depends on it directly, and a step all of whose
    dependencies are passed by is passed by too (SEMANTICS B 9.10, 9.11)."""
    choices = _Choices(document, topology)
    conditions: dict[int, Condition] = {}
    liveness: dict[int, Liveness] = {}
    for level in topology.levels:
        for at in level:
            needed = topology.depends_on[at]
            choosers = tuple(name for name in needed if name in topology.targets)
            is_sure = not needed or any(name not in liveness for name in needed)
            needs_one_of = () if is_sure else needed
            conditions[at] = _condition(at, choosers, needs_one_of, conditions, choices)
            if choosers or needs_one_of:
                liveness[at] = Liveness(choosers, needs_one_of)
    return Branching(choices.all, conditions, liveness)


def _condition(
    at: int,
    choosers: tuple[int, ...],
    needs_one_of: tuple[int, ...],
    conditions: Mapping[int, Condition],
    choices: _Choices,
) -> Condition:
    may = must = choices.all
    if needs_one_of:
        may = must = 0
        for name in needs_one_of:
            may |= conditions[name].may
            must |= conditions[name].must
    for chooser in choosers:
        kept = choices.keeping(chooser, at)
        # A chooser that does not run chooses nothing, so that what depends on it goes by its other dependencies.
        may &= kept.may | (choices.all & ~conditions[chooser].must)
        must &= kept.must | (choices.all & ~conditions[chooser].may)
    return Condition(may, must)


class _Choices:
    """The scenarios of a flow: each way in which its branching steps can choose. A set of them is a number."""

    def __init__(self, document: Document, topology: Topology) -> None:
        self._outcomes: dict[int, list[int | None]] = {}
        self._stride: dict[int, int] = {}
        count = 1
        for at in (at for level in topology.levels for at in level if at in topology.targets):
            outcomes = _outcomes(document.flow.steps[at], topology.targets[at])
            if count * len(outcomes) <= MOST_SCENARIOS:
                self._outcomes[at], self._stride[at] = outcomes, count
                count *= len(outcomes)
        self._count = count
        self.all = (1 << count) - 1

    def keeping(self, chooser: int, target: int) -> Condition:
        """The scenarios in which a step's choice lets a step that depends on it run."""
        if chooser not in self._outcomes:
            return Condition(self.all, 0)
        outcomes, stride = self._outcomes[chooser], self._stride[chooser]
        block = (1 << stride) - 1
        period = sum(block << n * stride for n, outcome in enumerate(outcomes) if outcome in (None, target))
        length = stride * len(outcomes)
        repeated = ((1 << self._count) - 1) // ((1 << length) - 1)
        kept = period * repeated
        return Condition(kept, kept)


def _outcomes(step: object, targets: tuple[int | None, ...]) -> list[int | None]:
    """What a step can choose, each once: branches that never hold, and what stands behind one that always does, are
    not among it. ``targets`` are those of its branches, and of what it chooses where none holds."""
    assert isinstance(step, DAGStep)
    found: dict[int | None, None] = {}
    for branch, target in zip(step.branches, targets, strict=False):
        predicate = parse_predicate(branch.predicate)
        holds = truth(predicate) if isinstance(predicate, Predicate) else None
        if holds is not False:
            found[target] = None
        if holds:
            return list(found)
    return list({**found, targets[-1]: None})
