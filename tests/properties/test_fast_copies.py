"""Copies of data are deep copies, and inputs that make it anew may do without."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, create_model

from cwc.plan.shapes import describe_model
from cwc.plan.types.rebuilding import rebuilds_data
from cwc.runtime.lookups import detached, separate
from tests.kind_values import fitting, values
from tests.kinds import Inner, types
from tests.nearly_plain import KINDS
from tests.outcomes import changing, outcome, shape


@given(values)
def test_a_detached_value_is_a_deep_copy(value: Any) -> None:
    shared = [value, {"again": value}] if isinstance(value, list | dict) else value
    for each in (value, shared, {"a": [[value]]}):
        try:
            expected = copy.deepcopy(each)
        except TypeError:
            assume(False)
        made = detached(each)
        assert shape(made) == shape(expected)
        assert aliases(made) == aliases(expected)
        assert not set(changing(made)) & set(changing(each))


def aliases(value: Any) -> Any:
    """Which lists and dicts in a value are one, by the order in which they are met."""
    met: dict[int, int] = {}

    def told(each: Any) -> Any:
        if not isinstance(each, list | dict):
            return None
        number = met.setdefault(id(each), len(met))
        return number, [told(inner) for inner in (each.values() if isinstance(each, dict) else each)]

    return told(value)


def test_circles_and_depths_are_copied_as_well() -> None:
    circle: list[Any] = []
    circle.append({"back": circle})
    made = detached(circle)
    assert made[0]["back"] is made
    deep: list[Any] = []
    for _ in range(200):
        deep = [deep]
    assert detached(deep) == deep


def test_what_cannot_be_copied_is_left_to_the_input_model() -> None:
    lock, numbers = threading.Lock(), [1]
    made = separate([lock, numbers])
    assert made[0] is lock
    assert made[1] == numbers
    assert made[1] is not numbers


MODELS_INSIDE = st.sampled_from((Inner, list[Inner], dict[str, list[Inner]], tuple[int, Inner], Inner | None))


@given(st.one_of(types, MODELS_INSIDE).flatmap(lambda kind: st.tuples(st.just(kind), st.one_of(fitting(kind), values))))
def test_a_separate_value_is_taken_as_a_deep_copy_is(case: tuple[Any, Any]) -> None:
    kind, value = case
    takes = create_model("Takes", a=(kind, ...))
    assume(rebuilds_data(describe_model(takes).input_type("a")))
    expect_separate(takes, value)


@pytest.mark.parametrize("number", range(len(KINDS)))
def test_a_separate_value_is_taken_as_a_deep_copy_is_by_every_type(number: int) -> None:
    kind = KINDS[number]
    takes = create_model("Takes", a=(kind, ...))
    if not rebuilds_data(describe_model(takes).input_type("a")):
        return

    @settings(max_examples=settings().max_examples // 5)
    @given(st.one_of(fitting(kind), values))
    def holds(value: Any) -> None:
        expect_separate(takes, value)

    holds()


def expect_separate(takes: type[BaseModel], value: Any) -> None:
    plain = outcome(lambda given: taken(takes, given, copy.deepcopy), value)
    assert outcome(lambda given: taken(takes, given, separate), value) == plain


def taken(model: type[BaseModel], value: Any, apart: Callable[[Any], Any]) -> Any:
    """What a model makes of a value, which shares nothing with it that could change."""
    made = model.model_validate({"a": apart(value)})
    assert not set(changing(made)) & set(changing(value)), "shared"
    return made
