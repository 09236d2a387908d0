"""The graph of a DAG flow's steps: its mistakes, its levels, and what a branch can choose.

Steps are known by their position in the file. In a graph with mistakes the edges that make no sense are left out, and
steps that lack some follow those before them in the file, so that later passes still have an order to go by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cwc.diagnostics.model import Definition, Diagnostic, Edit, Label, Pointer, Report, define
from cwc.language.document import DAGStep, Document
from cwc.language.findings import Findings

DUPLICATE_ID = define("CWC301", "duplicate_step_id", "error", "Two steps of a flow have the same id")
UNKNOWN_DEPENDENCY = define("CWC302", "unknown_dependency", "error", "A step depends on a step that is not there")
CYCLE = define("CWC303", "cycle", "error", "Steps depend on each other in a circle")
UNKNOWN_TARGET = define(
    "CWC304", "unknown_branch_target", "error", "A branch leads to a step that is not there or does not wait for it"
)

if TYPE_CHECKING:
    import networkx as nx

STEPS = Pointer(("steps",))
MOST_MOVED = 50
"""Of more steps than these that lack dependencies, the first are put behind others."""


@dataclass(frozen=True, slots=True)
class Topology:
    """The steps that could be read, level by level, in the order of the file within a level.

    ``depends_on`` and ``targets`` (of each branch, and of ``default_next`` behind them, None where there is none) are
    by position. ``sound`` says that nothing was left out; ``misplaced`` are the steps that may belong elsewhere.
    """

    levels: tuple[tuple[int, ...], ...]
    depends_on: Mapping[int, tuple[int, ...]]
    targets: Mapping[int, tuple[int | None, ...]] = field(default_factory=dict)
    sound: bool = True
    misplaced: frozenset[int] = frozenset()


def topology(document: Document, report: Report) -> Topology:
    """The topology of a DAG flow; its mistakes are added to ``report``."""
    return _Graph(document, report).topology()


class _Graph:
    def __init__(self, document: Document, report: Report) -> None:
        self.document, self.report = document, report
        self.steps = {at: step for at, step in enumerate(document.flow.steps) if isinstance(step, DAGStep)}
        self.findings = Findings(report, document.path, document.flow.name)
        self.positions: dict[str, int] = {}
        self.lacking: set[int] = set()
        self.unsure: set[int] = set()
        self.sound = len(self.steps) == len(document.flow.steps)

    def topology(self) -> Topology:
        import networkx as nx

        for at, step in self.steps.items():
            if self.positions.setdefault(step.step_id, at) != at:
                self._report_duplicate(at, step.step_id)
                self.lacking |= {other for other, each in self.steps.items() if step.step_id in each.depends_on}
        depends_on = {at: self._dependencies(at, step) for at, step in self.steps.items()}
        graph: nx.DiGraph[int] = nx.DiGraph()
        graph.add_nodes_from(depends_on)
        graph.add_edges_from((earlier, later) for later, names in depends_on.items() for earlier in names)
        self._break_cycles(graph)
        kept = {at: tuple(name for name in names if graph.has_edge(name, at)) for at, names in depends_on.items()}
        targets = {at: self._targets(at, step) for at, step in self.steps.items() if step.branches}
        self._look_for_lost(graph)
        misplaced = self.unsure | self.lacking.union(*(nx.descendants(graph, at) for at in self.lacking))
        for at in sorted(self.lacking)[:MOST_MOVED]:
            later = nx.descendants(graph, at)
            graph.add_edges_from((earlier, at) for earlier in self.steps if earlier < at and earlier not in later)
        levels = tuple(tuple(sorted(level)) for level in nx.topological_generations(graph))
        return Topology(levels, kept, targets, self.sound, frozenset(misplaced))

    def _dependencies(self, at: int, step: DAGStep) -> tuple[int, ...]:
        found: dict[int, None] = {}
        for position, name in enumerate(step.depends_on):
            if name in self.positions:
                found[self.positions[name]] = None
            else:
                pointer = STEPS / at / "depends_on" / position
                others = [id for id in self.positions if id != step.step_id and id not in step.depends_on]
                fix = self.findings.corrected(name, pointer, others)
                help = self._did_you_mean(name)
                self._add(UNKNOWN_DEPENDENCY, f"there is no step {name!r}", pointer, at, *help, fix=fix)
                self.lacking.add(at)
        return tuple(found)

    def _look_for_lost(self, graph: nx.DiGraph[int]) -> None:
        """What could not be read of the file may have said when steps run, or that not all of them do."""
        for at in self.steps:
            if self.document.lost_in(STEPS / at / "depends_on"):
                self.sound = False
                self.lacking.add(at)
            if self.document.lost_in(STEPS / at / "branches"):
                self.sound = False
                self.unsure |= set(graph.successors(at))

    def _break_cycles(self, graph: nx.DiGraph[int]) -> None:
        """Report one circle of each knot of steps, the shortest that its first step is in, and take the knot apart."""
        import networkx as nx

        for knot in sorted(map(sorted, nx.strongly_connected_components(graph))):
            first = knot[0]
            inside = graph.subgraph(knot)
            if len(knot) > 1 or inside.has_edge(first, first):
                self._report_cycle(_circle(inside, first))
                self.lacking |= set(knot)
                graph.remove_edges_from(list(inside.edges))

    def _targets(self, at: int, step: DAGStep) -> tuple[int | None, ...]:
        pointer = STEPS / at
        places = [
            (branch.target_step_id, pointer / "branches" / n / "target_step_id")
            for n, branch in enumerate(step.branches)
        ]
        targets = [self._target(at, step, name, place) for name, place in places]
        if step.default_next is None:
            return (*targets, None)
        return (*targets, self._target(at, step, step.default_next, pointer / "default_next"))

    def _target(self, at: int, step: DAGStep, name: str, pointer: Pointer) -> int | None:
        target = self.positions.get(name)
        if target is None:
            message = f"the branch leads to {name!r}, and there is no such step"
            waiting = [id for id, other in self.positions.items() if step.step_id in self.steps[other].depends_on]
            fix = self.findings.corrected(name, pointer, waiting)
            self._add(UNKNOWN_TARGET, message, pointer, at, *self._did_you_mean(name), fix=fix)
        elif step.step_id not in self.steps[target].depends_on:
            message = f"the branch leads to step {name!r}, which does not depend on {step.step_id!r}"
            help = f"add {step.step_id!r} to the 'depends_on' of {name!r}"
            related = (self.document.label(STEPS / target / "step_id", "this step"),)
            self._add(UNKNOWN_TARGET, message, pointer, at, help, related=related)
            self.lacking.add(target)
        return target

    def _did_you_mean(self, name: str) -> tuple[str, ...]:
        return self.findings.did_you_mean(name, self.positions)

    def _report_duplicate(self, at: int, id: str) -> None:
        related = (self.document.label(STEPS / self.positions[id] / "step_id", "first used here"),)
        self._add(DUPLICATE_ID, f"there is a step {id!r} already", STEPS / at / "step_id", at, related=related)

    def _report_cycle(self, circle: list[int]) -> None:
        names = [self.steps[at].step_id for at in circle]
        way = " -> ".join(map(repr, [*names, names[0]]))
        message = (
            f"step {names[0]!r} waits for itself: {way}" if len(circle) > 1 else f"step {names[0]!r} waits for itself"
        )
        waits = [self._waits_for(at, waited) for at, waited in zip(circle, [*circle[1:], circle[0]], strict=True)]
        related = tuple(
            self.document.label(pointer, f"{self.steps[at].step_id!r} waits for {self.steps[waited].step_id!r}")
            for at, waited, pointer in waits[1:]
        )
        self._add(CYCLE, message, waits[0][2], circle[0], related=related)

    def _waits_for(self, at: int, waited: int) -> tuple[int, int, Pointer]:
        position = self.steps[at].depends_on.index(self.steps[waited].step_id)
        return at, waited, STEPS / at / "depends_on" / position

    def _add(
        self,
        definition: Definition,
        message: str,
        pointer: Pointer,
        at: int,
        *help: str,
        related: tuple[Label, ...] = (),
        fix: tuple[Edit, ...] = (),
    ) -> None:
        self.sound = False
        self.report.add(
            Diagnostic(
                definition=definition,
                message=message,
                primary=self.document.label(pointer),
                related=related,
                help=help,
                fix=fix,
                flow=self.document.flow.name,
                step_index=at,
            )
        )


def _circle(knot: nx.DiGraph[int], first: int) -> list[int]:
    """The shortest circle through a step, each step followed by one that it waits for."""
    import networkx as nx

    if knot.has_edge(first, first):
        return [first]
    waiting = knot.reverse(copy=False)
    ways = [nx.shortest_path(waiting, waited, first) for waited in sorted(waiting.successors(first))]
    return [first, *min(ways, key=len)[:-1]]
