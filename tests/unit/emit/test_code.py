"""The type gate: literals evaluate back to their value, and nothing but code passes."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwc.emit.code import Code, GateError, compose, gate, joined, literal

SCOPE = {"date": date, "datetime": datetime, "time": time, "timedelta": timedelta, "timezone": timezone}

hostile_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    hostile_text,
    st.binary(max_size=20),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(hostile_text, inner, max_size=3) | st.tuples(inner),
    max_leaves=8,
)


def evaluated(code: Code) -> Any:
    return eval(code, {"__builtins__": {"float": float, "set": set, "frozenset": frozenset}, **SCOPE})


@given(values)
def test_a_literal_evaluates_back_to_its_value(value: Any) -> None:
    code = literal(value)
    assert type(code) is Code
    assert len(code.splitlines()) <= 1
    assert evaluated(code) == value
    assert type(evaluated(code)) is type(value)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), {"b", "a"}, set(), frozenset({1})])
def test_values_that_repr_does_not_spell(value: Any) -> None:
    assert evaluated(literal(value)) == value


def test_integers_of_any_length() -> None:
    assert evaluated(literal(10**5000)) == 10**5000
    assert evaluated(literal(-(10**5000))) == -(10**5000)


def test_nan() -> None:
    assert math.isnan(evaluated(literal(float("nan"))))


def test_sets_are_sorted() -> None:
    assert literal({"b", "a", "c"}) == "{'a', 'b', 'c'}"


def test_time_zones() -> None:
    moment = datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert evaluated(literal(moment)) == moment


class _Text(str):
    pass


class _Number(IntEnum):
    ONE = 1


@pytest.mark.parametrize("value", [object(), _Text("x"), _Number.ONE, Code("x"), [object()], {"a": _Text("b")}])
def test_other_types_have_no_literal(value: object) -> None:
    with pytest.raises(GateError):
        literal(value)


@pytest.mark.parametrize("value", ["text", 1, None, _Text("x")])
def test_only_code_passes_the_gate(value: object) -> None:
    with pytest.raises(GateError):
        gate(value)
    with pytest.raises(GateError):
        compose("{}", value)  # type: ignore[arg-type]
    with pytest.raises(GateError):
        joined(", ", [value])  # type: ignore[list-item]
