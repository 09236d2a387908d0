"""Outputs of models that are plain but for one thing are what validating and dumping gives, for every such thing."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, settings
from pydantic import BaseModel

from cwc.runtime.tools.binding import Returns, giver
from cwc.runtime.tools.twins import twin_of
from tests.nearly_plain import NEARLY_PLAIN, defaulted, raws
from tests.outcomes import outcome, plainly


@pytest.mark.parametrize("told", NEARLY_PLAIN)
def test_one_thing_that_is_not_plain(told: str) -> None:
    model = NEARLY_PLAIN[told]
    givers = [giver(model, returns) for returns in get_args(Returns)]

    @settings(max_examples=settings().max_examples // 5)
    @given(raws(model))
    def holds(raw: object) -> None:
        expected = outcome(plainly(model), raw)
        for give in givers:
            assert outcome(give, raw) == expected

    holds()


def test_defaults_that_are_not_passed() -> None:
    twins = 0
    for model in defaulted():
        raw = {"item": {"count": 1}}
        twins += twin_of(model) is not None
        assert outcome(giver(model, "mapping"), raw) == outcome(plainly(model), raw), model.model_fields
    assert twins


def test_most_of_what_is_plain_has_a_twin() -> None:
    with_one = {told for told, model in NEARLY_PLAIN.items() if twin_of(model) is not None}
    assert {"nothing", "title", "description", "frozen", "default"} <= with_one
    assert isinstance(NEARLY_PLAIN["nothing"], type)
    assert issubclass(NEARLY_PLAIN["nothing"], BaseModel)
