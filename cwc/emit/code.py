"""The type gate: only `Code` reaches a generated module, and flow text becomes `Code` as a literal or not at all."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import LiteralString, NoReturn

_LARGEST_DECIMAL = 10**1000
"""Integers beyond this are spelt in hex: Python refuses to read or write very long decimal ones."""


class Code(str):
    """Text that is Python code. Made by `literal`, `compose` and the name allocator only."""

    __slots__ = ()


class GateError(Exception):
    """Something that is not `Code` was about to be written into a generated module: a bug in cwc."""


def gate(value: object) -> Code:
    """The ``finalize`` of the template environment: passes `Code`, raises `GateError` for all else."""
    if type(value) is not Code:
        raise GateError(f"{value!r} of type {type(value).__name__} reached a template without becoming code")
    return value


def compose(template: LiteralString, *parts: Code) -> Code:
    """Fill ``{}`` in a template that stands in cwc's own source with pieces of code."""
    return Code(template.format(*map(gate, parts)))


def joined(separator: LiteralString, parts: list[Code]) -> Code:
    return Code(separator.join(map(gate, parts)))


def literal(value: object) -> Code:
    """An expression that evaluates to ``value``: None, bool, int, float, str, bytes, dates and times, and lists,
    tuples, sets and dicts of them.

    Raises GateError for values of other types, subclasses included.
    """
    if isinstance(value, Code):
        raise GateError(f"{value!r} is code already")
    spell = _SPELLINGS.get(type(value), _refuse)
    return Code(spell(value))


def _refuse(value: object) -> NoReturn:
    raise GateError(f"a value of type {type(value).__name__} has no literal")


def _float(value: float) -> str:
    if math.isnan(value):
        return 'float("nan")'
    if math.isinf(value):
        return 'float("inf")' if value > 0 else 'float("-inf")'
    return repr(value)


def _int(value: int) -> str:
    return repr(value) if abs(value) < _LARGEST_DECIMAL else hex(value)


def _items(values: list[object]) -> str:
    return ", ".join(map(literal, values))


def _set(value: set[object]) -> str:
    return "{" + ", ".join(sorted(map(literal, value))) + "}" if value else "set()"


def _tuple(value: tuple[object, ...]) -> str:
    return f"({literal(value[0])},)" if len(value) == 1 else f"({_items(list(value))})"


def _dict(value: dict[object, object]) -> str:
    return "{" + ", ".join(f"{literal(key)}: {literal(item)}" for key, item in value.items()) + "}"


def _zone(zone: tzinfo | None) -> str:
    if zone is None:
        return ""
    offset = zone.utcoffset(None) if zone is not UTC else timedelta(0)
    if offset is None:
        raise GateError(f"the time zone {zone!r} has no fixed offset")
    return f", tzinfo=timezone(timedelta(seconds={int(offset.total_seconds())}))"


def _datetime(value: datetime) -> str:
    parts = (value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond)
    return f"datetime({', '.join(map(str, parts))}{_zone(value.tzinfo)})"


_SPELLINGS: dict[type, Callable[..., str]] = {
    type(None): repr,
    bool: repr,
    str: repr,
    bytes: repr,
    int: _int,
    float: _float,
    list: lambda value: f"[{_items(value)}]",
    tuple: _tuple,
    set: _set,
    frozenset: lambda value: f"frozenset({_set(set(value))})" if value else "frozenset()",
    dict: _dict,
    date: lambda value: f"date({value.year}, {value.month}, {value.day})",
    time: lambda value: f"time({value.hour}, {value.minute}, {value.second}, {value.microsecond})",
    datetime: _datetime,
}
