"""What a predicate can come to, told by the types of the keys that it reads: true, false, or a TypeError."""

from __future__ import annotations

import ast
import enum
from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import Literal

from cwc.plan.predicates import COMPARISONS
from cwc.plan.types.constants import type_of_constant
from cwc.plan.types.model import (
    UNKNOWN,
    Checked,
    Choice,
    Fixed,
    Items,
    Record,
    Scalar,
    Type,
    Union,
    resolved,
)
from cwc.plan.types.model import Mapping as MappingType

Outcome = Literal["true", "false", "fails"]
Outcomes = frozenset[Outcome]

_EITHER: Outcomes = frozenset({"true", "false"})
_FAILS: Outcomes = frozenset({"fails"})
_MOST_PAIRS = 1_000
_NUMBERS = ("bool", "int", "float", "complex", "decimal")


def outcomes(tree: ast.expr, types: Mapping[str, Type]) -> Outcomes:
    """All that an evaluation can come to, and perhaps more. What is unknown is taken to compare with anything."""
    match tree:
        case ast.BoolOp(op=op, values=values):
            return _joined(values, isinstance(op, ast.And), types)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            swapped: Mapping[Outcome, Outcome] = {"true": "false", "false": "true", "fails": "fails"}
            return frozenset(swapped[each] for each in outcomes(operand, types))
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            return _compared([left, *comparators], ops, types)
        case _:
            return _all_of(_truth(part) for part in _parts(_operand(tree, types)))


def told_by(outcome: bool | None) -> Outcomes | None:
    """What a predicate comes to that does not depend on the context."""
    return None if outcome is None else frozenset({"true" if outcome else "false"})


def _joined(values: list[ast.expr], is_and: bool, types: Mapping[str, Type]) -> Outcomes:
    going_on: Outcome = "true" if is_and else "false"
    found: set[Outcome] = set()
    for value in values:
        each = outcomes(value, types)
        found |= each - {going_on}
        if going_on not in each:
            return frozenset(found)
    return frozenset({*found, going_on})


def _compared(operands: list[ast.expr], ops: list[ast.cmpop], types: Mapping[str, Type]) -> Outcomes:
    found: set[Outcome] = set()
    for left, op, right in zip(operands, ops, operands[1:], strict=False):
        pairs = product(_parts(_operand(left, types)), _parts(_operand(right, types)))
        each = _all_of(_compare(op, one, other) for one, other in pairs)
        found |= each - {"true"}
        if "true" not in each:
            return frozenset(found)
    return frozenset({*found, "true"})


def _operand(node: ast.expr, types: Mapping[str, Type]) -> Type:
    match node:
        case ast.Name(id=name):
            return types.get(name, UNKNOWN)
        case ast.Constant(value=value):
            return type_of_constant(value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return type_of_constant(-value)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return Fixed("list", tuple(_operand(element, types) for element in elements))
        case _:
            return UNKNOWN


def _parts(type_: Type) -> list[Type]:
    """The types that are not unions, and single values, that a type is of."""
    match resolved(type_):
        case Union(members):
            return [part for member in members for part in _parts(member)]
        case Checked(inner):
            return _parts(inner)
        case Scalar("bool"):
            return [Choice((True,)), Choice((False,))]
        case Scalar("none"):
            return [Choice((None,))]
        case Choice(values) if len(values) <= _MOST_PAIRS // 10:
            return [Choice((value,)) if not isinstance(value, enum.Enum) else UNKNOWN for value in values]
        case found:
            return [found]


def _all_of(found: Iterable[Outcomes]) -> Outcomes:
    return frozenset(outcome for each in found for outcome in each)


def _truth(type_: Type) -> Outcomes:
    match type_:
        case Choice((value,)):
            return _holding(lambda: bool(value))
        case _:
            return _EITHER


def _compare(op: ast.cmpop, left: Type, right: Type) -> Outcomes:
    """A comparison of two types that are no unions."""
    if type(op) not in COMPARISONS:
        return _EITHER
    values = [_value(left), _value(right)]
    if None not in values:
        (one,), (other,) = (value for value in values if value is not None)
        return _holding(lambda: COMPARISONS[type(op)](one, other))
    if isinstance(op, ast.In | ast.NotIn):
        return _contained(op, left, right)
    kinds = (_kind(left), _kind(right))
    if None in kinds:
        return _EITHER
    if isinstance(op, ast.Eq | ast.NotEq):
        differ: Outcomes = frozenset({"false" if isinstance(op, ast.Eq) else "true"})
        return _EITHER if kinds[0] == kinds[1] else differ
    return _FAILS if kinds[0] != kinds[1] or kinds[0] in ("dict", "none") else _EITHER


def _contained(op: ast.In | ast.NotIn, left: Type, right: Type) -> Outcomes:
    kind, inner = _kind(right), _kind(left)
    if kind is None or inner is None:
        return _EITHER
    if isinstance(right, Fixed):
        equal = _all_of(_compare(ast.Eq(), left, item) for item in right.items for item in _parts(item))
        never = "true" not in equal
        return _EITHER if not never else frozenset({"false" if isinstance(op, ast.In) else "true"})
    if kind == "str":
        return _EITHER if inner == "str" else _FAILS
    return _EITHER if kind in ("list", "tuple", "set", "dict", "bytes") else _FAILS


def _holding(compute: Callable[[], object]) -> Outcomes:
    try:
        return frozenset({"true" if compute() else "false"})
    except Exception:
        return _FAILS


def _value(type_: Type) -> tuple[object] | None:
    """The one value of a type that has no other, if that is so."""
    match type_:
        case Choice((value,)):
            return (value,)
        case Fixed("list", items):
            values = [_value(item) for item in items]
            return None if None in values else ([value[0] for value in values if value is not None],)
        case _:
            return None


def _kind(type_: Type) -> str | None:
    """What a type compares as: values of two kinds are never equal, and have no order. None where it cannot be told."""
    match type_:
        case Scalar(name):
            return "number" if name in _NUMBERS else "date" if name == "datetime" else name
        case Choice((value,)):
            is_number = isinstance(value, int | float | complex)
            return "number" if is_number else {str: "str", bytes: "bytes", type(None): "none"}.get(type(value))
        case Items(kind) | Fixed(kind):
            return "set" if kind == "frozenset" else kind
        case MappingType() | Record():
            return "dict"
        case _:
            return None
