"""Which expressions have no order: sets, and iterators over them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.closure import facts
from cwc.contract.rules.force import facts_here
from cwc.contract.rules.rule import Look


def is_unordered(node: ast.expr, look: Look) -> bool:
    """Whether an expression may be a set, or iterates over one."""
    return facts.is_unordered(look.facts(node)) and facts.is_unordered(facts_here(node, look))


def unordered_parts(node: ast.expr, look: Look) -> Iterator[ast.expr]:
    """What a call that only passes elements on is given: ``zip(a, b)``, ``map(f, a)``, ``enumerate(a)``."""
    if isinstance(node, ast.Call) and look.names(node.func) & _PASSING:
        yield from (each for each in node.args if not isinstance(each, ast.Starred))


_PASSING = frozenset(
    {"builtins.map", "builtins.filter", "itertools.chain", "itertools.filterfalse", "itertools.compress"}
)
