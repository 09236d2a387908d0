"""Going on with a run: what is restored, what is refused, and what services and tools get to see of it."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

import cwc
from cwc.runtime import CancellationToken
from cwc.runtime.errors import (
    CheckpointDriftError,
    CheckpointEncodingError,
    CheckpointExistsError,
    CheckpointNotFoundError,
    CheckpointStoreError,
    FlowCancelledError,
    FlowStatusError,
    RunFencedError,
)
from cwc.runtime.flow import Flow
from cwc.runtime.stores.checkpoints import Checkpointer, InMemoryCheckpointer
from cwc.runtime.stores.sqlite_checkpoints import SqliteCheckpointer
from tests.crashes import Crash, Dying, ran, resumed, told
from tests.unit.runtime.number_flows import CHILD, PARENT, Number, dag, linear, number_tool

LANES = ("sync", "async")
STORES: dict[str, Callable[[Path], Checkpointer]] = {
    "memory": lambda path: InMemoryCheckpointer(),
    "sqlite": lambda path: SqliteCheckpointer(path / "runs.db"),
}
both = pytest.mark.parametrize("lane", LANES)


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Checkpointer:
    return STORES[request.param](tmp_path)


def died(flow: Flow[Any], store: Checkpointer, at: int, given: dict[str, Any], lane: str = "sync", **rest: Any) -> None:
    with pytest.raises(Crash):
        ran(flow, lane, given, trace_id="run", checkpointer=Dying(store, at), **rest)


@both
def test_trace_id_and_start_are_kept_and_the_duration_is_that_of_the_resumed_part(
    store: Checkpointer, lane: str
) -> None:
    flow = linear("increment", "slow", tools=[number_tool("slow")])
    died(flow, store, 0, {"value": 1}, lane)
    began = datetime.now(UTC)
    threading.Event().wait(0.05)
    result = resumed(flow, lane, "run", checkpointer=store)
    assert result.trace_id == "run"
    assert result.started_at <= began
    first, second = result.execution_log
    assert result.started_at <= first.started_at <= first.ended_at <= began <= second.started_at <= result.ended_at
    assert first.duration_ms == pytest.approx(
        (first.ended_at - first.started_at) / timedelta(milliseconds=1), abs=0.002
    )
    assert result.total_duration_ms < (result.ended_at - result.started_at) / timedelta(milliseconds=1) - 40


@both
def test_a_run_that_ends_well_is_gone_and_one_that_fails_is_kept(store: Checkpointer, lane: str) -> None:
    broken = [True]

    def work(value: int) -> int:
        if broken[0]:
            raise ValueError("no luck")
        return value + 1

    flow = linear("increment", "work", tools=[number_tool("work", work)])
    result = ran(flow, lane, {"value": 1}, trace_id="run", checkpointer=store)
    assert not result.success
    (kept,) = store.runs()
    assert (kept.status, kept.steps, kept.last_step) == ("failed", 1, "0:increment")
    assert kept.error is not None
    assert "no luck" in kept.error
    broken[0] = False
    assert resumed(flow, lane, "run", checkpointer=store).final_output == {"value": 3}
    assert store.runs() == []
    with pytest.raises(CheckpointNotFoundError, match="may have ended already"):
        resumed(flow, lane, "run", checkpointer=store)


@both
def test_a_finished_run_that_was_kept_gives_its_result_again(tmp_path: Path, lane: str) -> None:
    store = SqliteCheckpointer(tmp_path / "runs.db", delete_on_success=False)
    calls: Counter[str] = Counter()

    def work(value: int) -> int:
        calls["work"] += 1
        return value * 2

    flow = linear("work", "work", tools=[number_tool("work", work)])
    first = ran(flow, lane, {"value": 3}, trace_id="run", checkpointer=store)
    assert [run.status for run in store.runs()] == ["finished"]
    again = resumed(flow, lane, "run", checkpointer=store)
    assert told(again) == told(first)
    assert calls["work"] == 2


def test_a_trace_id_is_given_where_there_is_none(store: Checkpointer) -> None:
    flow = linear("increment")
    with pytest.raises(Crash):
        flow.run({"value": 1}, checkpointer=Dying(store, 0))
    (run,) = store.runs()
    assert flow.resume(run.trace_id, checkpointer=store).trace_id == run.trace_id


def test_a_run_does_not_begin_over_another(store: Checkpointer) -> None:
    flow = linear("increment", "increment")
    died(flow, store, 0, {"value": 1})
    with pytest.raises(CheckpointExistsError):
        flow.run({"value": 1}, trace_id="run", checkpointer=store)
    assert flow.resume("run", checkpointer=store).success


def test_a_run_that_is_refused_is_not_recorded(store: Checkpointer) -> None:
    result = linear("increment").run({}, trace_id="run", checkpointer=store)
    assert not result.success
    assert store.runs() == []


DYNAMIC: dict[str, Any] = {**CHILD, "steps": [{"tool_name": "increment"}, {"flow_name": "child"}]}


@both
def test_dynamic_params_reach_the_flows_that_steps_run(store: Checkpointer, lane: str) -> None:
    from cwc.driver.compile import Options
    from cwc.driver.memory import compile_in_memory, load

    tools = [number_tool("increment")]
    parent = {**DYNAMIC, "name": "parent"}
    flow = load(compile_in_memory(parent, tools, Options(async_constructs=("subflows",)), [CHILD]), tools)
    plain = ran(flow, lane, {"value": 1}, dynamic_params={"deep": (1, 2)}, trace_id="run")
    for at in range(3):
        died(flow, store, at, {"value": 1}, lane, dynamic_params={"deep": (1, 2)})
        result = resumed(flow, lane, "run", checkpointer=store)
        assert told(result) == told(plain)
        assert result.execution_log[1].sub_result is not None
        assert (result.execution_log[1].sub_result.final_output or {})["deep"] == (1, 2)


def composed() -> Flow[Any]:
    return cwc.compile_flow(PARENT, [number_tool("increment")], [CHILD])


def test_steps_of_flows_that_steps_run_are_recorded_under_their_step(store: Checkpointer) -> None:
    died(composed(), store, 1, {"value": 1})
    (run,) = store.runs()
    assert run.last_step == "1:child/0:increment"
    _, rows = store.take_over("run")
    assert set(rows) == {"0:increment", "1:child/0:increment"}


def deciding(store: Checkpointer, at: int) -> tuple[Flow[Any], list[int]]:
    """A flow of two decisions that dies at a commit; the steps that were asked for."""
    tools = [number_tool("increment"), number_tool("double", lambda value: value * 2)]
    step = {"tool_name": "increment", "input_mapping": {"value": "value"}}
    candidates = {"decision_candidates": ["increment", "double"]}
    flow = cwc.compile_flow({**CHILD, "steps": [{**step, **candidates}, {**step, **candidates}]}, tools)
    asked: list[int] = []

    def decide(question: Any) -> str:
        asked.append(question.step_index)
        return "double"

    died(flow, store, at, {"value": 5}, decision_callback=decide)
    return flow, asked


def test_a_decision_is_made_once_even_if_its_step_did_not_get_to_its_end(store: Checkpointer) -> None:
    flow, asked = deciding(store, 2)
    assert asked == [0, 1]

    def never(question: Any) -> str:
        raise AssertionError("this was decided")

    result = flow.resume("run", checkpointer=store, decision_callback=never)
    assert result.final_output == {"value": 20}
    assert [record.decision.chosen for record in result.execution_log if record.decision] == ["double", "double"]


def test_decisions_are_restored_without_anybody_who_decides(store: Checkpointer) -> None:
    flow, asked = deciding(store, 1)
    result = flow.resume("run", checkpointer=store)
    assert asked == [0]
    assert result.final_output == {"value": 11}
    assert [record.tool_name for record in result.execution_log] == ["double", "increment"]
    assert [record.decision is None for record in result.execution_log] == [False, True]


def test_a_flow_that_is_not_what_it_was_is_told_at_once_and_its_owner_goes_on(store: Checkpointer) -> None:
    flow = linear("increment", "increment")
    died(flow, store, 0, {"value": 1})

    class Other(BaseModel):
        value: int
        more: int = 1

    changed = {
        "its source": linear("increment", "increment", "increment"),
        "tool 'increment'": cwc.compile_flow(
            {**CHILD, "name": "f", "steps": [{"tool_name": "increment", "input_mapping": {"value": "value"}}] * 2},
            [cwc.Tool(name="increment", description="", input_schema=Number, output_schema=Other, fn=lambda given: {})],
        ),
        "its version": cwc.compile_flow({**CHILD, "name": "f", "version": "9"}, [number_tool("increment")]),
        "it is no run of flow 'parent'": composed(),
    }
    before = store.take_over("run")[0]
    for why, other in changed.items():
        with pytest.raises(CheckpointDriftError) as caught:
            other.resume("run", checkpointer=store)
        assert why in str(caught.value)
    assert store.take_over("run")[0].epoch == before.epoch + 1
    assert flow.resume("run", checkpointer=store).success


def test_a_flow_that_a_step_runs_is_not_what_it_was(store: Checkpointer) -> None:
    died(composed(), store, 0, {"value": 1})
    child = {**CHILD, "steps": CHILD["steps"][:1]}
    with pytest.raises(CheckpointDriftError, match="flow 'child' has changed"):
        cwc.compile_flow(PARENT, [number_tool("increment")], [child]).resume("run", checkpointer=store)


def test_a_run_that_was_forced_goes_on_and_others_ask_for_the_status(store: Checkpointer) -> None:
    flow = cwc.compile_flow({**CHILD, "status": "disabled"}, [number_tool("increment")])
    died(flow, store, 0, {"value": 1}, force=True)
    assert flow.resume("run", checkpointer=store).success
    with pytest.raises(FlowStatusError):
        flow.run({"value": 1}, checkpointer=store)


class Colour(Enum):
    RED = "red"


class Part(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    name: str = Field(alias="n")


class Rich(BaseModel):
    when: datetime
    price: Decimal
    raw: bytes
    colour: Colour
    tags: set[str]
    pair: tuple[int, str]
    odd: float
    part: Part
    grown: Annotated[int, AfterValidator(lambda value: value + 1)]
    anything: Any


RICH = {
    "when": "2020-01-02T03:04:05+01:00",
    "price": "1.10",
    "raw": b"\xff",
    "colour": "red",
    "tags": ["a"],
    "pair": [1, "x"],
    "odd": float("nan"),
    "part": {"n": "p"},
    "grown": 1,
    "anything": {"at": datetime(2021, 1, 1), 1: {2}},
}


class Anything(BaseModel):
    model_config = ConfigDict(extra="allow")


@both
def test_the_next_step_receives_exactly_what_it_would_have_received(tmp_path: Path, lane: str) -> None:
    seen: list[dict[str, Any]] = []

    def look(given: Anything) -> dict[str, Any]:
        seen.append(dict(given.__pydantic_extra__ or {}))
        return {"value": 1}

    tools = [
        cwc.Tool(name="make", description="", input_schema=Anything, output_schema=Rich, fn=lambda given: RICH),
        cwc.Tool(name="look", description="", input_schema=Anything, output_schema=Number, fn=look),
    ]
    flow = cwc.compile_flow({**CHILD, "steps": [{"tool_name": "make"}, {"tool_name": "look"}]}, tools)
    plain = ran(flow, lane, {"start": (1, 2)}, trace_id="run")
    store = SqliteCheckpointer(tmp_path / "runs.db")
    died(flow, store, 0, {"start": (1, 2)}, lane)
    result = resumed(flow, lane, "run", checkpointer=store)
    assert len(seen) == 2
    assert repr(seen[0]) == repr(seen[1])
    assert seen[1]["grown"] == 2
    assert repr(told(result)["final_output"]) == repr(told(plain)["final_output"])


@both
@pytest.mark.parametrize("value", [threading.Lock(), SecretStr("hunter2")], ids=["lock", "secret"])
def test_what_cannot_be_recorded_ends_the_run_before_the_next_step(tmp_path: Path, lane: str, value: Any) -> None:
    class Open(BaseModel):
        thing: Any

    calls: list[int] = []

    def called(number: int) -> int:
        calls.append(number)
        return number

    tools = [
        cwc.Tool(
            name="make", description="", input_schema=Anything, output_schema=Open,
            fn=lambda given: {"thing": {"a/b": [value]}},
        ),
        number_tool("increment", called),
    ]  # fmt: skip
    steps = [{"tool_name": "make", "on_error": "skip"}, {"tool_name": "increment"}]
    flow = cwc.compile_flow({**CHILD, "steps": steps}, tools)
    store = SqliteCheckpointer(tmp_path / "runs.db")
    with pytest.raises(CheckpointEncodingError, match="cannot be recorded") as caught:
        ran(flow, lane, {"value": 1}, trace_id="run", checkpointer=store)
    assert (caught.value.pointer, caught.value.step_index) == ("/thing/a~1b/0", 0)
    assert "hunter2" not in str(caught.value)
    assert calls == []
    assert caught.value.partial_result is not None
    assert [run.status for run in store.runs()] == ["failed"]
    with pytest.raises(CheckpointEncodingError, match="'/x' in the input"):
        ran(flow, lane, {"value": 1, "x": value}, trace_id="other", checkpointer=store)
    assert [run.trace_id for run in store.runs()] == ["run"]


def test_secrets_are_recorded_where_that_is_allowed(tmp_path: Path) -> None:
    class Key(BaseModel):
        key: SecretStr

    tools = [
        cwc.Tool(name="make", description="", input_schema=Anything, output_schema=Key, fn=lambda given: {"key": "k"}),
        cwc.Tool(
            name="use", description="", input_schema=Key, output_schema=Number,
            fn=lambda given: {"value": len(given.key.get_secret_value())},
        ),
    ]  # fmt: skip
    flow = cwc.compile_flow({**CHILD, "steps": [{"tool_name": "make"}, {"tool_name": "use"}]}, tools)
    store = SqliteCheckpointer(tmp_path / "runs.db", store_secrets=True)
    died(flow, store, 0, {})
    assert flow.resume("run", checkpointer=store).final_output == {"key": SecretStr("k"), "value": 1}


@both
def test_an_owner_whose_run_is_taken_over_stops(store: Checkpointer, lane: str) -> None:
    calls: list[int] = []

    def work(value: int) -> int:
        calls.append(value)
        if len(calls) == 1:
            store.take_over("run")
        return value + 1

    flow = linear("work", "work", tools=[number_tool("work", work)])
    with pytest.raises(RunFencedError) as caught:
        ran(flow, lane, {"value": 1}, trace_id="run", checkpointer=store)
    assert calls == [1]
    assert caught.value.partial_result is not None
    assert [(run.status, run.steps) for run in store.runs()] == [("open", 0)]


@both
@pytest.mark.parametrize("why", ["taken over", "disk"])
def test_an_owner_that_can_record_nothing_begins_no_other_step_of_the_level(
    tmp_path: Path, lane: str, why: str
) -> None:
    store = SqliteCheckpointer(tmp_path / "runs.db")
    calls: list[int] = []

    def work(value: int) -> int:
        calls.append(value)
        if why == "disk":
            store._file.connection().execute("PRAGMA query_only=ON")
        else:
            store.take_over("run")
        return value

    flow = dag({f"s{number}": ("work", []) for number in range(6)}, [number_tool("work", work)])
    with pytest.raises((RunFencedError, CheckpointStoreError)):
        ran(flow, lane, {"value": 1}, trace_id="run", checkpointer=store)
    assert calls == [1]


def test_an_owner_whose_run_is_taken_over_at_its_end_does_not_report_it(store: Checkpointer) -> None:
    class Late(Dying):
        def finish(self, owner: Any, error: str | None) -> None:
            self.store.take_over("run")
            super().finish(owner, error)

    with pytest.raises(RunFencedError) as caught:
        linear("increment").run({"value": 1}, trace_id="run", checkpointer=Late(store, 99))
    assert caught.value.partial_result is not None
    assert caught.value.partial_result.final_output == {"value": 2}
    assert len(store.runs()) == 1


def test_a_store_that_fails_ends_the_run_and_not_only_the_step(tmp_path: Path) -> None:
    store = SqliteCheckpointer(tmp_path / "runs.db")

    def work(value: int) -> int:
        store._file.connection().execute("PRAGMA query_only=ON")
        return value

    flow = linear("work", "increment", tools=[number_tool("work", work)], step={"on_error": "skip"})
    with pytest.raises(CheckpointStoreError, match="cannot be written to"):
        flow.run({"value": 1}, checkpointer=store)


@both
def test_a_cancelled_run_is_gone_on_with(store: Checkpointer, lane: str) -> None:
    token = CancellationToken()

    def work(value: int) -> int:
        token.cancel()
        return value + 1

    flow = linear("work", "increment", tools=[number_tool("work", work)])
    with pytest.raises(FlowCancelledError):
        ran(flow, lane, {"value": 1}, trace_id="run", checkpointer=store, cancel_token=token)
    (run,) = store.runs()
    assert (run.status, run.last_step) == ("failed", "0:work")
    # What is recorded is given back without being asked whether to stop, the rest is not.
    with pytest.raises(FlowCancelledError) as caught:
        resumed(flow, lane, "run", checkpointer=store, cancel_token=token)
    assert caught.value.step_index == 1
    assert resumed(flow, lane, "run", checkpointer=store).final_output == {"value": 3}


def test_a_run_whose_task_is_cancelled_is_told_from_one_that_died(store: Checkpointer) -> None:
    reached = asyncio.Event()

    async def work(given: Number) -> dict[str, int]:
        if not reached.is_set():
            reached.set()
            await asyncio.Event().wait()
        return {"value": given.value + 1}

    tool = cwc.Tool(name="work", description="", input_schema=Number, output_schema=Number, fn=work)
    flow = linear("increment", "work", tools=[tool])

    async def main() -> None:
        task = asyncio.create_task(flow.run_async({"value": 1}, trace_id="run", checkpointer=store))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    (run,) = store.runs()
    assert (run.status, run.steps, run.error) == ("failed", 1, "CancelledError")
    assert asyncio.run(flow.resume_async("run", checkpointer=store)).final_output == {"value": 3}


@both
def test_what_ends_the_process_is_raised_whatever_the_store_makes_of_it(tmp_path: Path, lane: str) -> None:
    store = SqliteCheckpointer(tmp_path / "runs.db")
    ends: list[type[BaseException]] = [KeyboardInterrupt, SystemExit]

    def work(value: int) -> int:
        if len(ends) == 1:
            store.discard("run")
        raise ends.pop() if ends else ValueError(value)

    flow = linear("work", tools=[number_tool("work", work)])
    with pytest.raises(SystemExit):
        ran(flow, lane, {"value": 1}, trace_id="run", checkpointer=store)
    assert [(run.status, run.error) for run in store.runs()] == [("failed", "SystemExit")]
    with pytest.raises(KeyboardInterrupt):
        resumed(flow, lane, "run", checkpointer=store)
    assert store.runs() == []


@both
def test_a_tool_reads_the_key_of_its_step_which_is_that_of_its_first_attempt(store: Checkpointer, lane: str) -> None:
    from cwc.runtime import current_step

    keys: list[str] = []

    def work(value: int) -> int:
        keys.append(current_step().idempotency_key)
        return value + 1

    flow = linear("increment", "work", tools=[number_tool("work", work)])
    with pytest.raises(Crash):
        ran(flow, lane, {"value": 1}, trace_id="run", checkpointer=Dying(store, 1, before=True))
    resumed(flow, lane, "run", checkpointer=store)
    assert keys == ["run:1:work"] * 2


def test_observers_are_told_of_what_runs(store: Checkpointer) -> None:
    told_of: list[str] = []

    def observe(event: Any) -> None:
        told_of.append(f"{type(event).__name__} {getattr(event, 'step_index', '')}".strip())

    flow = linear("increment", "increment")
    died(flow, store, 0, {"value": 1})
    flow.resume("run", checkpointer=store, observers=[observe])
    assert told_of == ["FlowStart", "StepStart 1", "StepEnd 1", "FlowEnd"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_process_that_a_tool_has_forked_does_not_have_the_run(tmp_path: Path) -> None:
    store = SqliteCheckpointer(tmp_path / "runs.db")
    children: list[int] = []

    def fork(value: int) -> int:
        children.append(os.fork())
        return value + 1

    flow = linear("fork", "increment", tools=[number_tool("fork", fork)])
    code = 1
    try:
        result = flow.run({"value": 1}, trace_id="run", checkpointer=store)
    except RunFencedError:
        code = 0
    finally:
        if children and children[0] == 0:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]) == 0
    assert result.final_output == {"value": 3}


def test_runs_in_many_threads_and_tasks_are_kept_apart(tmp_path: Path) -> None:
    store = SqliteCheckpointer(tmp_path / "runs.db", delete_on_success=False)
    flow = linear(*["increment"] * 5)
    threads = [
        threading.Thread(target=flow.run, args=({"value": n},), kwargs={"trace_id": f"t{n}", "checkpointer": store})
        for n in range(6)
    ]
    for thread in threads:
        thread.start()

    async def main() -> list[Any]:
        runs = (flow.run_async({"value": n}, trace_id=f"a{n}", checkpointer=store) for n in range(6))
        return [*await asyncio.gather(*runs)]

    results = asyncio.run(main())
    for thread in threads:
        thread.join()
    assert [result.final_output["value"] for result in results] == [n + 5 for n in range(6)]
    assert {run.trace_id: (run.status, run.steps) for run in store.runs()} == {
        f"{kind}{n}": ("finished", 5) for kind in "ta" for n in range(6)
    }


def test_tools_whose_outputs_are_dumped_otherwise_are_not_gone_on_with() -> None:
    def flow(left_out: bool) -> Flow[Any]:
        class Pair(BaseModel):
            value: int
            other: int = Field(exclude=left_out)

        def give(given: Number) -> dict[str, int]:
            return {"value": 1, "other": 2}

        tool = cwc.Tool(name="pair", description="", input_schema=Number, output_schema=Pair, fn=give)
        return linear("pair", "fails", tools=[tool, number_tool("fails", lambda value: value // 0)])

    store = InMemoryCheckpointer()
    assert not flow(True).run({"value": 1}, checkpointer=store, trace_id="run").success
    with pytest.raises(CheckpointDriftError, match="tool 'pair' has changed"):
        flow(False).resume("run", checkpointer=store)
    assert not flow(True).resume("run", checkpointer=store).success
