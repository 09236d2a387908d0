"""A graph as lines of ASCII: steps from top to bottom, each with what it reads and from where."""

from __future__ import annotations

from collections.abc import Iterator

from cwc.driver.views.graph import ELSE, INPUT, Edge, Graph, Node

_SIGNS = {"collision": "!", "residual": "?", "error": "X"}


def draw_ascii(graph: Graph) -> str:
    """The drawing; every character that is not printable ASCII is escaped as in Python, and no line ends in a blank."""
    return "\n".join(line.rstrip() for line in _lines(graph)) + "\n"


def _lines(graph: Graph) -> Iterator[str]:
    plan = graph.plan
    yield f"{_shown(plan.name)} {_shown(plan.version)}"
    yield f"  {_shown(plan.path)}; lanes: {', '.join(plan.lanes)}; on collision: {plan.policy}"
    yield ""
    for number, row in enumerate(graph.rows):
        if number:
            yield "   |"
        if plan.is_dag and 0 < number < len(graph.rows) - 1:
            yield f"-- level {row[0].step.level if row[0].step else number - 1} {'-' * 50}"
        for node in row:
            yield from _node(node, graph)
    yield ""
    yield "! a key that is written again   ? left to the run   X a mistake"


def _node(node: Node, graph: Graph) -> Iterator[str]:
    if node.step is None:
        yield f" ({node.name})  {_keys(node)}"
        return
    passed = "  (not in every run)" if node.conditional else ""
    yield f"  [{_shown(node.name)}] {_shown(node.runs)}{passed}"
    for edge in graph.into(node):
        yield from _read(edge, graph)
    for fact in node.facts:
        yield f"   |    {_shown(fact)}"
    if node.keys:
        yield f"   |    writes {_keys(node)}"
    for mark in node.marks:
        yield f"   |  {_SIGNS[mark.kind]} {_shown(mark.text)}"
    for edge in graph.out_of(node):
        for condition in edge.conditions:
            when = "otherwise" if condition == ELSE else f"if {_shown(condition)}"
            yield f"   |    -> {_name(edge.target, graph)} {when}"


def _read(edge: Edge, graph: Graph) -> Iterator[str]:
    source = _name(edge.source, graph)
    if edge.keys:
        yield f"   |    reads {', '.join(_shown(str(key)) for key in edge.keys)} from {source}"
    elif graph.plan.is_dag and edge.kind == "order" and edge.source != INPUT:
        yield f"   |    after {source}"


def _name(id: str, graph: Graph) -> str:
    node = next(node for node in graph.nodes if node.id == id)
    return f"({node.name})" if node.step is None else f"[{_shown(node.name)}]"


def _keys(node: Node) -> str:
    return ", ".join(map(_shown, node.keys)) or "nothing"


def _shown(text: str) -> str:
    return text.encode("unicode_escape").decode("ascii").replace("\\\\", "\\")
