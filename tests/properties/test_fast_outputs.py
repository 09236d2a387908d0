"""Outputs that are validated and dumped at once are what validating and dumping gives."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import assume, event, given

from cwc.runtime.steps import Outputs
from cwc.runtime.tools.binding import Returns, first_tried, giver
from tests.models import Case, cases
from tests.outcomes import outcome, plainly


@given(cases())
def test_an_output_is_what_validating_and_dumping_gives(case: Case) -> None:
    try:
        expected = outcome(plainly(case.model), case.raw)
    except TypeError:
        # What cannot be copied cannot be tried twice.
        assume(False)
    for returns in get_args(Returns):
        assert outcome(giver(case.model, returns), case.raw) == expected, case


@given(cases())
def test_an_output_that_is_tried_first_is_what_the_plain_way_gives(case: Case) -> None:
    """The statements are those of step functions."""
    tried = first_tried(case.model, "mapping")
    event("nothing to try" if tried is None else "tried")
    if tried is None:
        return
    at_once, refused = tried

    def step(raw: Any) -> Outputs:
        try:
            return at_once(raw)
        except refused:
            pass
        return giver(case.model)(raw)

    try:
        expected = outcome(plainly(case.model), case.raw)
    except TypeError:
        assume(False)
        raise
    assert outcome(step, case.raw) == expected, case
