"""What containers hold that are made of others: by their class, or as copies."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from cwc.contract.closure import facts as f
from cwc.contract.closure.facts import NOTHING, UNKNOWN, Fact, Facts
from cwc.contract.closure.parts import all_values, element
from cwc.contract.closure.scopes import Scope

if TYPE_CHECKING:
    from cwc.contract.closure.evaluate import Evaluator


def kept_in(kind: str) -> Callable[[Evaluator, ast.Call, Scope], Facts]:
    """A container made of another: the same elements in a container of its own."""

    def kept(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
        if not node.args:
            shown = frozenset({f.Display(node, scope)}) if node.keywords else NOTHING
            return f.made(kind) | shown
        return f.made(kind) | copied(evaluator, evaluator.facts(node.args[0], scope))

    return kept


def copied(evaluator: Evaluator, container: Facts) -> Facts:
    """What a copy holds; constants stay as they are written, for names are spelt with them."""
    parts = frozenset(fact for fact in container if isinstance(fact, f.Container | f.Each))
    if not parts:
        return NOTHING
    return frozenset({f.Each(element(evaluator, parts, None)), f.Valued(all_values(evaluator, parts))})


def shallow_copy(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    inner = evaluator.facts(node.args[0], scope) if node.args else UNKNOWN
    return copied(evaluator, inner) | {fact for fact in inner if not isinstance(fact, f.Container | f.Fresh)}


def deep_copy(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    """A copy that shares no container with what it was made of."""
    return _detached(evaluator, shallow_copy(evaluator, node, scope), 0)


def _detached(evaluator: Evaluator, facts: Facts, depth: int) -> Facts:
    found: set[Fact] = set()
    for fact in facts:
        match fact:
            case f.Each(inner) if depth < _DEEPEST:
                found.add(f.Each(_detached(evaluator, inner, depth + 1)))
            case f.Valued(inner) if depth < _DEEPEST:
                found.add(f.Valued(_detached(evaluator, inner, depth + 1)))
            case f.Display() | f.Holding() | f.Columns() | f.Typed():
                found |= _detached(evaluator, copied(evaluator, frozenset({fact})), depth)
            case f.Fresh() | f.Each() | f.Valued():
                pass
            case _:
                found.add(fact)
    return frozenset(found)


_DEEPEST = 3
"""How many containers within each other a deep copy is followed into."""
