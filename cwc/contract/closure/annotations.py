"""An annotation → what a value so annotated may be."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING

from cwc.contract.closure import facts as f
from cwc.contract.closure.facts import UNKNOWN, Fact, Facts
from cwc.contract.closure.outside import canonical, instance_of, is_class
from cwc.contract.closure.scopes import How, Scope

if TYPE_CHECKING:
    from cwc.contract.closure.evaluate import Evaluator

_TRANSPARENT = frozenset({"Optional", "Annotated", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly"})


def annotated(evaluator: Evaluator, node: ast.expr, scope: Scope) -> Facts:
    """Instances of the classes that an annotation names; classes themselves for ``type[…]``."""
    match node:
        case ast.Constant(value=str(text)):
            return _quoted(evaluator, text, scope)
        case ast.Constant():
            return UNKNOWN
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return annotated(evaluator, left, scope) | annotated(evaluator, right, scope)
        case ast.Subscript():
            return _generic(evaluator, node, scope)
        case ast.Name() | ast.Attribute():
            return _instances(_referred(evaluator, node, scope))
    return UNKNOWN


def elements(evaluator: Evaluator, typed: f.Typed, *, values: bool) -> Facts:
    """What an annotated container holds: its values, or for False what iterating over it gives."""
    index = typed.node.slice
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    return annotated(evaluator, parts[-1 if values else 0], typed.scope) if parts else UNKNOWN


def _quoted(evaluator: Evaluator, text: str, scope: Scope) -> Facts:
    node = _parsed(text)
    return UNKNOWN if node is None else annotated(evaluator, node, scope)


@lru_cache(4096)
def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _generic(evaluator: Evaluator, node: ast.Subscript, scope: Scope) -> Facts:
    owner, index = node.value, node.slice
    last = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    if last in _TRANSPARENT:
        return annotated(evaluator, parts[0], scope) if parts else UNKNOWN
    if last == "Union":
        return frozenset().union(*(annotated(evaluator, part, scope) for part in parts))
    if last in ("type", "Type"):
        return _referred(evaluator, parts[0], scope) if parts else UNKNOWN
    whole = annotated(evaluator, owner, scope)
    return whole | {f.Typed(node, scope)}


def _referred(evaluator: Evaluator, node: ast.expr, scope: Scope) -> Facts:
    """What a name in an annotation means; there, imports for type checkers count."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        quoted = _parsed(node.value)
        return UNKNOWN if quoted is None else _referred(evaluator, quoted, scope)
    if isinstance(node, ast.Attribute):
        return evaluator.attribute(_referred(evaluator, node.value, scope), node.attr, scope.view)
    if not isinstance(node, ast.Name):
        return UNKNOWN
    found: set[Fact] = set()
    for binding in scope.view.scope.names.get(node.id, ()):
        if binding.dead and binding.how is How.IMPORT:
            found |= evaluator.imported(binding)
    return frozenset(found) or evaluator.name(node.id, scope)


def _instances(classes: Facts) -> Facts:
    found: set[Fact] = set()
    for fact in classes:
        match fact:
            case f.Class(scope):
                found.add(f.Object(scope))
            case f.Outside(name) if is_class(canonical(name)) and name != "builtins.object":
                found |= instance_of(canonical(name))
            case _:
                found |= UNKNOWN
    return frozenset(found) or UNKNOWN
