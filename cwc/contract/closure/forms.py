"""What each kind of expression may refer to, by what stands in it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from cwc.contract.closure import facts as f
from cwc.contract.closure.calls import call_facts
from cwc.contract.closure.copies import copied
from cwc.contract.closure.facts import NOTHING, UNKNOWN, Fact, Facts, is_unordered, limited
from cwc.contract.closure.folding import folded
from cwc.contract.closure.parts import items_of
from cwc.contract.closure.scopes import Scope

if TYPE_CHECKING:
    from cwc.contract.closure.evaluate import Evaluator


def _attribute(evaluator: Evaluator, node: ast.Attribute, scope: Scope) -> Facts:
    return evaluator.attribute(evaluator.facts(node.value, scope), node.attr, scope.view)


def _call(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    return call_facts(evaluator, node, scope)


def _subscript(evaluator: Evaluator, node: ast.Subscript, scope: Scope) -> Facts:
    value = folded(evaluator, node, scope)
    if value is not None:
        return value
    return items_of(evaluator, evaluator.facts(node.value, scope), node.slice, scope)


def _display(kind: str) -> Callable[[Evaluator, ast.expr, Scope], Facts]:
    def display(evaluator: Evaluator, node: ast.expr, scope: Scope) -> Facts:
        return frozenset({f.Made(kind), f.Display(node, scope)})

    return display


def _generator(evaluator: Evaluator, node: ast.GeneratorExp | ast.ListComp, scope: Scope) -> Facts:
    unordered = any(is_unordered(evaluator.facts(each.iter, scope)) for each in node.generators[:1])
    kind = "list" if isinstance(node, ast.ListComp) else "unordered" if unordered else "iterator"
    return frozenset({f.Made(kind), f.Display(node, scope)})


def _lambda(evaluator: Evaluator, node: ast.Lambda, scope: Scope) -> Facts:
    return frozenset({f.Function(scope.view.inner(node))})


def _either(evaluator: Evaluator, node: ast.IfExp, scope: Scope) -> Facts:
    return evaluator.join((node.body, node.orelse), scope)


def _any_of(evaluator: Evaluator, node: ast.BoolOp, scope: Scope) -> Facts:
    return evaluator.join(node.values, scope)


def _inner(evaluator: Evaluator, node: ast.NamedExpr | ast.Await | ast.Starred, scope: Scope) -> Facts:
    return evaluator.facts(node.value, scope)


def _constant(evaluator: Evaluator, node: ast.Constant, scope: Scope) -> Facts:
    if isinstance(node.value, str | bytes | int | float | None):
        kinds = f.made(type(node.value).__name__) if node.value is not None else NOTHING
        return frozenset({f.Const(node.value)}) | kinds
    return UNKNOWN


def _is_items(node: ast.expr) -> bool:
    """``x.items()``: of an operand of set algebra, surely the view of a mapping."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "items"


_ALGEBRA = (ast.BitOr, ast.BitAnd, ast.Sub, ast.BitXor)


def _binary(evaluator: Evaluator, node: ast.BinOp, scope: Scope) -> Facts:
    value = folded(evaluator, node, scope)
    if value is not None:
        return value
    left, right = evaluator.facts(node.left, scope), evaluator.facts(node.right, scope)
    if isinstance(node.op, _ALGEBRA):
        if _is_items(node.left) or _is_items(node.right):
            return f.made("set")
        for side in (left, right):
            for fact in side:
                if isinstance(fact, f.Made) and fact.of in ("set", "frozenset", "keys"):
                    return f.made("frozenset" if fact.of == "frozenset" else "set")
    both = left | right
    kept: set[Fact] = {fact for fact in both if isinstance(fact, f.Made | f.Object)} | copied(evaluator, both)
    if isinstance(node.op, ast.Div) and not any(isinstance(fact, f.Made) and "." in fact.of for fact in kept):
        return f.made("float")
    return limited(kept) or UNKNOWN


def _formatted(evaluator: Evaluator, node: ast.JoinedStr, scope: Scope) -> Facts:
    return folded(evaluator, node, scope) or f.made("str")


def _unary(evaluator: Evaluator, node: ast.UnaryOp, scope: Scope) -> Facts:
    return folded(evaluator, node, scope) or (
        f.made("bool") if isinstance(node.op, ast.Not) else evaluator.facts(node.operand, scope)
    )


def _compare(evaluator: Evaluator, node: ast.Compare, scope: Scope) -> Facts:
    return f.made("bool")


def _yielded(evaluator: Evaluator, node: ast.expr, scope: Scope) -> Facts:
    return UNKNOWN


LEAVES: dict[type[ast.expr], Callable[..., Facts]] = {
    ast.Lambda: _lambda, ast.List: _display("list"), ast.Tuple: _display("tuple"), ast.Set: _display("set"),
    ast.Dict: _display("dict"), ast.SetComp: _display("set"), ast.DictComp: _display("dict"), ast.Constant: _constant,
    ast.Compare: _compare, ast.Yield: _yielded,
}  # fmt: skip
"""Expressions that are what they are, whatever stands in them."""

FORMS: dict[type[ast.expr], Callable[..., Facts]] = {
    ast.Attribute: _attribute, ast.Call: _call, ast.Subscript: _subscript, ast.ListComp: _generator,
    ast.GeneratorExp: _generator, ast.IfExp: _either, ast.BoolOp: _any_of, ast.NamedExpr: _inner, ast.Await: _inner,
    ast.Starred: _inner, ast.BinOp: _binary, ast.JoinedStr: _formatted, ast.UnaryOp: _unary,
}  # fmt: skip
