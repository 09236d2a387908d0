"""Running a compiled flow: inputs, dynamic params, status, errors that leave a run, and values that are not shared."""

from __future__ import annotations

import asyncio
import copy
import gc
import logging
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

import cwc
from cwc.driver.compile import Options
from cwc.driver.memory import compile_in_memory, load
from cwc.runtime.errors import (
    AsyncLaneUnsupportedError,
    ContextKeyCollisionError,
    FlowStatusError,
    FormatVersionError,
    OutputMappingError,
    SyncLaneNotBuiltError,
    UndeclaredParamsError,
)
from cwc.runtime.flow import Flow
from cwc.runtime.generated import FORMAT, expect_format

LANES = ("sync", "async")


class Number(BaseModel):
    number: int


class Strict(Number):
    model_config = ConfigDict(extra="forbid")


class Value(BaseModel):
    value: int


class Open(Value):
    model_config = ConfigDict(extra="allow")


class Anything(BaseModel):
    thing: Any


def tool(name: str, takes: type[BaseModel], gives: type[BaseModel], fn: Callable[[Any], Any], **more: Any) -> cwc.Tool:
    return cwc.Tool(name=name, description="", input_schema=takes, output_schema=gives, fn=fn, **more)


DOUBLE = tool("double", Number, Value, lambda given: {"value": given.number * 2})


def flow(*steps: dict[str, Any], tools: tuple[cwc.Tool, ...] = (DOUBLE,), **fields: Any) -> Flow[Any]:
    document = {"type": "Flow", "name": "example", "description": "", "steps": list(steps), **fields}
    return cwc.compile_flow(document, tools)


def run(flow: Flow[Any], lane: str, given: Any, **options: Any) -> Any:
    if lane == "sync":
        return flow.run(given, **options)
    return asyncio.run(flow.run_async(given, **options))


STEP = {"tool_name": "double", "input_mapping": {"number": "number"}}


@pytest.mark.parametrize("lane", LANES)
def test_missing_inputs_are_named_all_at_once_before_the_first_step(lane: str) -> None:
    calls: list[int] = []

    def note(given: Anything) -> dict[str, int]:
        calls.append(1)
        return {"value": 1}

    show = tool("show", Anything, Value, note)
    made = flow(STEP, {"tool_name": "show", "input_mapping": {"thing": "other"}}, tools=(DOUBLE, show))
    assert made.required_inputs == ("number", "other")
    result = run(made, lane, {"unrelated": 1})
    assert result.success is False
    (record,) = result.execution_log
    assert (record.step_index, record.tool_name, record.error_type) == (-1, "example", "InputMappingError")
    assert "number, other" in record.error_message
    assert calls == []


@pytest.mark.parametrize("lane", LANES)
def test_inputs_may_be_models_and_are_never_changed(lane: str) -> None:
    made = flow(STEP)
    assert run(made, lane, Number(number=4)).final_output == {"number": 4, "value": 8}
    given = {"number": "4", "extra": [1]}
    result = run(made, lane, given)
    assert result.final_output == {"number": "4", "extra": [1], "value": 8}
    given["number"] = "changed"
    assert result.initial_input["number"] == "4"
    assert result.execution_log[0].inputs == {"number": "4"}


@pytest.mark.parametrize("lane", LANES)
def test_dynamic_params_win_and_need_no_declaration(lane: str) -> None:
    result = run(flow(STEP), lane, {"number": 1}, dynamic_params={"number": 5, "more": 2})
    assert result.final_output == {"number": 5, "more": 2, "value": 10}
    assert result.initial_input == {"number": 1}
    assert run(flow(STEP), lane, {}, dynamic_params={"number": 5}).success


@pytest.mark.parametrize("lane", LANES)
def test_a_closed_input_refuses_undeclared_dynamic_params(lane: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    from types import ModuleType

    module = ModuleType("schemas_for_test")
    module.Strict = Strict  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "schemas_for_test", module)
    made = flow(STEP, input_schema_ref="schemas_for_test:Strict", dynamic_params=["declared"])
    assert run(made, lane, {"number": 1}, dynamic_params={"declared": 1}).success
    with pytest.raises(UndeclaredParamsError) as caught:
        run(made, lane, {"number": 1}, dynamic_params={"undeclared": 1})
    assert caught.value.undeclared == ["undeclared"]
    refused = run(made, lane, {"number": 1, "undeclared": 1})
    assert refused.execution_log[0].error_type == "SchemaValidationError"


@pytest.mark.parametrize("lane", LANES)
def test_status_gates_runs(lane: str) -> None:
    made = flow(STEP, status="disabled")
    with pytest.raises(FlowStatusError):
        run(made, lane, {"number": 1})
    assert run(made, lane, {"number": 1}, force=True).success


@pytest.mark.parametrize("lane", LANES)
def test_a_collision_leaves_the_run_with_what_was_done(lane: str) -> None:
    made = flow(STEP, {**STEP, "output_mapping": {"again": "value"}}, on_context_collision="error")
    assert run(made, lane, {"number": 1}).success
    with pytest.raises(ContextKeyCollisionError) as caught:
        run(made, lane, {"number": 1, "again": 2})
    error = caught.value
    assert (error.flow_name, error.step_index, error.step_name, error.keys) == ("example", 1, "double", ["again"])
    assert error.partial_result is not None
    assert [record.tool_name for record in error.partial_result.execution_log] == ["double", "double"]
    assert any("step 1" in note and "flow.flow.json" in note for note in error.__notes__)


@pytest.mark.parametrize("lane", LANES)
def test_a_mapped_output_that_is_missing_leaves_the_run(lane: str) -> None:
    opened = tool("opened", Number, Open, lambda given: {"value": 1, "sign": "+"} if given.number else {"value": 1})
    made = flow({**STEP, "tool_name": "opened", "output_mapping": {"sign": "sign"}}, tools=(opened,))
    assert run(made, lane, {"number": 1}).final_output == {"number": 1, "sign": "+"}
    with pytest.raises(OutputMappingError) as caught:
        run(made, lane, {"number": 0})
    assert caught.value.available == ["value"]


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("mapping", [{"thing": "data"}, {"thing": "/data"}, {"thing": [[1]]}])
def test_a_tool_cannot_change_what_the_context_and_records_hold(lane: str, mapping: dict[str, Any]) -> None:
    def vandalise(given: Anything) -> dict[str, Any]:
        given.thing[0].append("x")
        return {"value": len(given.thing[0])}

    vandal = tool("vandal", Anything, Value, vandalise)
    step = {"tool_name": "vandal", "input_mapping": mapping}
    made = flow(step, {**step, "output_mapping": {"second": "value"}}, tools=(vandal,))
    given = {"data": [[1]]}
    for _ in range(2):
        result = run(made, lane, given)
        assert result.final_output == {"data": [[1]], "value": 2, "second": 2}
        assert [record.inputs for record in result.execution_log] == [{"thing": [[1]]}] * 2
        assert given == {"data": [[1]]}


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("schedule", ["levels", "dataflow"])
@pytest.mark.parametrize("kind", ["Flow", "DAGFlow"])
def test_an_instance_that_lacks_a_field_of_its_model_fails_its_step(lane: str, kind: str, schedule: str) -> None:
    """Pydantic takes instances as they are: one that nobody has validated may lack anything."""
    lacking = tool("lacking", Number, Value, lambda _: Value.model_construct())
    reading = {"tool_name": "double", "input_mapping": {"number": "value"}, "output_mapping": {"doubled": "value"}}
    steps = [
        {"step_id": "a", "tool_name": "lacking", "input_mapping": {"number": "number"}, "depends_on": []},
        {"step_id": "b", **reading, "depends_on": ["a"]},
    ]
    report = compile_in_memory(
        {"type": kind, "name": "f", "version": "1", "description": "", "steps": steps},
        [lacking, DOUBLE],
        Options(schedule=schedule),  # type: ignore[arg-type]
    )
    compiled = load(report, [lacking, DOUBLE])
    result = run(compiled, lane, {"number": 1})
    assert [record.error_type for record in result.execution_log] == ["FlowExecutionError"]
    assert result.execution_log[0].inputs == {"number": 1}
    assert "its output has no 'value', which its model declares" in str(result.failure)


@pytest.mark.parametrize("lane", LANES)
def test_a_tool_that_takes_the_whole_context_gets_a_copy(lane: str) -> None:
    class Everything(BaseModel):
        model_config = ConfigDict(extra="allow")

        data: Any = None

    def vandalise(given: Everything) -> dict[str, Any]:
        given.data[0].append("x")
        return {"value": 1}

    made = flow({"tool_name": "vandal"}, tools=(tool("vandal", Everything, Value, vandalise),))
    result = run(made, lane, {"data": [[1]]})
    assert result.final_output == {"data": [[1]], "value": 1}
    assert result.execution_log[0].inputs == {"data": [[1]]}


def test_an_async_tool_on_the_sync_lane_inside_a_loop_fails_its_step_and_says_why() -> None:
    async def double(given: Number) -> dict[str, int]:
        return {"value": given.number * 2}

    made = flow(STEP, tools=(tool("double", Number, Value, double),))
    assert made.run({"number": 2}).final_output == {"number": 2, "value": 4}

    async def inside() -> Any:
        return made.run({"number": 2})

    record = asyncio.run(inside()).execution_log[-1]
    assert record.error_type == "FlowExecutionError"
    assert "run_async" in record.error_message


def test_blocking_tools_leave_the_loop_and_others_stay_on_it() -> None:
    threads: dict[str, bool] = {}

    def note(name: str) -> Callable[[Any], dict[str, int]]:
        def fn(given: Any) -> dict[str, int]:
            threads[name] = threading.current_thread() is threading.main_thread()
            return {"value": 1}

        return fn

    made = flow(
        {**STEP, "tool_name": "blocking", "output_mapping": {}},
        {**STEP, "tool_name": "quick", "output_mapping": {}},
        tools=(
            tool("blocking", Number, Value, note("blocking")),
            tool("quick", Number, Value, note("quick"), blocking=False),
        ),
    )
    assert asyncio.run(made.run_async({"number": 1})).success
    assert threads == {"blocking": False, "quick": True}


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("is_async", [False, True])
def test_a_tool_out_of_time_fails_its_step_before_it_has_ended(lane: str, is_async: bool) -> None:
    async def hang_async(given: Number) -> dict[str, int]:
        await asyncio.sleep(20)
        return {"value": 1}

    def hang(given: Number) -> dict[str, int]:
        time.sleep(20)
        return {"value": 1}

    slow = tool("double", Number, Value, hang_async if is_async else hang, timeout_seconds=0.05)
    start = time.perf_counter()
    result = run(flow(STEP, tools=(slow,)), lane, {"number": 1})
    # Long before the tool itself has ended.
    assert time.perf_counter() - start < 10
    assert result.execution_log[-1].error_type == "ToolTimeoutError"


@pytest.mark.parametrize("lane", LANES)
def test_an_output_that_is_too_large_fails_its_step(lane: str) -> None:
    large = tool("double", Number, Value, lambda given: {"value": given.number}, max_output_size=12)
    made = flow(STEP, tools=(large,))
    assert run(made, lane, {"number": 9}).success
    assert run(made, lane, {"number": 10}).execution_log[-1].error_type == "ToolOutputSizeError"


@pytest.mark.parametrize("lane", LANES)
def test_the_error_of_a_tool_is_the_cause_of_the_flows_failure(lane: str) -> None:
    broken = tool("double", Number, Value, lambda given: 1 // 0)
    result = run(flow(STEP, tools=(broken,)), lane, {"number": 1})
    assert isinstance(result.failure.__cause__, ZeroDivisionError)
    assert result.failure.__notes__ == ["flow.flow.json:6: step 0 'double'"]


@pytest.mark.parametrize("lane", LANES)
def test_trace_ids(lane: str) -> None:
    made = flow(STEP)
    assert run(made, lane, {"number": 1}, trace_id="mine").trace_id == "mine"
    result = run(made, lane, {"number": 1})
    assert result.trace_id == result.trace_id
    assert len(result.trace_id) == 32


@pytest.mark.parametrize("lane", LANES)
def test_records_do_not_change_with_what_a_reader_does(lane: str) -> None:
    step = {"tool_name": "show", "input_mapping": {"thing": [{"a": 1}]}}
    made = flow(step, tools=(tool("show", Anything, Value, lambda given: {"value": 1}),))
    first = run(made, lane, {})
    first.execution_log[0].inputs["thing"][0]["a"] = "changed"
    assert run(made, lane, {}).execution_log[0].inputs == {"thing": [{"a": 1}]}


def test_lanes_that_were_not_built_say_so() -> None:
    from cwc.driver.compile import Options
    from cwc.driver.memory import compile_in_memory, load

    document = {"type": "Flow", "name": "example", "description": "", "steps": [STEP]}
    sync_only, async_only = (
        load(compile_in_memory(document, [DOUBLE], Options(lane)), [DOUBLE]) for lane in ("sync", "async")
    )
    assert sync_only.lanes == ("sync",)
    with pytest.raises(AsyncLaneUnsupportedError):
        asyncio.run(sync_only.run_async({"number": 1}))
    with pytest.raises(SyncLaneNotBuiltError):
        async_only.run({"number": 1})
    assert asyncio.run(async_only.run_async({"number": 1})).success


def test_a_module_of_another_format_says_which_command_mends_it() -> None:
    expect_format(FORMAT)
    with pytest.raises(FormatVersionError, match="cwc build"):
        expect_format(FORMAT + 1)
    with pytest.raises(FormatVersionError, match="cwc build"):
        exec("from cwc.runtime.generated import something_of_another_format", {})


def _output(result: Any) -> dict[str, Any]:
    assert result.final_output is not None
    return dict(result.final_output)


def test_flows_are_run_by_many_threads_and_tasks_at_once() -> None:
    made = flow(
        STEP, {"tool_name": "double", "input_mapping": {"number": "value"}, "output_mapping": {"four": "value"}}
    )
    results: dict[int, Any] = {}

    def work(number: int) -> None:
        results[number] = _output(made.run({"number": number}))["four"]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    async def many() -> list[Any]:
        return list(await asyncio.gather(*(made.run_async({"number": number}) for number in range(40))))

    assert results == {number: number * 4 for number in range(40)}
    assert [_output(result)["four"] for result in asyncio.run(many())] == [number * 4 for number in range(40)]


def test_a_failed_run_is_not_kept_alive_by_cycles() -> None:
    class Payload(dict[str, Any]):
        pass

    made = flow(STEP, tools=(tool("double", Number, Value, lambda given: 1 // 0),))
    gc.collect()
    gc.disable()
    try:
        payload = Payload(number=1)
        seen = weakref.ref(payload)
        result = made.run(payload)
        assert not result.success
        del payload, result
        assert seen() is None
    finally:
        gc.enable()


def test_a_flow_copies_and_shows_itself() -> None:
    made = flow(STEP)
    assert repr(made) == "<Flow 'example' 0.1.0 from flow.flow.json>"
    assert copy.copy(made).run({"number": 1}).success


@pytest.mark.parametrize("lane", LANES)
def test_steps_that_do_the_same_share_a_function_also_over_another_tool(lane: str) -> None:
    again = {**STEP, "input_mapping": {"number": "value"}}
    made = flow(STEP, again, {**again, "retry": {"max_retries": 1, "backoff_seconds": 0}}, again)
    first, second, tried, last = made.generated_lanes[0].functions
    assert first is second is last
    assert tried is not first
    bound = made.bind({"double": lambda given: {"value": given.number + 1}})
    result = run(bound, lane, {"number": 4})
    assert [record.outputs for record in result.execution_log] == [{"value": number} for number in (5, 6, 7, 8)]
    assert run(made, lane, {"number": 4}).final_output == {"number": 4, "value": 64}


@pytest.mark.parametrize("lane", LANES)
def test_what_is_logged_follows_the_logger_from_run_to_run(lane: str, caplog: pytest.LogCaptureFixture) -> None:
    log, of_tools = logging.getLogger("cwc.flow"), logging.getLogger("tests.of_tools")

    def note(given: Number) -> dict[str, int]:
        of_tools.error("the tool")
        return {"number": given.number}

    same = tool("same", Number, Number, note)
    step = {"tool_name": "same", "input_mapping": {"number": "number"}}
    made = flow(step, step, tools=(same,), on_context_collision="overwrite")

    def logged() -> list[str]:
        caplog.clear()
        assert run(made, lane, {"number": 1}).success
        return [message.partition(" (")[0] for message in caplog.messages]

    quiet, all_of_it = ["the tool"] * 2, ["the tool", "Step 0", "the tool", "Step 1"]
    before = log.level
    try:
        assert logged() == quiet
        log.setLevel(logging.DEBUG)
        assert logged() == logged() == all_of_it
        log.disabled = True
        assert logged() == quiet
        log.disabled = False
        assert logged() == all_of_it
        logging.disable(logging.DEBUG)
        assert logged() == quiet
        logging.disable(logging.NOTSET)
        assert logged() == all_of_it
        log.setLevel(logging.INFO)
        assert logged() == quiet
    finally:
        log.disabled = False
        log.setLevel(before)
        logging.disable(logging.NOTSET)
