"""The walk of a tree along the grammar, with a stack of its own: depth costs memory, and never the recursion limit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from cwc.contract.grammar.imports import code_of_stray
from cwc.contract.grammar.inspection import Inspection, Violation
from cwc.contract.grammar.production import Parts, Production, Symbol
from cwc.contract.grammar.table import GRAMMAR

_EMPTY = cst.MaybeSentinel.DEFAULT
_SHOWN = 60
"""How much of the code in question a message shows."""


def violations(
    body: Iterable[cst.CSTNode], imports: frozenset[tuple[str, str]], facade: frozenset[str]
) -> list[Violation]:
    """Every place where the definitions of a module leave the grammar; what stands inside a node that is not in it is
    passed over."""
    inspection = Inspection(imports, facade)
    for definition in body:
        inspection.enter_module()
        _walk(inspection, definition)
    return inspection.violations


def _walk(inspection: Inspection, definition: cst.CSTNode) -> None:
    stack: list[tuple[cst.CSTNode, Symbol]] = [(definition, "definition")]
    while stack:
        node, symbol = stack.pop()
        production = GRAMMAR[symbol].get(type(node))
        if production is None:
            _report_stray(inspection, node, symbol)
            continue
        _report_surplus(inspection, node, production)
        parts = production.parts if production.rule is None else production.rule(inspection, node)
        stack.extend(reversed(list(_inside(node, parts))))


def _inside(node: cst.CSTNode, parts: Parts) -> Iterator[tuple[cst.CSTNode, Symbol]]:
    for field, symbol in parts.items():
        value = getattr(node, field)
        if isinstance(value, cst.CSTNode):
            yield value, symbol
        elif value is not None:
            for each in value:
                yield each, symbol


def _report_stray(inspection: Inspection, node: cst.CSTNode, symbol: Symbol) -> None:
    code = code_of_stray(node, at_top=symbol == "definition line")
    inspection.report(code, node, f"{type(node).__name__} is not in the grammar of {symbol!r}: `{_shown(node)}`")


def _report_surplus(inspection: Inspection, node: cst.CSTNode, production: Production) -> None:
    for field in production.empty:
        value = getattr(node, field)
        if value and value is not _EMPTY:
            code = code_of_stray(node, at_top=False)
            message = f"{type(node).__name__} has no {field} in this grammar: `{_shown(node)}`"
            inspection.report(code, value if isinstance(value, cst.CSTNode) else node, message)


def _shown(node: cst.CSTNode) -> str:
    """The first line of a node's code."""
    lines = cst.Module([]).code_for_node(node).strip().split("\n")
    return lines[0] if len(lines) == 1 and len(lines[0]) <= _SHOWN else lines[0][:_SHOWN] + "…"
