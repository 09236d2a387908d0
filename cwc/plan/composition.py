"""Which flow runs which: the latest version of each name, the order to compile in, and what cannot be composed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cwc.diagnostics.model import Definition, Diagnostic, Edit, Label, Pointer, Report, define
from cwc.language.document import Document
from cwc.language.findings import Findings

UNKNOWN_FLOW = define("CWC305", "unknown_flow", "error", "A step runs a flow that is not in the build set")
CYCLE = define("CWC306", "composition_cycle", "error", "Flows run each other in a circle")
TOO_DEEP = define("CWC307", "max_depth_exceeded", "error", "Flows run each other in too long a chain")

if TYPE_CHECKING:
    import networkx as nx

MAX_DEPTH = 10
"""The longest chain of flows that run each other, counted in calls."""


@dataclass(frozen=True, slots=True)
class Composition:
    """The documents of a build set, those that others run first, and the latest of each name (SEMANTICS B 2.3).

    ``unusable`` are the paths of those that take part in a circle or a chain that is too long.
    """

    order: tuple[Document, ...]
    latest: Mapping[str, Document]
    unusable: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Call:
    """A step that runs a flow."""

    caller: Document
    position: int
    name: str

    @property
    def pointer(self) -> Pointer:
        return Pointer(("steps", self.position, "flow_name"))

    def label(self, message: str = "") -> Label:
        return self.caller.label(self.pointer, message)


def compose(documents: Sequence[Document], report: Report) -> Composition:
    """Find out how the flows of a build set run each other; what cannot be is added to ``report``."""
    return _Composing(documents, report).composition()


def latest_of(documents: Sequence[Document]) -> dict[str, Document]:
    """The document of the highest version of each flow; of equal versions that are spelt differently, the last."""
    latest: dict[str, Document] = {}
    for document in documents:
        known = latest.get(document.flow.name)
        version = document.version
        if known is None or known.version is None or (version is not None and version >= known.version):
            latest[document.flow.name] = document
    return latest


class _Composing:
    def __init__(self, documents: Sequence[Document], report: Report) -> None:
        self.documents, self.report = documents, report
        self.latest = latest_of(documents)
        self.by_path = {document.path: document for document in documents}
        self.unusable: set[str] = set()
        self.calls: dict[str, list[_Call]] = {document.path: list(self._calls(document)) for document in documents}

    def composition(self) -> Composition:
        if not any(self.calls.values()):
            return Composition(tuple(self.documents), self.latest, frozenset())
        # It takes a quarter of a second to import, which most builds need not spend.
        import networkx as nx

        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(self.by_path)
        graph.add_edges_from(
            (path, self.latest[call.name].path) for path, calls in self.calls.items() for call in calls
        )
        self._break_cycles(graph)
        order = list(reversed(list(nx.topological_sort(graph))))
        self._measure(order, graph)
        return Composition(tuple(self.by_path[path] for path in order), self.latest, frozenset(self.unusable))

    def _calls(self, document: Document) -> Iterator[_Call]:
        findings = Findings(self.report, document.path, document.flow.name)
        for position, step in enumerate(document.flow.steps):
            if step is None or step.flow_name is None:
                continue
            call = _Call(document, position, step.flow_name)
            if step.flow_name in self.latest:
                yield call
            else:
                help = findings.did_you_mean(step.flow_name, self.latest)
                fix = findings.corrected(step.flow_name, call.pointer, self.latest)
                self._add(UNKNOWN_FLOW, f"there is no flow {step.flow_name!r} in the build set", call, *help, fix=fix)

    def _break_cycles(self, graph: nx.DiGraph[str]) -> None:
        import networkx as nx

        for knot in [set(knot) for knot in nx.strongly_connected_components(graph)]:
            inside = graph.subgraph(knot)
            if not inside.edges:
                continue
            self.unusable |= knot
            chain = self._circle(min(knot), knot)
            way = " -> ".join(repr(name) for name in (chain[0].caller.flow.name, *(call.name for call in chain)))
            related = tuple(call.label(f"flow {call.caller.flow.name!r} runs {call.name!r}") for call in chain[1:])
            self._add(CYCLE, f"flow {chain[0].caller.flow.name!r} runs itself: {way}", chain[0], related=related)
            graph.remove_edges_from(list(inside.edges))

    def _circle(self, first: str, knot: set[str]) -> list[_Call]:
        """The shortest chain of calls from a document back to it."""
        ways: dict[str, list[_Call]] = {first: []}
        queue = [first]
        for path in queue:
            for call in self.calls[path]:
                called = self.latest[call.name].path
                if called == first:
                    return [*ways[path], call]
                if called in knot and called not in ways:
                    ways[called] = [*ways[path], call]
                    queue.append(called)
        raise AssertionError(f"{first} is in no circle")

    def _measure(self, order: Sequence[str], graph: nx.DiGraph[str]) -> None:
        chains: dict[str, list[_Call]] = {}
        for path in order:
            longest: list[_Call] = []
            for call in self.calls[path]:
                called = self.latest[call.name].path
                if graph.has_edge(path, called) and len(chains[called]) >= len(longest):
                    longest = [call, *chains[called]]
            chains[path] = longest
            if len(longest) > MAX_DEPTH:
                self.unusable.add(path)
                way = " -> ".join(
                    repr(name) for name in (longest[0].caller.flow.name, *(call.name for call in longest))
                )
                message = f"flow {longest[0].caller.flow.name!r} begins a chain of {len(longest)} calls: {way}"
                self._add(TOO_DEEP, message, longest[0], f"the longest chain that may be is {MAX_DEPTH} calls")

    def _add(
        self,
        definition: Definition,
        message: str,
        call: _Call,
        *help: str,
        related: tuple[Label, ...] = (),
        fix: tuple[Edit, ...] = (),
    ) -> None:
        self.report.add(
            Diagnostic(
                definition=definition,
                message=message,
                primary=call.label(),
                related=related,
                help=help,
                fix=fix,
                flow=call.caller.flow.name,
                step_index=call.position,
                field="flow_name",
            )
        )
