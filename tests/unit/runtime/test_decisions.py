"""Steps whose tool a callback chooses: the decision is on record, however the step ends."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

import cwc


class Number(BaseModel):
    number: int


class Value(BaseModel):
    value: int


@cwc.tool
def steady(inputs: Number) -> Value:
    """Gives the number."""
    return Value(value=inputs.number)


@cwc.tool
def failing(inputs: Number) -> Value:
    """Fails."""
    raise ValueError("no")


def record_of(on_error: str, retry: dict[str, Any] | None) -> Any:
    step = {
        "tool_name": "steady",
        "decision_candidates": ["steady", "failing"],
        "input_mapping": {"number": "number"},
        "on_error": on_error,
        "retry": retry,
    }
    flow = {"type": "Flow", "name": "f", "description": "", "steps": [step]}
    result = cwc.compile_flow(flow, [steady, failing]).run({"number": 1}, decision_callback=lambda question: "failing")
    return result.execution_log[0]


@pytest.mark.parametrize("retry", [None, {"max_retries": 1, "backoff_seconds": 0}])
@pytest.mark.parametrize("on_error", ["fail", "skip", "fallback:steady"])
def test_the_decision_is_on_record(on_error: str, retry: dict[str, Any] | None) -> None:
    record = record_of(on_error, retry)
    assert record.tool_name == "failing"
    assert record.decision is not None
    assert (record.decision.chosen, record.decision.default_tool_name) == ("failing", "steady")
    assert record.success is (on_error != "fail")
