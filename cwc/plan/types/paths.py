"""Where JSON pointers lead in a type (SEMANTICS B 5.5): into objects by key, into lists by position."""

from __future__ import annotations

from typing import Literal

from cwc.plan.types.model import (
    UNKNOWN,
    Checked,
    Choice,
    Fixed,
    Instance,
    Items,
    Mapping,
    Record,
    Scalar,
    Type,
    Union,
    Unknown,
    resolved,
    union_of,
)
from cwc.plan.types.relation import relate

Reach = Literal["sure", "maybe", "never"]


def descend(type_: Type, tokens: tuple[str, ...], *, passed: bool = False) -> tuple[Type, Reach]:
    """The type of what stands at a pointer, and whether there is anything.

    ``passed``: the type is of what a caller passes, which can be a list for any sequence and an object for a dict.
    """
    if not tokens:
        return type_, "sure"
    token, *rest = tokens
    inner, reach = _enter(resolved(type_), token, passed)
    if reach == "never":
        return UNKNOWN, "never"
    found, further = descend(inner, tuple(rest), passed=passed)
    if "never" in (reach, further):
        return found, "never"
    return found, "sure" if reach == further == "sure" and not passed else "maybe"


def joined(found: list[tuple[Type, Reach]]) -> tuple[Type, Reach]:
    """What comes of several types any of which can be there."""
    reached = [type_ for type_, reach in found if reach != "never"]
    if not reached:
        return UNKNOWN, "never"
    return union_of(reached), "sure" if all(reach == "sure" for _, reach in found) else "maybe"


def _enter(type_: Type, token: str, passed: bool) -> tuple[Type, Reach]:
    match type_:
        case Union(members):
            return joined([_enter(resolved(member), token, passed) for member in members])
        case Checked(inner):
            return _enter(resolved(inner), token, passed)
        case Unknown() | Instance():
            return UNKNOWN, "maybe"
        case Scalar(name):
            # A decimal can be passed as the parts of its number.
            return UNKNOWN, "maybe" if passed and name == "decimal" else "never"
        case Choice(values):
            return UNKNOWN, "maybe" if any(isinstance(value, list | dict) for value in values) else "never"
        case Items(kind, item):
            return item, "maybe" if _is_position(token) and (kind == "list" or passed) else "never"
        case Fixed(kind, items):
            return _enter_fixed(items, token) if kind == "list" or passed else (UNKNOWN, "never")
        case Mapping(key, value):
            is_key = relate(Choice((token,)), key).verdict == "fits"
            return value, "maybe" if is_key else "never"
        case Record():
            return _enter_record(type_, token, passed)
    raise AssertionError(type_)


def _enter_fixed(items: tuple[Type, ...], token: str) -> tuple[Type, Reach]:
    if not _is_position(token) or int(token) >= len(items):
        return UNKNOWN, "never"
    return items[int(token)], "sure"


def _enter_record(record: Record, token: str, passed: bool) -> tuple[Type, Reach]:
    field = next((each for each in record.fields if token in each.keys), None)
    if field is not None:
        return field.type, "sure" if field.required else "maybe"
    opened = record.extra == "allow" or (passed and record.extra == "ignore")
    return UNKNOWN, "maybe" if opened else "never"


def _is_position(token: str) -> bool:
    try:
        return int(token) >= 0
    except ValueError:
        return False
