"""Steps whose tool a callback chooses: the decision is on record, however the step ends."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from pydantic import BaseModel, Field

import cwc
from cwc.runtime import DecisionPolicy
from cwc.runtime.errors import SchemaValidationError


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


DECIDING = {
    "tool_name": "steady",
    "decision_candidates": ["steady", "failing"],
    "input_mapping": {"number": "number"},
}


def test_the_callback_sees_what_only_it_reads() -> None:
    """The first value is overwritten, and no step reads it: it is there for the second decision alone."""
    flow = {
        "type": "Flow", "name": "f", "description": "", "steps": [DECIDING, DECIDING],
        "on_context_collision": "overwrite",
    }  # fmt: skip
    seen = []

    def choose(question: Any) -> str:
        seen.append(question.context)
        return "steady"

    assert cwc.compile_flow(flow, [steady, failing]).run({"number": 3}, decision_callback=choose).success
    assert seen == [{"number": 3}, {"number": 3, "value": 3}]


class Large(BaseModel):
    value: int = Field(ge=10)


def test_a_contract_is_of_the_chosen_tool() -> None:
    step = {**DECIDING, "tool_name": "failing", "output_contract": f"{__name__}:Large"}
    flow = {"type": "Flow", "name": "f", "description": "", "steps": [step]}
    result = cwc.compile_flow(flow, [steady, failing]).run({"number": 3}, decision_callback=lambda _: "steady")
    assert isinstance(result.failure, SchemaValidationError)
    assert (result.failure.tool_name, result.execution_log[0].tool_name) == ("steady", "steady")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("policy", [None, DecisionPolicy(timeout_s=30)])
def test_an_answer_that_has_to_be_awaited_is_closed(policy: Any) -> None:
    asked = []

    async def choose() -> str:
        return "steady"

    def ask(question: Any) -> Any:
        asked.append(choose())
        return asked[0]

    flow = {"type": "Flow", "name": "f", "description": "", "steps": [DECIDING]}
    result = cwc.compile_flow(flow, [steady, failing]).run({"number": 3}, decision_callback=ask, decision_policy=policy)
    assert "its answer has to be awaited, which no lane does; write a plain function" in str(result.failure)
    assert inspect.getcoroutinestate(asked[0]) == inspect.CORO_CLOSED
