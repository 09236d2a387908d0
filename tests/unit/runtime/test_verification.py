"""Recorded runs that are run again: equal where nothing has changed, and told in order where something has."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

import cwc
from cwc.runtime.flow import Flow
from cwc.runtime.results import ExecutionResult
from cwc.runtime.stores.step_cache import InMemoryStepCache
from cwc.runtime.verification import Difference, Verification, verify, verify_async
from tests.unit.runtime.number_flows import CHILD, PARENT, Number, linear, number_tool

LANES = ("sync", "async")
KINDS = ("result", "dumped", "json", "loaded")


def recorded_as(kind: str, result: ExecutionResult[Any]) -> Any:
    match kind:
        case "result":
            return result
        case "dumped":
            return result.model_dump(mode="json")
        case "json":
            return result.model_dump_json()
        case _:
            return ExecutionResult.model_validate_json(result.model_dump_json())


def again(flow: Flow[Any], lane: str, recorded: Any, **options: Any) -> Verification:
    if lane == "sync":
        return verify(flow, recorded, **options)
    return asyncio.run(verify_async(flow, recorded, **options))


class Moment(BaseModel):
    at: datetime
    ratio: float


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("kind", KINDS)
def test_what_has_not_changed_matches(kind: str, lane: str) -> None:
    tool = cwc.Tool(
        name="moment", description="", input_schema=Number, output_schema=Moment,
        fn=lambda given: {"at": datetime(2026, 1, given.value, tzinfo=UTC), "ratio": float("nan")},
    )  # fmt: skip
    flow = cwc.compile_flow({**CHILD, "steps": [{"tool_name": "increment"}, {"tool_name": "moment"}]},
                            [number_tool("increment"), tool])  # fmt: skip
    recorded = recorded_as(kind, flow.run({"value": 1}))
    checked = again(flow, lane, recorded)
    assert checked.differences == ()
    assert checked.matches
    assert checked.result.success


@pytest.mark.parametrize("lane", LANES)
def test_differences_come_in_the_order_of_the_steps(lane: str) -> None:
    recorded = linear("increment", "increment", "increment").run({"value": 1}).model_dump_json()
    flow = linear("increment", "increment", "increment").bind({"increment": lambda given: {"value": given.value + 2}})
    checked = again(flow, lane, recorded)
    assert [(found.step, found.field, found.pointer) for found in checked.differences] == [
        ("0:increment", "outputs", "/value"),
        ("1:increment", "inputs", "/value"),
        ("1:increment", "outputs", "/value"),
        ("2:increment", "inputs", "/value"),
        ("2:increment", "outputs", "/value"),
        ("", "final_output", "/value"),
    ]
    assert str(checked.differences[0]) == "0:increment: outputs/value was 2, and is 3"
    assert str(checked.differences[-1]) == "the run: final_output/value was 4, and is 7"


@pytest.mark.parametrize("lane", LANES)
def test_a_run_that_fails_now_and_steps_that_are_not_there(lane: str) -> None:
    recorded = linear("increment", "increment").run({"value": 1})

    def fail(given: Number) -> Any:
        raise ValueError("no")

    checked = again(linear("increment", "increment").bind({"increment": fail}), lane, recorded)
    assert checked.differences == (
        Difference("0:increment", "success", "", True, False),
        Difference("0:increment", "error_type", "", None, "FlowExecutionError"),
        Difference("0:increment", "outputs", "", {"value": 2}, None),
        Difference("1:increment", "tool_name", "", "increment", None),
        Difference("", "success", "", True, False),
        Difference("", "final_output", "", {"value": 3}, None),
    )
    assert not checked.matches


def test_composed_flows_are_compared_inside() -> None:
    count = itertools.count()
    tools = [number_tool("increment", lambda value: value + (next(count) >= 5))]
    flow = cwc.compile_flow(PARENT, tools, flows=[CHILD])
    recorded = flow.run({"value": 1}).model_dump_json()
    steps = [found.step for found in verify(flow, recorded).differences if found.field == "outputs"]
    assert steps == ["1:child", "1:child/1:increment"]


def test_decisions_are_those_that_were_recorded() -> None:
    step = {"tool_name": "increment", "decision_candidates": ["increment", "twice"]}
    flow = cwc.compile_flow(
        {**CHILD, "steps": [step]}, [number_tool("increment"), number_tool("twice", lambda n: 2 * n)]
    )
    recorded = flow.run({"value": 5}, decision_callback=lambda question: "twice").model_dump_json()
    checked = verify(flow, recorded)
    assert checked.matches
    assert checked.result.final_output == {"value": 10}
    other = verify(flow, recorded, decision_callback=lambda question: "increment")
    assert other.differences[0] == Difference("0:twice", "tool_name", "", "twice", "increment")


def test_no_cache_is_asked() -> None:
    cache = InMemoryStepCache()
    recorded = linear("increment").run({"value": 1}, cache=cache)
    changed = linear("increment", tools=[]).bind({})
    assert verify(changed, recorded, cache=cache).matches
    values = iter([2, 9])
    flow = linear("drifts", tools=[number_tool("drifts", lambda value: next(values))])
    recorded = flow.run({"value": 1}, cache=cache)
    assert not verify(flow, recorded, cache=cache).matches


def test_what_is_no_result_is_refused() -> None:
    with pytest.raises(ValidationError):
        verify(linear("increment"), '{"flow": 1}')
