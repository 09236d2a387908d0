"""What a tool learns of the step that calls it, in both lanes, in threads and tasks, with and without services."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pytest

import cwc
from cwc.runtime.tools.step_context import CurrentStep
from tests.unit.runtime.number_flows import CHILD, PARENT, dag, linear, number_tool, run

LANES = ("sync", "async")


@pytest.fixture
def current_step() -> Callable[[], CurrentStep]:
    """As a tool's module has it."""
    from cwc.runtime import current_step

    return current_step


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("options", [{}, {"timeout_seconds": 5.0}, {"blocking": False}])
def test_a_plain_run_tells(lane: str, options: Any, current_step: Callable[[], CurrentStep]) -> None:
    seen: list[CurrentStep] = []

    def ask(value: int) -> int:
        seen.append(current_step())
        return value

    flow = linear("asks", "increment", "asks", tools=[number_tool("asks", ask, **options)])
    result = run(flow, lane, {"value": 1}, trace_id="run")
    assert seen == [CurrentStep("run", "0:asks"), CurrentStep("run", "2:asks")]
    assert [step.idempotency_key for step in seen] == ["run:0:asks", "run:2:asks"]
    unnamed = run(flow, lane, {"value": 1})
    assert seen[-1].run_id == unnamed.trace_id != result.trace_id


@pytest.mark.parametrize("lane", LANES)
def test_deadline_and_resources(lane: str, current_step: Callable[[], CurrentStep]) -> None:
    seen: list[CurrentStep] = []

    async def ask(value: int) -> int:
        await asyncio.sleep(0)
        seen.append(await asyncio.create_task(_asked(current_step)))
        return value

    deadline, client = time.time() + 60, object()
    flow = linear("asks", tools=[number_tool("asks", ask)])
    run(flow, lane, {"value": 1}, deadline=deadline, resources=client)
    assert (seen[0].deadline, seen[0].resources) == (deadline, client)


async def _asked(current_step: Callable[[], CurrentStep]) -> CurrentStep:
    return current_step()


@pytest.mark.parametrize("lane", LANES)
def test_attempts_are_counted(lane: str, current_step: Callable[[], CurrentStep]) -> None:
    seen: list[tuple[str, int]] = []

    def flaky(value: int) -> int:
        step = current_step()
        seen.append((step.name, step.attempt))
        if step.attempt < 3 and step.name == "0:flaky":
            raise OSError("flaky")
        return value

    flow = linear("flaky", "flaky", tools=[number_tool("flaky", flaky)], step={"retry": {"backoff_seconds": 0}})
    assert run(flow, lane, {"value": 1}).success
    assert seen == [("0:flaky", 1), ("0:flaky", 2), ("0:flaky", 3), ("1:flaky", 1)]


def test_names_in_composed_flows(current_step: Callable[[], CurrentStep]) -> None:
    keys: list[str] = []

    def ask(value: int) -> int:
        keys.append(current_step().idempotency_key)
        return value

    child = {**CHILD, "steps": [{"tool_name": "asks", "input_mapping": {"value": "value"}}]}
    flow = cwc.compile_flow(PARENT, [number_tool("asks", ask), number_tool("increment")], flows=[child])
    flow.run({"value": 1}, trace_id="run")
    assert keys == ["run:1:child/0:asks"]


def test_steps_that_run_at_once_do_not_mix(current_step: Callable[[], CurrentStep]) -> None:
    seen: dict[str, str] = {}

    async def ask(value: int) -> int:
        before = current_step().name
        await asyncio.sleep(0.001)
        seen[before] = current_step().name
        return value

    names: dict[str, tuple[str, list[str]]] = {name: ("asks", []) for name in "abcd"}
    flow = dag(names, tools=[number_tool("asks", ask)])
    run(flow, "async", {"value": 1}, max_step_concurrency=4)
    assert seen == {name: name for name in "abcd"}


def test_a_thread_with_the_tools_context_may_ask(current_step: Callable[[], CurrentStep]) -> None:
    seen: list[str] = []

    def ask(value: int) -> int:
        with ThreadPoolExecutor(1) as pool:
            seen.append(pool.submit(copy_context().run, current_step).result().name)
        return value

    linear("asks", tools=[number_tool("asks", ask)]).run({"value": 1})
    assert seen == ["0:asks"]


@pytest.mark.parametrize("lane", LANES)
def test_outside_of_a_step_nobody_answers(lane: str, current_step: Callable[[], CurrentStep]) -> None:
    with pytest.raises(RuntimeError, match="outside of a step"):
        current_step()
    run(linear("increment"), lane, {"value": 1}, observers=[lambda event: None])
    with pytest.raises(RuntimeError, match="outside of a step"):
        current_step()
