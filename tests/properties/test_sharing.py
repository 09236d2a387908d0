"""An input that is not copied before it is validated shares nothing that can change with the value it was made of."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic_core import PydanticSerializationError

from cwc.plan.shapes import describe_model
from cwc.plan.sharing import isolates
from cwc.plan.types.rebuilding import rebuilds
from tests.kind_values import fitting
from tests.kind_values import values as anything
from tests.kinds import types
from tests.models import Case, cases
from tests.nearly_plain import KINDS
from tests.outcomes import changing
from tests.type_pairs import pairs, values

CONFIG = ConfigDict(arbitrary_types_allowed=True)
described = cache(describe_model)


def judge(gives: type[BaseModel], takes: type[BaseModel], made: BaseModel) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dumped = made.model_dump()
        except (AttributeError, PydanticSerializationError):
            return
        if "a" not in dumped or described(takes).open_input:
            return
        own = set(changing(dumped["a"]))
        if not rebuilds(described(gives).output_type("a"), described(takes).input_type("a")):
            event("copied")
            return
        event("shared, and could change" if own else "shared, and cannot change")
        try:
            taken = takes.model_validate({"a": dumped["a"]})
        except (ValidationError, TypeError):
            return
        assert not own & set(changing(taken)), dumped


@given(pairs())
def test_what_another_tool_gave(pair: tuple[Any, Any]) -> None:
    producer, consumer = pair
    gives = create_model("Gives", __config__=CONFIG, a=(producer, ...))
    takes = create_model("Takes", __config__=CONFIG, a=(consumer, ...))
    for value in values(producer):
        judge(gives, takes, gives.model_construct(a=value))


@given(cases())
def test_what_the_same_tool_gave(case: Case) -> None:
    try:
        made = case.model.model_validate(case.raw)
    except (ValidationError, TypeError):
        return
    if isinstance(made, case.model):
        judge(case.model, case.model, made)


@given(cases(), types)
def test_what_a_tool_of_any_make_gave(case: Case, consumer: Any) -> None:
    try:
        made = case.model.model_validate(case.raw)
    except (ValidationError, TypeError):
        return
    takes = create_model("Takes", __config__=CONFIG, a=(consumer, ...))
    judge(case.model, takes, made)


HOLDING = tuple(create_model("Holding", __config__=CONFIG, a=(kind, ...)) for kind in KINDS)


@pytest.mark.parametrize("number", range(len(KINDS)))
def test_what_a_tool_of_every_type_gave_to_every_other(number: int) -> None:
    gives = HOLDING[number]

    @settings(max_examples=settings().max_examples // 10)
    @given(st.one_of(fitting(KINDS[number]), fitting(KINDS[number]), anything))
    def holds(value: Any) -> None:
        try:
            made = gives.model_validate({"a": value})
        except (ValidationError, TypeError):
            return
        for takes in HOLDING:
            judge(gives, takes, made)

    holds()


@pytest.mark.parametrize("number", range(len(KINDS)))
def test_an_input_that_is_an_object_of_its_own(number: int) -> None:
    takes = HOLDING[number]
    spec = described(takes).field("a")
    if spec is None or not isolates(described(takes), spec):
        return

    @settings(max_examples=settings().max_examples // 5)
    @given(st.one_of(fitting(KINDS[number]), anything))
    def holds(value: Any) -> None:
        try:
            taken = takes.model_validate({"a": value})
        except (ValidationError, TypeError):
            return
        assert not set(changing(value)) & set(changing(taken)), value

    holds()
