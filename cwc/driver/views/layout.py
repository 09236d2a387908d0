"""Where the nodes and edges of a graph stand in a drawing: rows from top to bottom, edges that never cross a node."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cwc.driver.views.graph import Edge, Graph, Node

Point = tuple[float, float]

CHARACTER = 7.3
"""The width of a character of the drawing's font, in units of the drawing."""
LINE = 17.0
GAP = 28.0
"""Between nodes of a row."""
PAD = 12.0
MARGIN = 52.0
"""At the left, for the names of levels."""
TRUNK = 14.0
"""The width of a place where an edge passes a row."""
SWEEPS = 8
MOST_CHARACTERS = 52


@dataclass(frozen=True, slots=True)
class Box:
    """A node's place: its upper left corner, its size, and the lines of text in it."""

    node: Node
    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """An edge's way: points from above to below, and where its labels stand."""

    edge: Edge
    points: tuple[Point, ...]
    label: Point


@dataclass(frozen=True, slots=True)
class Layout:
    """A drawing of ``width`` by ``height`` units; ``bands`` are the upper and lower ends of the rows."""

    boxes: tuple[Box, ...]
    routes: tuple[Route, ...]
    bands: tuple[tuple[float, float], ...]
    width: float
    height: float


def cut(text: str, most: int = MOST_CHARACTERS) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def labels_of(edge: Edge) -> list[str]:
    """The lines of text at an edge."""
    return [cut(text) for text in (*edge.conditions, *([", ".join(map(str, edge.keys))] if edge.keys else ()))]


def lay_out(graph: Graph, lines: Mapping[str, Sequence[str]]) -> Layout:
    """The layout of a graph; ``lines`` are the texts in each node, by its id.

    Long edges of one source share one way down, from which each turns off in the row above its target.
    """
    return _Laying(graph, lines).layout()


@dataclass(slots=True)
class _Slot:
    """A place in a row: a node's, or one where the edges of a source pass."""

    id: str
    row: int
    width: float
    x: float = 0.0
    above: list[_Slot] = field(default_factory=list)
    below: list[_Slot] = field(default_factory=list)


class _Laying:
    def __init__(self, graph: Graph, lines: Mapping[str, Sequence[str]]) -> None:
        self.graph, self.lines = graph, lines
        self.row_of = {node.id: number for number, row in enumerate(graph.rows) for node in row}
        self.rows: list[list[_Slot]] = [[] for _ in graph.rows]
        self.slots: dict[tuple[str, int], _Slot] = {}
        self.inward: dict[str, list[Edge]] = defaultdict(list)
        for edge in graph.edges:
            self.inward[edge.target].append(edge)

    def layout(self) -> Layout:
        for row in self.graph.rows:
            for node in row:
                self._slot(node.id, self.row_of[node.id], self._width(node))
        for edge in self.graph.edges:
            self._pass_through(edge)
        self._order()
        self._place()
        return self._drawn()

    def _slot(self, id: str, row: int, width: float) -> _Slot:
        slot = self.slots.get((id, row))
        if slot is None:
            slot = self.slots[id, row] = _Slot(id, row, width)
            self.rows[row].append(slot)
        return slot

    def _width(self, node: Node) -> float:
        texts = [*self.lines[node.id], *(text for edge in self.inward[node.id] for text in labels_of(edge))]
        return max(90.0, max(map(len, texts), default=0) * CHARACTER + 2 * PAD)

    def _pass_through(self, edge: Edge) -> None:
        previous = self.slots[edge.source, self.row_of[edge.source]]
        for row in range(self.row_of[edge.source] + 1, self.row_of[edge.target]):
            slot = self._slot(edge.source, row, TRUNK)
            _join(previous, slot)
            previous = slot
        _join(previous, self.slots[edge.target, self.row_of[edge.target]])

    def _order(self) -> None:
        """Sort each row by where the neighbours of its slots stand, downwards and upwards by turns."""
        for sweep in range(SWEEPS):
            down = sweep % 2 == 0
            for row in self.rows if down else reversed(self.rows):
                places = {id(slot): number for other in self.rows for number, slot in enumerate(other)}
                keys = {id(slot): _mean([places[id(n)] for n in (slot.above if down else slot.below)]) for slot in row}
                row.sort(key=lambda slot: places[id(slot)] if (key := keys[id(slot)]) is None else key)

    def _place(self) -> None:
        """Move the slots of each row towards their neighbours, as far as those beside them let them."""
        for row in self.rows:
            self._pack(row, [0.0] * len(row))
        for sweep in range(2 * SWEEPS):
            down = sweep % 2 == 0
            for row in self.rows if down else reversed(self.rows):
                wanted = [_mean([n.x for n in (slot.above if down else slot.below)]) for slot in row]
                self._pack(row, [slot.x if want is None else want for slot, want in zip(row, wanted, strict=True)])

    def _pack(self, row: Sequence[_Slot], wanted: Sequence[float]) -> None:
        _packed(row, wanted)
        if not self.graph.plan.is_dag:
            # The steps of a linear flow stand in one column.
            column = next(slot.x for slot in row if slot.id in self.row_of and self.row_of[slot.id] == slot.row)
            for slot in row:
                slot.x -= column

    def _drawn(self) -> Layout:
        left = min(slot.x - slot.width / 2 for row in self.rows for slot in row) - GAP
        left -= MARGIN if self.graph.plan.is_dag else 0
        for row in self.rows:
            for slot in row:
                slot.x -= left
        boxes: dict[str, Box] = {}
        bands: list[tuple[float, float]] = []
        y = 2 * LINE
        for number, nodes in enumerate(self.graph.rows):
            if number:
                y += 2.4 * LINE + LINE * max((self._labels(node) for node in nodes), default=0)
            height = max(len(self.lines[node.id]) for node in nodes) * LINE + PAD
            for node in nodes:
                slot = self.slots[node.id, number]
                own = len(self.lines[node.id]) * LINE + PAD
                boxes[node.id] = Box(node, slot.x - slot.width / 2, y, slot.width, own, tuple(self.lines[node.id]))
            bands.append((y, y + height))
            y += height
        routes = tuple(route for id in boxes for route in self._routes(id, boxes, bands))
        width = max(slot.x + slot.width / 2 for row in self.rows for slot in row) + GAP
        return Layout(tuple(boxes.values()), routes, tuple(bands), width, y + 2 * LINE)

    def _labels(self, node: Node) -> int:
        return sum(len(labels_of(edge)) for edge in self.inward[node.id])

    def _routes(self, id: str, boxes: Mapping[str, Box], bands: Sequence[tuple[float, float]]) -> list[Route]:
        """The ways into a node. They end side by side in the order in which they come, with their labels above."""
        box = boxes[id]
        last = self.row_of[id] - 1
        edges = sorted(self.inward[id], key=lambda edge: self.slots[edge.source, max(last, self.row_of[edge.source])].x)
        routes = []
        label = box.y - 0.9 * LINE
        for number, edge in enumerate(edges, 1):
            end = (box.x + box.width * number / (len(edges) + 1), box.y)
            source = boxes[edge.source]
            points: list[Point] = [(source.x + source.width / 2, source.y + source.height)]
            for row in range(self.row_of[edge.source] + 1, last + 1):
                x = self.slots[edge.source, row].x
                points += [(x, bands[row][0]), (x, bands[row][1])]
            texts = labels_of(edge)
            half = min(box.width, max(map(len, texts), default=0) * CHARACTER) / 2
            label -= max(0, len(texts) - 1) * LINE
            routes.append(
                Route(edge, (*points, end), (min(max(end[0], box.x + half), box.x + box.width - half), label))
            )
            label -= LINE if texts else 0
        return routes


def _join(above: _Slot, below: _Slot) -> None:
    if below not in above.below:
        above.below.append(below)
        below.above.append(above)


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _packed(row: Sequence[_Slot], wanted: Sequence[float]) -> None:
    """Put slots at the places that they want, in their order and apart: the mean of packing from either side."""
    from_left: list[float] = []
    for number, slot in enumerate(row):
        least = from_left[-1] + (row[number - 1].width + slot.width) / 2 + GAP if number else wanted[number]
        from_left.append(max(wanted[number], least))
    from_right: list[float] = []
    for number in range(len(row) - 1, -1, -1):
        most = from_right[-1] - (row[number + 1].width + row[number].width) / 2 - GAP if from_right else wanted[number]
        from_right.append(min(wanted[number], most))
    for slot, left, right in zip(row, from_left, reversed(from_right), strict=True):
        slot.x = (left + right) / 2
