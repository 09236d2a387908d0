"""A graph as a Mermaid flowchart."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cwc.diagnostics.terminal import visible
from cwc.driver.views.graph import Edge, Graph, Node

_SHAPES = {
    "input": ('(["', '"])'),
    "end": ('(["', '"])'),
    "tool": ('["', '"]'),
    "flow": ('[["', '"]]'),
    "hole": ('{{"', '"}}'),
}
_ARROWS = {"data": "-->", "branch": "-.->", "order": "-.-"}
_SPECIAL = re.compile(r"""[^\w\s.,:/+*?!'()=-]""")
_SIGNS = {"collision": "⚠", "residual": "?", "error": "✗"}


def draw_mermaid(graph: Graph) -> str:
    """The flowchart, from top to bottom. Names and keys come in as entities, so that none can end its label."""
    return "\n".join(_lines(graph)) + "\n"


def _lines(graph: Graph) -> Iterator[str]:
    yield "flowchart TD"
    last = len(graph.rows) - 1
    for number, row in enumerate(graph.rows):
        grouped = graph.plan.is_dag and 0 < number < last
        if grouped:
            yield f'  subgraph level{number - 1} ["level {number - 1}"]'
        for node in row:
            yield f"  {'  ' if grouped else ''}{_node(node)}"
        if grouped:
            yield "  end"
    for edge in graph.edges:
        yield f"  {_edge(edge)}"
    yield "  classDef maybe stroke-dasharray: 5 3"
    yield "  classDef collision stroke:#c60,stroke-width:2px"
    yield "  classDef error stroke:#c00,stroke-width:2px"
    for node in graph.nodes:
        kinds = {mark.kind for mark in node.marks}
        if kinds & {"collision", "error"}:
            yield f"  class {node.id} {'error' if 'error' in kinds else 'collision'}"
        if node.conditional:
            yield f"  class {node.id} maybe"


def _node(node: Node) -> str:
    before, after = _SHAPES[node.kind]
    if node.step is None:
        text = f"{node.name}<br/>{_entities(', '.join(node.keys))}" if node.keys else node.name
    else:
        marks = (f"{_SIGNS[mark.kind]} {mark.text}" for mark in node.marks)
        text = "<br/>".join(map(_entities, (f"{node.name}: {node.runs}", *node.facts, *marks)))
    return f"{node.id}{before}{text}{after}"


def _edge(edge: Edge) -> str:
    label = "<br/>".join(map(_entities, (*edge.conditions, *map(str, edge.keys))))
    between = f'|"{label}"|' if label else ""
    return f"{edge.source} {_ARROWS[edge.kind]}{between} {edge.target}"


def _entities(text: str) -> str:
    """Text in which every character that could mean something to Mermaid is one of its numbered entities."""
    return _SPECIAL.sub(lambda match: f"#{ord(match[0])};", " ".join(visible(text).split(" ")))
