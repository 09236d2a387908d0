"""Events of runs: their order, what they hold, who is told of them, and that nobody who is told can harm a run."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import BaseModel, Field

import cwc
from cwc.runtime.cancellation import CancellationToken
from cwc.runtime.errors import ContextKeyCollisionError, FlowCancelledError, SyncLaneNotBuiltError
from cwc.runtime.events.kinds import FlowEnd, FlowEvent, FlowStart, StepChunk, StepEnd, StepStart
from cwc.runtime.flow import Flow
from cwc.runtime.tools.chunks import ToolChunk
from tests.unit.runtime.number_flows import CHILD, PARENT, Number, dag, linear, number_tool, run

LANES = ("sync", "async")


def told(events: list[FlowEvent]) -> list[str]:
    """Events in short: kind, flow or step, and what a record says of the end."""
    lines = []
    for event in events:
        match event:
            case StepEnd():
                ending = event.record.error_type or ("skipped" if event.record.skipped else "ok")
                lines.append(f"step_end {event.name} {ending}")
            case StepStart() | StepChunk():
                lines.append(f"{event.kind} {event.name}")
            case FlowEnd():
                lines.append(f"flow_end {event.flow_name} {'ok' if event.result.success else 'failed'}")
            case _:
                lines.append(f"{event.kind} {event.flow_name}")
    return lines


def fail(value: int) -> int:
    raise ValueError("no")


FAILING = number_tool("fails", fail)
STEP = ["step_start {}", "step_end {} ok"]


def steps(*names: str) -> list[str]:
    return [line.format(name) for name in names for line in STEP]


def observed(flow: Flow[Any], lane: str, given: dict[str, Any] | None = None, **services: Any) -> list[FlowEvent]:
    events: list[FlowEvent] = []
    run(flow, lane, {"value": 1} if given is None else given, observers=[events.append], **services)
    return events


@pytest.mark.parametrize("lane", LANES)
def test_events_of_a_run_and_what_they_hold(lane: str) -> None:
    events: list[FlowEvent] = []
    result = run(linear("increment", "increment"), lane, {"value": 1}, observers=[events.append], trace_id="t")
    assert told(events) == ["flow_start f", *steps("0:increment", "1:increment"), "flow_end f ok"]
    start, first, end = events[0], events[1], events[-1]
    assert isinstance(start, FlowStart)
    assert (start.flow_version, start.initial_input, start.total_steps) == ("0.1.0", {"value": 1}, 2)
    assert isinstance(first, StepStart)
    assert (first.step_index, first.tool_name, first.inputs) == (0, "increment", {"value": 1})
    assert isinstance(end, FlowEnd)
    assert end.result is result
    assert {(event.trace_id, event.flow_name, event.path) for event in events} == {("t", "f", "")}
    assert [event.timestamp for event in events] == sorted(event.timestamp for event in events)
    ends = [event.step_record for event in events if isinstance(event, StepEnd)]
    assert [timeless(record) for record in ends] == [timeless(record) for record in result.execution_log]


def timeless(record: Any) -> dict[str, Any]:
    dumped: dict[str, Any] = record.model_dump(exclude={"started_at", "ended_at", "duration_ms"})
    return dumped


@pytest.mark.parametrize("lane", LANES)
def test_a_skipped_step_ends_well_and_a_failed_one_does_not(lane: str) -> None:
    skipping = linear("fails", tools=[FAILING], step={"on_error": "skip"})
    assert told(observed(skipping, lane))[2] == "step_end 0:fails FlowExecutionError"
    assert told(observed(skipping, lane))[-1] == "flow_end f ok"
    assert told(observed(linear("fails", "increment", tools=[FAILING]), lane)) == [
        "flow_start f",
        "step_start 0:fails",
        "step_end 0:fails FlowExecutionError",
        "flow_end f failed",
    ]


@pytest.mark.parametrize("lane", LANES)
def test_a_step_without_its_inputs_ends_and_has_not_begun(lane: str) -> None:
    nulled = number_tool("increment")
    flow = cwc.compile_flow(
        {**CHILD, "steps": [{"tool_name": "increment", "input_mapping": {"value": "/at/0"}}]}, [nulled]
    )
    assert told(observed(flow, lane, {"at": []})) == [
        "flow_start child",
        "step_end 0:increment InputMappingError",
        "flow_end child failed",
    ]


@pytest.mark.parametrize("lane", LANES)
def test_a_run_that_lacks_inputs_begins_and_ends(lane: str) -> None:
    assert told(observed(linear("increment"), lane, {})) == ["flow_start f", "flow_end f failed"]


@pytest.mark.parametrize("lane", LANES)
def test_a_contract_fails_between_start_and_end(lane: str) -> None:
    flow = linear("increment", step={"input_contract": f"{__name__}:Big"})
    assert told(observed(flow, lane))[1:3] == ["step_start 0:increment", "step_end 0:increment SchemaValidationError"]


class Big(BaseModel):
    value: int = Field(gt=100)


def test_a_composed_flow_tells_of_itself_inside_its_step() -> None:
    flow = cwc.compile_flow(PARENT, [number_tool("increment")], flows=[CHILD])
    events = observed(flow, "sync")
    assert told(events) == [
        "flow_start parent",
        *steps("0:increment"),
        "step_start 1:child",
        "flow_start child",
        *steps("1:child/0:increment", "1:child/1:increment"),
        "flow_end child ok",
        "step_end 1:child ok",
        "flow_end parent ok",
    ]
    assert {event.path for event in events if event.flow_name == "child"} == {"1:child"}
    inner = events[-3]
    record = events[-2]
    assert isinstance(inner, FlowEnd)
    assert isinstance(record, StepEnd)
    assert record.record.sub_result is inner.result


def test_a_branch_that_is_passed_by_tells_nothing() -> None:
    written = [
        {"step_id": "a", "tool_name": "increment", "branches": [{"target_step_id": "b", "predicate": "value == 9"}],
         "default_next": "c", "output_mapping": {}},
        {"step_id": "b", "tool_name": "increment", "depends_on": ["a"], "output_mapping": {}},
        {"step_id": "c", "tool_name": "increment", "depends_on": ["a"], "output_mapping": {}},
    ]  # fmt: skip
    flow = {"type": "DAGFlow", "name": "f", "version": "1", "description": "", "steps": written}
    events = observed(cwc.compile_flow(flow, [number_tool("increment")]), "sync")
    assert told(events) == ["flow_start f", *steps("a", "c"), "flow_end f ok"]


@pytest.mark.parametrize("lane", LANES)
def test_an_end_comes_also_when_the_run_raises(lane: str) -> None:
    flow = {**CHILD, "on_context_collision": "error", "steps": [{"tool_name": "increment"}]}
    events: list[FlowEvent] = []
    compiled = cwc.compile_flow({**flow, "steps": [{"tool_name": "increment", "input_mapping": {"value": "number"}}]},
                                [number_tool("increment")])  # fmt: skip
    with pytest.raises(ContextKeyCollisionError) as caught:
        run(compiled, lane, {"value": 1, "number": 1}, observers=[events.append])
    assert told(events)[-1] == "flow_end child failed"
    assert isinstance(events[-1], FlowEnd)
    assert events[-1].result is caught.value.partial_result


@pytest.mark.parametrize("lane", LANES)
def test_an_end_comes_also_when_the_run_is_stopped(lane: str) -> None:
    events: list[FlowEvent] = []
    with pytest.raises(FlowCancelledError) as caught:
        run(linear("increment"), lane, {"value": 1}, observers=[events.append], deadline=time.time() - 1)
    assert told(events) == ["flow_start f", "flow_end f failed"]
    assert isinstance(events[-1], FlowEnd)
    assert events[-1].result is caught.value.result


def test_an_end_comes_also_when_the_task_is_cancelled() -> None:
    events: list[FlowEvent] = []

    async def wait(value: int) -> int:
        await asyncio.sleep(60)
        return value

    async def main() -> None:
        flow = linear("increment", "waits", tools=[number_tool("waits", wait)])
        task = asyncio.ensure_future(flow.run_async({"value": 1}, observers=[events.append]))
        while len(events) < 4:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert told(events) == ["flow_start f", *steps("0:increment"), "step_start 1:waits", "flow_end f failed"]
    assert isinstance(events[-1], FlowEnd)
    assert [record.outputs for record in events[-1].result.execution_log] == [{"value": 2}]


@pytest.mark.parametrize("lane", LANES)
def test_observers_of_every_kind_in_their_order(lane: str) -> None:
    order: list[str] = []

    class Methods:
        def on_step_end(self, event: StepEnd) -> None:
            order.append(f"methods {event.step_record.tool_name}")

        async def on_flow_end(self, event: FlowEnd) -> None:
            await asyncio.sleep(0)
            order.append("methods flow_end")

    async def later(event: FlowEvent) -> None:
        await asyncio.sleep(0)
        order.append(f"later {event.kind}")

    flow = linear("increment")
    run(flow, lane, {"value": 1}, observers=[later, Methods(), lambda event: order.append(f"last {event.kind}")])
    assert order == [
        "later flow_start", "last flow_start",
        "later step_start", "last step_start",
        "later step_end", "methods increment", "last step_end",
        "later flow_end", "methods flow_end", "last flow_end",
    ]  # fmt: skip


@pytest.mark.parametrize("lane", LANES)
def test_an_observer_that_fails_is_logged_and_harms_nobody(lane: str, caplog: pytest.LogCaptureFixture) -> None:
    def broken(event: FlowEvent) -> None:
        raise RuntimeError("broken observer")

    async def broken_later(event: FlowEvent) -> None:
        raise RuntimeError("broken observer")

    events: list[FlowEvent] = []
    with caplog.at_level(logging.WARNING, "cwc.observers"):
        result = run(linear("increment"), lane, {"value": 1}, observers=[broken, broken_later, events.append])
    assert result.final_output == {"value": 2}
    assert len(events) == 4
    assert len(caplog.records) == 8


@pytest.mark.parametrize("lane", LANES)
def test_an_observer_that_waited_for_something_cancelled_harms_nobody(lane: str) -> None:
    def cancelled(event: FlowEvent) -> None:
        raise asyncio.CancelledError

    async def cancelled_later(event: FlowEvent) -> None:
        other = asyncio.ensure_future(asyncio.sleep(60))
        other.cancel()
        await other

    events: list[FlowEvent] = []
    result = run(linear("increment"), lane, {"value": 1}, observers=[cancelled, cancelled_later, events.append])
    assert result.final_output == {"value": 2}
    assert len(events) == 4


def test_a_run_that_is_cancelled_while_an_observer_waits_ends() -> None:
    events: list[FlowEvent] = []

    async def wait(event: FlowEvent) -> None:
        events.append(event)
        if isinstance(event, StepStart):
            await asyncio.Event().wait()

    async def main() -> None:
        task = asyncio.ensure_future(linear("increment").run_async({"value": 1}, observers=[wait]))
        while len(events) < 2:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert told(events) == ["flow_start f", "step_start 0:increment", "flow_end f failed"]


def test_what_is_no_observer_is_refused() -> None:
    with pytest.raises(TypeError, match="'observers' takes callables"):
        linear("increment").run({"value": 1}, observers=["print"])


def test_an_async_observer_of_a_sync_run_inside_of_a_loop() -> None:
    kinds: list[str] = []

    async def note(event: FlowEvent) -> None:
        kinds.append(event.kind)

    async def main() -> None:
        linear("increment").run({"value": 1}, observers=[note])

    asyncio.run(main())
    assert kinds == ["flow_start", "step_start", "step_end", "flow_end"]


def test_events_of_steps_that_run_at_once_come_one_after_the_other() -> None:
    inside, overlaps = 0, 0

    async def wait(value: int) -> int:
        await asyncio.sleep(0)
        return value

    async def slow(event: FlowEvent) -> None:
        nonlocal inside, overlaps
        inside += 1
        overlaps += inside > 1
        await asyncio.sleep(0.001)
        inside -= 1

    names: dict[str, tuple[str, list[str]]] = {name: ("waits", []) for name in "abcdef"}
    events: list[FlowEvent] = []
    flow = dag(names, tools=[number_tool("waits", wait)])
    run(flow, "async", {"value": 1}, observers=[slow, events.append], max_step_concurrency=6)
    assert overlaps == 0
    assert len(events) == 2 + 2 * 6
    kinds = [event.kind for event in events]
    assert kinds[1:7] == ["step_start"] * 6, "the steps ran at once"


async def stream_tool(given: Number) -> AsyncIterator[ToolChunk]:
    for part in range(given.value):
        yield ToolChunk(data=part)
    yield ToolChunk(data={"value": given.value}, is_final=True)


STREAMING = cwc.Tool(name="streams", description="", input_schema=Number, output_schema=Number, fn=stream_tool)


def test_chunks_of_a_tool_that_streams() -> None:
    flow = linear("streams", tools=[STREAMING])
    events = observed(flow, "async", {"value": 2})
    assert told(events)[1:-1] == ["step_start 0:streams", *["step_chunk 0:streams"] * 3, "step_end 0:streams ok"]
    chunks = [event.chunk for event in events if isinstance(event, StepChunk)]
    assert [(chunk.data, chunk.is_final) for chunk in chunks] == [(0, False), (1, False), ({"value": 2}, True)]
    assert told(observed(flow, "sync", {"value": 2}))[1:-1] == steps("0:streams")
    for lane in LANES:
        assert run(flow, lane, {"value": 2}).final_output == {"value": 2}


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize(
    ("finals", "said"), [([], "no final chunk"), ([True, True], "after its final"), ([True, False], "after its final")]
)
def test_a_stream_must_end_in_its_one_final_chunk(lane: str, finals: list[bool], said: str) -> None:
    async def wrong(given: Number) -> AsyncIterator[ToolChunk]:
        for is_final in finals:
            yield ToolChunk(data={"value": 1}, is_final=is_final)

    tool = cwc.Tool(name="wrong", description="", input_schema=Number, output_schema=Number, fn=wrong)
    result = run(linear("wrong", tools=[tool]), lane, {"value": 1})
    assert result.execution_log[0].error_type == "FlowExecutionError"
    assert said in str(result.execution_log[0].error_message)


@pytest.mark.parametrize("inner_lane", LANES)
@pytest.mark.parametrize("streams", [False, True])
def test_chunks_of_a_flow_that_a_tool_runs_are_not_its_own(inner_lane: str, streams: bool) -> None:
    inner = linear("streams", tools=[STREAMING])

    async def call(given: Number) -> dict[str, Any]:
        if inner_lane == "async":
            return dict((await inner.run_async({"value": 2})).final_output or {})
        result = await asyncio.to_thread(inner.run, {"value": 2})
        return dict(result.final_output or {})

    async def stream(given: Number) -> AsyncIterator[ToolChunk]:
        yield ToolChunk(data=await call(given), is_final=True)

    fn: Any = stream if streams else call
    tool = cwc.Tool(name="calls", description="", input_schema=Number, output_schema=Number, fn=fn)
    events = observed(linear("calls", tools=[tool]), "async")
    assert told(events)[1:-1] == ["step_start 0:calls", *["step_chunk 0:calls"] * streams, "step_end 0:calls ok"]


@pytest.mark.parametrize("beside", ["a step", "a fallback"])
def test_chunks_of_a_flow_that_a_tool_runs_beside_one_that_streams(beside: str) -> None:
    inner = linear("streams", tools=[STREAMING])

    async def call(value: int) -> int:
        await inner.run_async({"value": value})
        return value

    async def stream(given: Number) -> AsyncIterator[ToolChunk]:
        yield ToolChunk(data={"value": 1}, is_final=True)

    last = cwc.Tool(name="last", description="", input_schema=Number, output_schema=Number, fn=stream)
    tools = [number_tool("calls", call), last]
    flow = linear("calls", "last", tools=tools)
    if beside == "a fallback":
        tools.append(FAILING)
        step = {"tool_name": "fails", "on_error": "fallback:last", "input_mapping": {"value": "value"}}
        given = {**CHILD, "name": "f", "steps": [{"tool_name": "calls", "input_mapping": {"value": "value"}}, step]}
        flow = cwc.compile_flow(given, tools)
    chunks = [event.name for event in observed(flow, "async") if isinstance(event, StepChunk)]
    assert chunks == [f"1:{flow.steps[1].tool_name}"]


@pytest.mark.parametrize("lane", LANES)
def test_an_observer_that_empties_what_it_is_given_does_no_harm(lane: str) -> None:
    def empty(event: FlowEvent) -> None:
        if isinstance(event, FlowStart):
            event.initial_input.clear()
        if isinstance(event, StepStart):
            event.inputs.clear()
        if isinstance(event, StepEnd) and event.record.outputs:
            event.record.outputs.clear()

    result = run(linear("increment", "increment"), lane, {"value": 1}, observers=[empty])
    assert result.final_output == {"value": 3}
    assert [record.inputs for record in result.execution_log] == [{"value": 1}, {"value": 2}]


def test_a_decorated_function_streams() -> None:
    @cwc.tool(output_schema=Number)
    async def counted(value: int) -> AsyncIterator[ToolChunk]:
        yield ToolChunk(data={"value": value + 1}, is_final=True)

    assert counted.is_streaming
    flow = linear("counted", tools=[counted])
    assert [run(flow, lane, {"value": 1}).final_output for lane in LANES] == [{"value": 2}] * 2
    assert "step_chunk 0:counted" in told(observed(flow, "async"))


def collected(flow: Flow[Any], lane: str, **options: Any) -> list[FlowEvent]:
    if lane == "sync":
        return list(flow.stream({"value": 1}, **options))

    async def main() -> list[FlowEvent]:
        return [event async for event in flow.stream_async({"value": 1}, **options)]

    return asyncio.run(main())


@pytest.mark.parametrize("lane", LANES)
def test_a_stream_ends_with_the_result(lane: str) -> None:
    flow = linear("increment", "increment")
    events = collected(flow, lane, trace_id="t")
    assert told(events) == ["flow_start f", *steps("0:increment", "1:increment"), "flow_end f ok"]
    assert isinstance(events[-1], FlowEnd)
    assert events[-1].result.final_output == {"value": 3}
    assert events[-1].result.trace_id == "t"


def test_a_stream_raises_what_the_run_raises_after_its_end() -> None:
    events: list[FlowEvent] = []

    async def drain() -> None:
        async for event in linear("increment").stream_async({"value": 1}, deadline=1.0):
            events.append(event)

    with pytest.raises(FlowCancelledError):
        asyncio.run(drain())
    assert told(events) == ["flow_start f", "flow_end f failed"]
    stream = linear("increment").stream({"value": 1}, deadline=1.0)
    assert told([next(stream), next(stream)]) == ["flow_start f", "flow_end f failed"]
    with pytest.raises(FlowCancelledError):
        next(stream)


@pytest.mark.parametrize("lane", LANES)
def test_a_stream_is_stopped_by_the_token_of_the_caller(lane: str) -> None:
    token = CancellationToken()
    flow = linear("increment", "increment")
    seen: list[FlowEvent] = []
    with pytest.raises(FlowCancelledError) as caught:
        collected(flow, lane, cancel_token=token, observers=[seen.append, lambda event: token.cancel()])
    assert caught.value.token_cancelled
    assert told(seen) == ["flow_start f", "flow_end f failed"]


def test_a_sync_run_stops_when_its_consumer_does() -> None:
    ran: list[int] = []
    noting = number_tool("notes", lambda value: (ran.append(value), value + 1)[1])  # type: ignore[func-returns-value]
    ended: list[FlowEvent] = []
    flow = linear("notes", "notes", "notes", tools=[noting])
    stream = flow.stream({"value": 1}, observers=[lambda event: ended.append(event)])
    for event in stream:
        if isinstance(event, StepEnd):
            break
    assert ran == [1], "the run does not get ahead of its consumer"
    stream.close()
    assert ran == [1]
    assert told(ended)[-1] == "flow_end f failed"


def test_an_async_run_is_cancelled_when_its_consumer_stops() -> None:
    state: list[str] = []

    async def wait(value: int) -> int:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            state.append("cancelled")
            raise
        return value

    async def main() -> None:
        flow = dag({"a": ("waits", []), "b": ("increment", [])}, tools=[number_tool("waits", wait)])
        stream = flow.stream_async({"value": 1}, max_step_concurrency=2)
        async for event in stream:
            if isinstance(event, StepEnd):
                break
        await stream.aclose()
        assert state == ["cancelled"], "the task was waited for"
        assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []

    asyncio.run(main())


def test_a_stream_that_is_left_without_being_closed_is_cancelled_too() -> None:
    state: list[str] = []

    async def wait(value: int) -> int:
        state.append("running")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            state.append("cancelled")
            raise
        return value

    async def main() -> None:
        flow = dag({"a": ("waits", []), "b": ("increment", [])}, tools=[number_tool("waits", wait)])
        async for event in flow.stream_async({"value": 1}, max_step_concurrency=2):
            if isinstance(event, StepEnd):
                break
        while state[-1] != "cancelled":
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(main(), 30))


def test_a_cancelled_consumer_cancels_its_run() -> None:
    state: list[str] = []

    async def wait(value: int) -> int:
        state.append("running")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            state.append("cancelled")
            raise
        return value

    async def consume() -> None:
        async for _ in linear("waits", tools=[number_tool("waits", wait)]).stream_async({"value": 1}):
            pass

    async def main() -> None:
        task = asyncio.ensure_future(consume())
        while not state:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert state == ["running", "cancelled"]

    asyncio.run(main())


def test_a_stream_of_a_lane_that_was_not_built_is_refused_at_once() -> None:
    flow = linear("increment")
    flow._sync = None
    with pytest.raises(SyncLaneNotBuiltError):
        flow.stream({"value": 1})
