"""A graph as a drawing in SVG, in the colours that its reader's screen is set to."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import pairwise

from cwc.diagnostics.terminal import visible
from cwc.driver.views.graph import Graph, Node
from cwc.driver.views.layout import LINE, Box, Layout, Point, Route, cut, labels_of, lay_out

STYLE = """
.cwc { --ink: #1f2328; --soft: #59636e; --line: #818b98; --paper: #ffffff; --box: #f6f8fa; --flow: #eef3ff;
  --bad: #c5221f; --warn: #b35900; --rest: #7a3ea8; --choice: #0b5fcc; }
@media (prefers-color-scheme: dark) { .cwc { --ink: #e6edf3; --soft: #9aa4af; --line: #6e7681; --paper: #0d1117;
  --box: #161b22; --flow: #14213d; --bad: #ff7b72; --warn: #e3993b; --rest: #c297ff; --choice: #6cb0ff; } }
.cwc text { font: 12px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: var(--ink); }
.cwc .paper { fill: var(--paper); }
.cwc .band { fill: none; stroke: var(--line); stroke-opacity: .35; stroke-dasharray: 2 4; }
.cwc .band-name, .cwc .soft { fill: var(--soft); }
.cwc .box { fill: var(--box); stroke: var(--line); stroke-width: 1.2; }
.cwc .flow .box { fill: var(--flow); stroke-width: 2.4; }
.cwc .maybe .box { stroke-dasharray: 6 3; }
.cwc .collision .box { stroke: var(--warn); }
.cwc .hole .box, .cwc .error .box { stroke: var(--bad); stroke-width: 2; }
.cwc .name { font-weight: 700; }
.cwc .mark-collision { fill: var(--warn); }
.cwc .mark-residual { fill: var(--rest); }
.cwc .mark-error { fill: var(--bad); }
.cwc .way { fill: none; stroke: var(--line); stroke-width: 1.4; }
.cwc .way.branch { stroke: var(--choice); stroke-width: 2; }
.cwc .way.order { stroke-dasharray: 3 4; }
.cwc .label { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round;
  text-anchor: middle; fill: var(--soft); }
.cwc .label.branch { fill: var(--choice); }
.cwc .label.unsure { fill: var(--rest); }
.cwc .tip { fill: var(--line); }
.cwc .tip.branch { fill: var(--choice); }
"""
_SIGNS = {"collision": "!", "residual": "?", "error": "✗"}


def draw_svg(graph: Graph, *, linked: bool = False) -> str:
    """The drawing. With ``linked`` each step leads to the element ``#step-<index>`` of the page around it."""
    return "\n".join(_lines(graph, linked=linked)) + "\n"


def _lines(graph: Graph, *, linked: bool) -> Iterator[str]:
    layout = lay_out(graph, {node.id: [text for text, _ in _texts(node)] for node in graph.nodes})
    size = f'width="{layout.width:.0f}" height="{layout.height:.0f}"'
    box = f'viewBox="0 0 {layout.width:.0f} {layout.height:.0f}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" class="cwc" {size} {box} role="img">'
    yield f"<title>{_text(graph.plan.name)} {_text(graph.plan.version)}</title>"
    yield f"<style>{STYLE}</style>"
    yield f'<rect class="paper" {size}/>'
    yield from _bands(graph, layout)
    drawn: set[str] = set()
    for route in layout.routes:
        yield from _way(route, drawn)
    for placed in layout.boxes:
        yield from _box(placed, linked=linked)
    for route in layout.routes:
        yield from _label(route)
    yield "</svg>"


def _bands(graph: Graph, layout: Layout) -> Iterator[str]:
    for number, (top, bottom) in enumerate(layout.bands[1:-1]):
        if graph.plan.is_dag:
            place = f'x="6" y="{top - 8:.1f}" width="{layout.width - 12:.1f}" height="{bottom - top + 16:.1f}"'
            yield f'<rect class="band" {place} rx="8"/>'
            yield f'<text class="band-name" x="14" y="{bottom + 4:.1f}">level {number}</text>'


def _way(route: Route, drawn: set[str]) -> Iterator[str]:
    """The line of an edge but for the parts that others have drawn already, and its tip."""
    kind = route.edge.kind
    x, y = route.points[-1]
    for part in _parts(route.points):
        line = f'<path class="way {kind}" d="{part}"/>'
        if line not in drawn:
            drawn.add(line)
            yield line
    yield f'<path class="tip {kind}" d="M{x:.1f},{y:.1f} l-4.5,-9 h9 z"/>'


def _parts(points: tuple[Point, ...]) -> Iterator[str]:
    """Curves between rows, and straight lines where an edge passes one."""
    for number, ((x, y), (to_x, to_y)) in enumerate(pairwise(points)):
        if number % 2:
            yield f"M{x:.1f},{y:.1f} L{to_x:.1f},{to_y:.1f}"
        else:
            bend = (to_y - y) * 0.5
            yield f"M{x:.1f},{y:.1f} C{x:.1f},{y + bend:.1f} {to_x:.1f},{to_y - bend:.1f} {to_x:.1f},{to_y:.1f}"


def _label(route: Route) -> Iterator[str]:
    x, y = route.label
    unsure = any(key.maybe for key in route.edge.keys)
    full = [*route.edge.conditions, ", ".join(map(str, route.edge.keys))]
    for number, text in enumerate(labels_of(route.edge)):
        kind = "branch" if number < len(route.edge.conditions) else "unsure" if unsure else "data"
        place = f'x="{x:.1f}" y="{y + number * LINE:.1f}"'
        yield f'<text class="label {kind}" {place}>{_text(text)}<title>{_text(full[number])}</title></text>'


def _box(box: Box, *, linked: bool) -> Iterator[str]:
    node = box.node
    kinds = {mark.kind for mark in node.marks}
    classes: list[str] = [node.kind, *(kind for kind in ("collision", "error") if kind in kinds)]
    if node.conditional:
        classes.append("maybe")
    round = 18 if node.step is None else 6
    place = f'x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}"'
    yield f'<g class="{" ".join(classes)}">'
    if linked and node.step is not None:
        yield f'<a href="#step-{node.step.index}">'
    yield f'<rect class="box" {place} rx="{round}"/>'
    for number, (text, kind) in enumerate(_texts(node)):
        at = f'x="{box.x + 12:.1f}" y="{box.y + LINE * (number + 1) + 1:.1f}"'
        yield f'<text class="{kind}" {at}>{_text(text)}</text>'
    if linked and node.step is not None:
        yield "</a>"
    yield "</g>"


def _texts(node: Node) -> Iterator[tuple[str, str]]:
    """The lines in a box, each with the class of its text."""
    if node.step is None:
        yield node.name, "name"
        yield from ((cut(line), "soft") for line in _parted(node.keys))
        return
    yield cut(f"{node.name}: {node.runs}"), "name"
    if node.keys:
        yield cut(f"→ {', '.join(node.keys)}"), "soft"
    yield from ((cut(fact), "soft") for fact in node.facts)
    yield from ((cut(f"{_SIGNS[mark.kind]} {mark.text}"), f"mark-{mark.kind}") for mark in node.marks)


def _parted(keys: tuple[str, ...]) -> Iterator[str]:
    """Keys in lines of a readable length, of which the first five are shown."""
    lines: list[list[str]] = [[]]
    for key in keys:
        if lines[-1] and sum(len(other) + 2 for other in lines[-1]) + len(key) > 40:
            lines.append([])
        lines[-1].append(key)
    *before, last = (", ".join(line) for line in lines)
    shown = [*(f"{line}," for line in before), *filter(None, [last])]
    yield from shown[:5]
    if len(shown) > 5:
        yield f"… and {sum(map(len, lines[5:]))} more"


def _text(text: str) -> str:
    return escape(visible(text))
