"""The order of a flow's steps, and when each of them runs: what is the same for linear and DAG flows from here on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cwc.diagnostics.model import Report
from cwc.language.document import DAGFlow, DAGStep, Document, Step
from cwc.plan.branching import Branching, branching
from cwc.plan.conditions import ALWAYS, Condition, Liveness
from cwc.plan.topology import Topology, topology


@dataclass(frozen=True, slots=True)
class Placed:
    """A step in its place: ``index`` counts the steps in the order of the run, ``position`` in the file.

    ``targets`` are the indices of what each of its branches chooses, and behind them what it chooses where none holds.
    ``misplaced``: mistakes in the graph leave it open where it belongs.
    """

    index: int
    position: int
    level: int
    step: Step | None
    condition: Condition = ALWAYS
    liveness: Liveness | None = None
    targets: tuple[int | None, ...] = ()
    depends_on: tuple[int, ...] = ()
    misplaced: bool = False

    @property
    def id(self) -> str | None:
        return self.step.step_id if isinstance(self.step, DAGStep) else None


@dataclass(frozen=True, slots=True)
class Order:
    """The steps of a flow, level by level. ``sound`` says that none is missing and none misplaced."""

    levels: tuple[tuple[Placed, ...], ...]
    scenarios: int = 1
    sound: bool = True


def order_of(document: Document, report: Report) -> Order:
    """The order in which a flow's steps run; mistakes in it are added to ``report``.

    A linear flow has a level for each step. Within a level of a DAG flow the order is that of the file (SEMANTICS A 4).
    """
    if not isinstance(document.flow, DAGFlow):
        steps = enumerate(document.flow.steps)
        return Order(tuple((Placed(at, at, at, step, depends_on=tuple(range(at))[-1:]),) for at, step in steps))
    found = topology(document, report)
    return _placed(document, found, branching(document, found))


def _placed(document: Document, found: Topology, decided: Branching) -> Order:
    positions = [at for level in found.levels for at in level]
    index = {at: number for number, at in enumerate(positions)}
    levels = tuple(
        tuple(
            Placed(
                index=index[at],
                position=at,
                level=number,
                step=document.flow.steps[at],
                condition=decided.conditions[at],
                liveness=_by_index(decided.liveness.get(at), index),
                targets=tuple(None if target is None else index[target] for target in found.targets.get(at, ())),
                depends_on=tuple(sorted(index[name] for name in found.depends_on[at])),
                misplaced=at in found.misplaced,
            )
            for at in level
        )
        for number, level in enumerate(found.levels)
    )
    return Order(levels, decided.scenarios, found.sound)


def _by_index(liveness: Liveness | None, index: Mapping[int, int]) -> Liveness | None:
    if liveness is None:
        return None
    return Liveness(
        tuple(sorted(index[at] for at in liveness.choosers)), tuple(sorted(index[at] for at in liveness.needs_one_of))
    )
