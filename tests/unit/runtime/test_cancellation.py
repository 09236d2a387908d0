"""Runs that are stopped between their steps: by deadline or token, in composed flows, between the levels of DAGs."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

import cwc
from cwc.runtime.cancellation import CancellationToken
from cwc.runtime.errors import FlowCancelledError
from cwc.runtime.flow import Flow
from tests.unit.runtime.number_flows import CHILD, PARENT, dag, linear, number_tool, run

LANES = ("sync", "async")


@pytest.fixture
def token() -> CancellationToken:
    return CancellationToken()


def cancelling_tool(token: CancellationToken) -> cwc.Tool:
    def cancel(value: int) -> int:
        token.cancel()
        return value + 1

    return number_tool("cancelling", cancel)


def stopped(flow: Flow[Any], lane: str, **services: Any) -> FlowCancelledError:
    with pytest.raises(FlowCancelledError) as caught:
        run(flow, lane, {"value": 1}, **services)
    return caught.value


@pytest.mark.parametrize("lane", LANES)
def test_a_run_whose_deadline_has_passed_does_nothing(lane: str) -> None:
    error = stopped(linear("increment", "increment"), lane, deadline=time.time() - 1)
    assert (error.flow_name, error.step_index, error.deadline_exceeded, error.token_cancelled) == ("f", 0, True, False)
    assert error.partial_result is not None
    assert error.partial_result.execution_log == []


@pytest.mark.parametrize("lane", LANES)
def test_a_deadline_ahead_changes_nothing(lane: str) -> None:
    flow = linear("increment", "increment")
    assert run(flow, lane, {"value": 1}, deadline=time.time() + 60).final_output == {"value": 3}


@pytest.mark.parametrize("lane", LANES)
def test_the_step_that_runs_comes_to_its_end_and_the_next_does_not_begin(lane: str, token: CancellationToken) -> None:
    cancelling = cancelling_tool(token)
    flow = linear("cancelling", "increment", tools=[cancelling])
    error = stopped(flow, lane, cancel_token=token, deadline=time.time() + 60)
    assert (error.step_index, error.deadline_exceeded, error.token_cancelled) == (1, False, True)
    result = error.result
    assert result is error.partial_result
    assert result is not None
    assert (result.success, result.final_output) == (False, None)
    assert [(record.step_index, record.outputs) for record in result.execution_log] == [(0, {"value": 2})]


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("limit", [1, 8])
def test_a_level_that_has_begun_comes_to_its_end(lane: str, limit: int, token: CancellationToken) -> None:
    cancelling = cancelling_tool(token)
    flow = dag({"a": ("cancelling", []), "b": ("increment", []), "c": ("increment", ["a", "b"])}, tools=[cancelling])
    limits = {"max_step_concurrency": limit} if lane == "async" else {}
    error = stopped(flow, lane, cancel_token=token, **limits)
    assert error.step_index == 2
    assert error.result is not None
    assert [record.step_index for record in error.result.execution_log] == [0, 1]


def test_no_step_of_a_level_begins_behind_one_that_was_refused(token: CancellationToken) -> None:
    began: list[int] = []
    token.cancel()

    def note(value: int) -> int:
        began.append(value)
        return value

    noting = number_tool("noting", note)
    flow = dag({"a": ("noting", []), "b": ("noting", []), "c": ("noting", [])}, tools=[noting])
    error = stopped(flow, "async", cancel_token=token, max_step_concurrency=3)
    assert (began, error.step_index) == ([], 0)


LATE = [
    {"tool_name": "increment", "input_mapping": {"value": "/numbers/0"}},
    {"tool_name": "increment", "input_mapping": {"value": "value"}, "decision_candidates": ["increment", "other"]},
]


@pytest.mark.parametrize("step", LATE, ids=["inputs", "decision"])
@pytest.mark.parametrize("kind", ["Flow", "DAGFlow"])
def test_a_run_that_has_to_stop_neither_misses_inputs_nor_decides(kind: str, step: dict[str, Any]) -> None:
    asked: list[Any] = []

    def choose(question: Any) -> str:
        asked.append(question)
        return "other"

    flow = cwc.compile_flow(
        {"type": kind, "name": "f", "version": "1", "description": "", "steps": [{"step_id": "a", **step}]},
        [number_tool("increment"), number_tool("other")],
    )
    with pytest.raises(FlowCancelledError) as caught:
        flow.run({"value": 1, "numbers": []}, deadline=time.time() - 1, decision_callback=choose)
    assert (caught.value.step_index, caught.value.deadline_exceeded, asked) == (0, True, [])


def test_a_composed_flow_stops_and_its_parent_with_it(token: CancellationToken) -> None:
    cancelling = cancelling_tool(token)
    tools = [cancelling, number_tool("increment")]
    child = {**CHILD, "steps": [{"tool_name": "cancelling"}, *CHILD["steps"]]}
    error = stopped(cwc.compile_flow(PARENT, tools, flows=[child]), "sync", cancel_token=token)
    assert (error.flow_name, error.step_index, error.token_cancelled) == ("parent", 1, True)
    assert error.result is not None
    first, composed = error.result.execution_log
    assert (first.success, composed.success, composed.error_type) == (True, False, "FlowCancelledError")
    assert composed.inputs == {}
    assert composed.sub_result is not None
    assert [record.tool_name for record in composed.sub_result.execution_log] == ["cancelling"]


def test_a_token_stops_several_runs(token: CancellationToken) -> None:
    waiting = asyncio.Event()

    async def wait(value: int) -> int:
        await waiting.wait()
        return value

    flow = linear("waits", "increment", tools=[number_tool("waits", wait)])

    async def main() -> list[Any]:
        runs = [asyncio.ensure_future(flow.run_async({"value": n}, cancel_token=token)) for n in range(3)]
        await asyncio.sleep(0)
        token.cancel()
        waiting.set()
        return list(await asyncio.gather(*runs, return_exceptions=True))

    assert [type(outcome) for outcome in asyncio.run(main())] == [FlowCancelledError] * 3
