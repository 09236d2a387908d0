"""A graph in the DOT language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator

from cwc.diagnostics.terminal import visible
from cwc.driver.views.graph import Edge, Graph, Node

_SHAPES = {"input": "oval", "end": "oval", "tool": "box", "flow": "box3d", "hole": "octagon"}
_STYLES = {"data": "solid", "branch": "bold", "order": "dotted"}
_COLOURS = {"collision": "darkorange3", "error": "red3"}
_SIGNS = {"collision": "!", "residual": "?", "error": "X"}


def draw_dot(graph: Graph) -> str:
    """The digraph; levels are clusters, and no name can end the string that it stands in."""
    return "\n".join(_lines(graph)) + "\n"


def _lines(graph: Graph) -> Iterator[str]:
    yield f"digraph {_string(graph.plan.name)} {{"
    yield '  graph [rankdir=TB, fontname="sans-serif"]'
    yield '  node [fontname="sans-serif", margin="0.15,0.08"]'
    yield '  edge [fontname="sans-serif", fontsize=10]'
    last = len(graph.rows) - 1
    for number, row in enumerate(graph.rows):
        if graph.plan.is_dag and 0 < number < last:
            yield f"  subgraph cluster_{number - 1} {{"
            yield f'    label="level {number - 1}"; style=dashed; color=gray60; rank=same'
            yield from (f"    {_node(node)}" for node in row)
            yield "  }"
        else:
            yield from (f"  {_node(node)}" for node in row)
    yield from (f"  {_edge(edge)}" for edge in graph.edges)
    yield "}"


def _node(node: Node) -> str:
    if node.step is None:
        lines = [node.name, ", ".join(node.keys)]
    else:
        marks = (f"{_SIGNS[mark.kind]} {mark.text}" for mark in node.marks)
        lines = [f"{node.name}: {node.runs}", *node.facts, *marks]
    attributes = {"label": _string(*filter(None, lines)), "shape": _SHAPES[node.kind]}
    kinds = {mark.kind for mark in node.marks}
    colour = next((_COLOURS[kind] for kind in ("error", "collision") if kind in kinds), None)
    if colour is not None:
        attributes["color"] = colour
    if node.conditional:
        attributes["style"] = "dashed"
    return f"{node.id} [{_attributes(attributes)}]"


def _edge(edge: Edge) -> str:
    attributes = {"style": _STYLES[edge.kind]}
    if edge.keys or edge.conditions:
        attributes["label"] = _string(*edge.conditions, *map(str, edge.keys))
    return f"{edge.source} -> {edge.target} [{_attributes(attributes)}]"


def _attributes(attributes: dict[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in attributes.items())


def _string(*lines: str) -> str:
    """A double-quoted string of lines; backslashes and ampersands would begin escapes."""
    escaped = (visible(line).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(escaped) + '"'
