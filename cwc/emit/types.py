"""The types of a flow's input and output, as far as a type checker can use them."""

from __future__ import annotations

from dataclasses import dataclass

from cwc.emit.code import Code, compose, joined
from cwc.plan.flow_types import pieces_of
from cwc.plan.model import Plan
from cwc.plan.types.model import Checked, Choice, Items, Mapping, Record, Scalar, Type, Union, union_of
from cwc.plan.values import Value

_ANY = Code("Any")
_SCALARS = {name: Code(name) for name in ("bool", "int", "float", "str", "bytes")} | {"none": Code("None")}
_DEEPEST = 4
"""How far types are written out; what stands deeper is Any."""


@dataclass(frozen=True, slots=True)
class OutputField:
    """One key of the final context and its type."""

    key: str
    type: Code


def output_fields(plan: Plan) -> list[OutputField]:
    """The keys that a successful run gives; those that it may leave out as ``NotRequired``."""
    return [
        OutputField(key, kind if value.presence == "sure" else compose("NotRequired[{}]", kind))
        for key, value in plan.final_context.values.items()
        for kind in [_type_of(plan, value)]
    ]


def _type_of(plan: Plan, value: Value) -> Code:
    """The type of a value that steps made. What callers pass is handed on as it is, whatever their model declares."""
    pieces = list(pieces_of(plan, value))
    if not pieces or any(piece.passed for piece in pieces):
        return _ANY
    return _spelt(union_of([piece.type for piece in pieces]), _DEEPEST)


def _spelt(type_: Type, depth: int) -> Code:
    """A type as an annotation of builtin names; ``Any`` where those do not say it."""
    if depth == 0:
        return _ANY
    match type_:
        case Scalar(name):
            return _SCALARS.get(name, _ANY)
        case Choice(values, enum=None):
            kinds = dict.fromkeys("none" if value is None else type(value).__name__ for value in values)
            return _either([_SCALARS.get(kind, _ANY) for kind in kinds])
        case Items("list", item):
            return compose("list[{}]", _spelt(item, depth - 1))
        case Mapping(key, value):
            return compose("dict[{}, {}]", _spelt(key, depth - 1), _spelt(value, depth - 1))
        case Record():
            return Code("dict[str, Any]")
        case Union(members):
            return _either([_spelt(member, depth) for member in members])
        case Checked(inner):
            return _spelt(inner, depth)
        case _:
            return _ANY


def _either(kinds: list[Code]) -> Code:
    return _ANY if _ANY in kinds or not kinds else joined(" | ", list(dict.fromkeys(kinds)))
