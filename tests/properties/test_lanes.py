"""Whatever the limit and the schedule, the async lane gives what the sync lane gives, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

import cwc
from cwc.driver.compile import Options
from cwc.driver.memory import compile_in_memory, load
from cwc.plan.model import Schedule
from cwc.runtime.flow import Flow
from cwc.runtime.results import ExecutionResult

SCHEDULES: tuple[Schedule, ...] = ("levels", "dataflow")
CONSTRUCTS = ("subflows", "branches", "decisions")


class Numbers(BaseModel):
    one: int = 0
    two: int = 0
    wait: float = 0.0


class Value(BaseModel):
    value: int


def answer(numbers: Numbers) -> dict[str, int]:
    if (numbers.one + numbers.two) % 13 == 12:
        raise ValueError("an unlucky number")
    return {"value": numbers.one * 3 + numbers.two + 1}


async def slowly(numbers: Numbers) -> dict[str, int]:
    await asyncio.sleep(numbers.wait)
    return answer(numbers)


def blocking(numbers: Numbers) -> dict[str, int]:
    return answer(numbers)


TOOLS = [
    cwc.Tool(name=name, description="", input_schema=Numbers, output_schema=Value, fn=fn)
    for name, fn in (("slowly", slowly), ("blocking", blocking))
]


@st.composite
def dags(draw: st.DrawFn) -> dict[str, Any]:
    """Flows of up to 9 steps in which some read what they do not wait for, some fail, and some may be skipped."""
    count = draw(st.integers(1, 9))
    steps: list[dict[str, Any]] = []
    levels: list[int] = []
    branching = bool(draw(st.integers(0, 1)))
    for number in range(count):
        on: set[int] = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        level = 1 + max((levels[index] for index in on), default=-1)
        earlier = [f"k{index}" for index in range(number) if levels[index] < level and not branching]
        earlier += [f"k{index}" for index in on if branching]
        source = st.sampled_from(["x", *earlier])
        step: dict[str, Any] = {
            "step_id": f"s{number}",
            "tool_name": draw(st.sampled_from(("slowly", "slowly", "blocking"))),
            "depends_on": [f"s{index}" for index in sorted(on)],
            "input_mapping": {
                "one": draw(source),
                "two": draw(source),
                "wait": draw(st.sampled_from((0, 0, 0.001, 0.002))),
            },
            "output_mapping": {draw(st.sampled_from((f"k{number}", f"k{number}", "shared"))): "value"},
            "on_error": draw(st.sampled_from(("fail", "skip"))),
        }
        if step["output_mapping"].keys() == {"shared"}:
            step["output_mapping"][f"k{number}"] = "value"
        steps.append(step)
        levels.append(level)
    for number, step in enumerate(steps):
        waiting = [other["step_id"] for other in steps if step["step_id"] in other["depends_on"]]
        if not branching or not waiting:
            continue
        if draw(st.booleans()):
            predicate = draw(st.sampled_from(("x > 3", f"k{number} > 9", "shared == 4 or x == 1")))
            step["branches"] = [{"target_step_id": draw(st.sampled_from(waiting)), "predicate": predicate}]
            if draw(st.booleans()):
                step["default_next"] = draw(st.sampled_from(waiting))
    return {
        "type": "DAGFlow",
        "name": "dag",
        "version": "1.0",
        "description": "",
        "on_context_collision": draw(st.sampled_from(("overwrite", "warn", "error"))),
        "steps": steps,
    }


def built(flow: dict[str, Any], schedule: Schedule) -> Flow[Any] | None:
    compiled = compile_in_memory(flow, TOOLS, Options(schedule=schedule, async_constructs=CONSTRUCTS))
    return load(compiled, TOOLS) if compiled.flows[0].artifact else None


def told(result: ExecutionResult[Any]) -> tuple[Any, ...]:
    """All of a result but its times and its id."""
    shown = result.model_dump()
    records = [
        {key: value for key, value in record.items() if key not in ("started_at", "ended_at", "duration_ms")}
        for record in shown["execution_log"]
    ]
    return shown["success"], shown["final_output"], records


def outcome(run: Callable[[], ExecutionResult[Any]]) -> tuple[Any, ...]:
    try:
        return told(run())
    except cwc.runtime.errors.CwcError as error:
        return type(error).__name__, str(error), told(error.partial_result) if error.partial_result else None


def watched(main: Callable[[], Coroutine[Any, Any, Any]]) -> tuple[Any, list[str]]:
    """What a coroutine returns, and what its event loop had to complain of; no task may be left."""
    complaints: list[str] = []

    async def watch() -> Any:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(str(context)))
        try:
            return await main()
        finally:
            assert asyncio.all_tasks() == {asyncio.current_task()}

    returned = asyncio.run(watch())
    return returned, complaints


@settings(max_examples=settings().max_examples // 4)
@given(dags(), st.integers(-3, 12))
def test_every_limit_and_schedule_gives_the_same(flow: dict[str, Any], x: int) -> None:
    flows = {schedule: built(flow, schedule) for schedule in SCHEDULES}
    expected = None
    for ours in flows.values():
        if ours is None:
            return
        expected = expected or outcome(partial(ours.run, {"x": x}))
        for limit in range(1, 9):
            (found, complaints) = watched(partial(run_async, ours, x, limit))
            assert found == expected, limit
            assert complaints == []
    gc.collect()


async def run_async(flow: Flow[Any], x: int, limit: int) -> tuple[Any, ...]:
    try:
        return told(await flow.run_async({"x": x}, max_step_concurrency=limit))
    except cwc.runtime.errors.CwcError as error:
        return type(error).__name__, str(error), told(error.partial_result) if error.partial_result else None


WIDE: dict[str, Any] = {
    "type": "DAGFlow",
    "name": "wide",
    "version": "1.0",
    "description": "",
    "steps": [
        {"step_id": f"s{number}", "tool_name": f"t{number}", "output_mapping": {f"k{number}": "value"}}
        for number in range(6)
    ],
}


def wide(schedule: Schedule, *fns: Callable[[Numbers], Awaitable[Any]], timeout: float | None = None) -> Flow[Any]:
    """Six steps of one level."""
    tools = [
        cwc.Tool(
            name=f"t{number}", description="", input_schema=Numbers, output_schema=Value, fn=fns[number % len(fns)],
            timeout_seconds=timeout,
        )
        for number in range(6)
    ]  # fmt: skip
    return load(compile_in_memory(WIDE, tools, Options(schedule=schedule)), tools)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("limit", [1, 2, 6])
def test_a_cancelled_run_leaves_no_task(schedule: Schedule, limit: int) -> None:
    ended = []

    async def wait(numbers: Numbers) -> dict[str, int]:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.001)
            ended.append(1)
        return {"value": 1}

    flow = wide(schedule, wait)

    async def main() -> None:
        run = asyncio.create_task(flow.run_async({}, max_step_concurrency=limit))
        await asyncio.sleep(0.01)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        assert len(ended) == limit

    assert watched(main) == (None, [])


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("limit", [1, 3, 6])
def test_a_failing_step_waits_for_its_siblings(schedule: Schedule, limit: int) -> None:
    ended = []

    async def fail(numbers: Numbers) -> dict[str, int]:
        raise ValueError("no")

    async def wait(numbers: Numbers) -> dict[str, int]:
        await asyncio.sleep(0.005)
        ended.append(1)
        return {"value": 1}

    flow = wide(schedule, wait, fail)
    (result, complaints) = watched(lambda: flow.run_async({}, max_step_concurrency=limit))
    assert [record.success for record in result.execution_log] == [True, False]
    assert ended
    assert complaints == []


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_step_that_times_out_leaves_no_task(schedule: Schedule) -> None:
    async def wait(numbers: Numbers) -> dict[str, int]:
        await asyncio.sleep(60)
        return {"value": 1}

    flow = wide(schedule, slowly, wait, timeout=0.01)
    (result, complaints) = watched(lambda: flow.run_async({}, max_step_concurrency=6))
    assert result.execution_log[-1].error_type == "ToolTimeoutError"
    assert complaints == []


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("limit", [1, 3, 6])
def test_an_interrupt_leaves_no_task(schedule: Schedule, limit: int, capsys: pytest.CaptureFixture[str]) -> None:
    async def interrupt(numbers: Numbers) -> dict[str, int]:
        raise KeyboardInterrupt

    flow = wide(schedule, slowly, interrupt)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(flow.run_async({}, max_step_concurrency=limit))
    gc.collect()
    assert "never retrieved" not in capsys.readouterr().err


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_is_at_least_1(limit: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        asyncio.run(wide("levels", slowly).run_async({}, max_step_concurrency=limit))
