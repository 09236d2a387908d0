"""Predicates as Python expressions, rebuilt part by part from their trees."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import LiteralString

from cwc.emit.code import Code, compose, joined, literal
from cwc.plan.predicates import COMPARISONS, Predicate

_COMPARISONS: dict[type[ast.cmpop], LiteralString] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}


def predicate_code(predicate: Predicate, names: Mapping[str, Code]) -> Code:
    """The expression of a predicate, in which ``names`` are the expressions of the context keys that it reads."""
    return _Rebuilding(predicate, names).code(predicate.tree)


class _Rebuilding:
    def __init__(self, predicate: Predicate, names: Mapping[str, Code]) -> None:
        self.unusable, self.names = predicate.unusable, names

    def code(self, node: ast.expr) -> Code:
        """A part as an expression that can stand anywhere in another one."""
        if node in self.unusable:
            return compose("unusable({})", literal(self.unusable[node]))
        match node:
            case ast.Name(id=name):
                return self.names[name]
            case ast.Constant(value=value):
                return _constant(value)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return compose("(not {})", self.code(operand))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return compose("(-{})", self.code(operand))
            case ast.UnaryOp(operand=operand):
                return compose("(+{})", self.code(operand))
            case ast.Subscript(value=value, slice=key):
                return compose("item({}, {})", self.code(value), self.code(key))
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                return compose("[{}]", self.codes(elements))
            case ast.Set(elts=elements):
                return compose("{{{}}}", self.codes(elements))
            case ast.BoolOp(op=op, values=values):
                parts = [self.code(value) for value in values]
                return compose("({})", joined(" and " if isinstance(op, ast.And) else " or ", parts))
            case ast.Compare():
                return self.comparison(node)
            case _:
                raise ValueError(f"{ast.unparse(node)} is outside the grammar and was let through")

    def codes(self, nodes: list[ast.expr]) -> Code:
        return joined(", ", [self.code(node) for node in nodes])

    def comparison(self, node: ast.Compare) -> Code:
        chain = self.code(node.left)
        for op, right in zip(node.ops, node.comparators, strict=True):
            if type(op) not in COMPARISONS:
                # Not the first of the chain: it is reached where what stands before it holds.
                return compose("({} and {})", chain, self.code(right))
            chain = compose("{} {} {}", chain, _operator(op), self.code(right))
        return compose("({})", chain)


def _operator(op: ast.cmpop) -> Code:
    return compose(_COMPARISONS[type(op)])


def _constant(value: object) -> Code:
    if value is Ellipsis:
        return Code("ELLIPSIS")
    if isinstance(value, complex):
        return compose("complex_of({}, {})", literal(value.real), literal(value.imag))
    return literal(value)
