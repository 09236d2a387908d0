"""Records that are made without validation are those that validation makes."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cwc.runtime.records import StepRecord
from cwc.runtime.replay import Clock, plain_record, step_record, validated_record
from cwc.runtime.steps import Step


class Name(str):
    """A key that is no plain string."""


MAPPINGS = st.dictionaries(st.text("ab_é", max_size=3), st.integers() | st.lists(st.none()) | st.floats(0, 1))


@given(MAPPINGS, MAPPINGS, st.none() | st.just("inner"), st.integers(0, 10**12))
def test_the_record_of_a_step_that_succeeded_is_a_validated_one(
    inputs: dict[str, Any], outputs: dict[str, Any], flow_name: str | None, took: int
) -> None:
    step, clock = Step(3, "3:a", "a", None, None, 7, flow_name=flow_name), Clock(10**18, 5)
    plain = plain_record(step, clock, 100, 100 + took, outputs, inputs)
    validated = validated_record(step, clock, 100, 100 + took, dict(outputs), {"inputs": inputs})
    assert step_record(step, outputs, inputs, clock, 100, 100 + took) == plain == validated
    assert [*vars(plain).items()] == [*vars(validated).items()]
    assert plain.model_fields_set == validated.model_fields_set
    assert plain.model_dump_json(exclude_unset=True) == validated.model_dump_json(exclude_unset=True)
    assert pickle.loads(pickle.dumps(plain)) == copy.deepcopy(plain) == plain.model_copy(deep=True) == validated
    assert plain.inputs is not inputs
    assert plain.outputs is not outputs
    assert plain.retry_errors is not plain_record(step, clock, 0, 1, {}, {}).retry_errors


@pytest.mark.parametrize("names", [{1: 1}, {"\ud800": 1}, {Name("a"): 1}])
def test_records_with_other_keys_are_validated(names: Any) -> None:
    step, clock = Step(3, "3:a", "a", None, None, 7), Clock(10**18, 5)
    for inputs, outputs in ((names, {}), ({}, names)):
        made = told_record(lambda i=inputs, o=outputs: step_record(step, o, i, clock, 1, 2))  # type: ignore[misc]
        assert made == told_record(
            lambda i=inputs, o=outputs: validated_record(step, clock, 1, 2, dict(o), {"inputs": i})  # type: ignore[misc]
        )


def told_record(make: Callable[[], StepRecord]) -> object:
    try:
        record = make()
    except ValidationError as error:
        return str(error)
    return [(type(key), key) for key in (*record.inputs, *(record.outputs or ()))]
