"""Retry policies: which failures are tried again, and how long the waits are."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from cwc.runtime.attempts import Policy, contract, exhausted, failed, passed
from cwc.runtime.errors import FlowExecutionError, SchemaValidationError
from cwc.runtime.raised import StepFailed
from cwc.runtime.steps import Told


def test_waits_grow_by_the_multiplier() -> None:
    policy = Policy(0, "t", attempts=4, backoff=0.5, multiplier=3.0)
    assert [policy.wait(attempt) for attempt in (1, 2, 3)] == [0.5, 1.5, 4.5]


def test_jitter_is_seeded_and_within_bounds() -> None:
    waits = {
        (seed, index, attempt): Policy(index, "t", attempts=9, backoff=1.0, seed=seed).wait(attempt)
        for seed in ("a", "b")
        for index in range(5)
        for attempt in range(1, 9)
    }
    assert all(0.5 <= wait < 1.5 for wait in waits.values())
    assert len(set(waits.values())) == len(waits)
    assert Policy(2, "t", attempts=9, backoff=1.0, seed="a").wait(3) == waits["a", 2, 3]


def test_a_class_that_is_not_retried_ends_the_trial_at_once() -> None:
    policy = Policy(1, "t", attempts=5, errors=(LookupError,))
    trial = failed(policy, None, KeyError("k"), 1)
    assert not trial.over
    trial = failed(policy, trial, ValueError("v"), 2)
    assert trial.over
    error = exhausted(trial)
    assert isinstance(error, StepFailed)
    assert isinstance(error.error, FlowExecutionError)
    assert isinstance(error.__cause__, ValueError)
    assert error.facts == {"retry_count": 1, "retry_errors": ["'k'", "v"]}


def test_the_last_attempt_ends_the_trial() -> None:
    policy = Policy(1, "t", attempts=2)
    trial = failed(policy, None, ValueError("1"), 1)
    assert not trial.over
    assert failed(policy, trial, ValueError("2"), 2).over


def test_outputs_after_failures_tell_of_them() -> None:
    trial = failed(Policy(0, "t", attempts=2), None, ValueError("1"), 1)
    outputs = passed(trial, {"a": 1})
    assert isinstance(outputs, Told)
    assert outputs == {"a": 1}
    assert outputs.facts == {"retry_count": 1, "retry_errors": ["1"]}


class Wanted(BaseModel):
    value: int


def test_contracts_check_and_change_nothing() -> None:
    check = contract("input_contract", 3, "t", Wanted)
    data = {"value": "5", "more": 1}
    assert check(data) is data
    assert data == {"value": "5", "more": 1}
    with pytest.raises(StepFailed) as caught:
        check({"value": "x"})
    error = caught.value.error
    assert isinstance(error, SchemaValidationError)
    assert (error.tool_name, error.step_index, error.context) == ("t", 3, "input_contract")
