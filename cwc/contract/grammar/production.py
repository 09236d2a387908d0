"""The form of the grammar: a symbol's productions say which nodes may stand for it, and which symbols stand inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Literal, TypeVar

import libcst as cst

from cwc.contract.grammar.inspection import Inspection

Symbol = Literal[
    "definition", "definition line", "handshake", "constant", "constant element", "constant entry", "constant argument",
    "tool part", "contract check", "new constant", "new decision",
    "typing block", "typing statement", "typing line", "new type", "typed dict", "typed dict argument",
    "typed dict part", "typed field", "type checking", "annotation", "type", "type argument", "type index", "either",
    "parameters", "no parameters", "parameter", "new parameter", "block", "statement", "line", "effect", "new local",
    "new step", "final context", "coroutine parameter",
    "else block", "rounds", "handler", "caught class", "handler name", "cause",
    "nothing", "nothing statement", "nothing line",
    "class of", "class argument", "same class", "same", "scalar",
    "expression", "element", "entry", "argument", "call", "begun argument", "begun", "base", "index", "index key",
    "comparison", "comparator", "conjunction", "prefix",
    "literal", "literal element", "literal entry", "literal argument", "sign", "number", "text", "keyword",
]  # fmt: skip
"""The nonterminals, named so that findings can show them."""

Parts = Mapping[str, Symbol]
"""The fields of a node that hold code, in the order in which Python evaluates them, and what must stand there."""

Node = TypeVar("Node", bound=cst.CSTNode)

_PUNCTUATION = frozenset({
    "lpar", "rpar", "lbracket", "rbracket", "lbrace", "rbrace", "comma", "semicolon", "equal", "dot", "indent",
    "header", "footer", "leading_lines", "lines_after_decorators", "trailing_whitespace",
})  # fmt: skip
"""Fields that hold brackets, separators, blank space and comments in whatever node has them."""


@dataclass(frozen=True, slots=True)
class Production:
    """One node type that may stand for a symbol.

    ``rule`` looks at what a grammar cannot say, reports it, and returns the parts to go on with. ``empty`` are the
    fields that neither parts nor rule account for, such as decorators: whatever stands in them is not in the grammar.
    """

    node: type[cst.CSTNode]
    parts: Parts
    rule: Callable[[Inspection, cst.CSTNode], Parts] | None
    empty: tuple[str, ...]


def production(
    node: type[Node],
    rule: Callable[[Inspection, Node], Parts | None] | None = None,
    *,
    seen: tuple[str, ...] = (),
    **parts: Symbol,
) -> Production:
    """A production. ``seen`` are fields that the rule looks at itself; a rule that returns None keeps ``parts``."""

    def ruled(inspection: Inspection, found: cst.CSTNode) -> Parts:
        assert rule is not None
        assert isinstance(found, node)
        other = rule(inspection, found)
        return parts if other is None else other

    known = {*parts, *seen}
    names = (field.name for field in fields(node))
    empty = tuple(name for name in names if name not in known and not is_punctuation(name))
    return Production(node, parts, None if rule is None else ruled, empty)


def is_punctuation(field: str) -> bool:
    return field in _PUNCTUATION or field.startswith("whitespace")


def symbol(*productions: Production) -> dict[type[cst.CSTNode], Production]:
    """The productions of one symbol, by node type."""
    return {each.node: each for each in productions}
