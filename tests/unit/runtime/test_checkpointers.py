"""What every checkpointer promises: rows by name, one owner, copies, and nothing lost or invented."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from cwc.runtime.errors import CheckpointExistsError, CheckpointNotFoundError, RunFencedError
from cwc.runtime.stores.checkpoints import Checkpointer, InMemoryCheckpointer, Owner, Row, RunStart
from cwc.runtime.stores.not_kept import NotKept
from cwc.runtime.stores.sqlite_checkpoints import SqliteCheckpointer

START = RunStart("run", "flow", "1.0", {"source": "abc"}, {"x": (1, b"2")}, {"y": 2}, True, 1234)


def row(number: int = 1) -> Row:
    return Row({"value": number, "open": [{1, 2}]}, {"skipped": True}, number, number + 5)


Make = Callable[..., Checkpointer]


@pytest.fixture(params=["memory", "sqlite"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    if request.param == "memory":
        return InMemoryCheckpointer
    return lambda **options: SqliteCheckpointer(tmp_path / "runs.db", **options)


@pytest.fixture
def store(make: Make) -> Checkpointer:
    return make()


def test_what_was_recorded_comes_back_to_who_takes_over(store: Checkpointer) -> None:
    owner = store.begin(START)
    store.record(owner, "1:b", row(1))
    store.record(owner, "0:a/0:b", row(2))
    store.record(owner, "~?0:a", row(3))
    assert store.load("run") == START
    other, rows = store.take_over("run")
    assert rows == {"1:b": row(1), "0:a/0:b": row(2), "~?0:a": row(3)}
    assert isinstance(rows["1:b"].outputs["open"][0], set)
    assert (other.trace_id, other.flow_name, other.epoch) == ("run", "flow", owner.epoch + 1)


def test_an_owner_ends_when_the_run_is_taken_over(store: Checkpointer) -> None:
    first = store.begin(START)
    second, _ = store.take_over("run")
    for act in (store.record, lambda owner, *_: store.finish(owner, None)):
        with pytest.raises(RunFencedError, match="run"):
            act(first, "0:a", row())
    store.record(second, "0:a", row())
    store.finish(second, None)
    with pytest.raises(RunFencedError):
        store.record(second, "1:b", row())


def test_an_owner_of_a_run_that_was_begun_anew_owns_nothing(store: Checkpointer) -> None:
    first = store.begin(START)
    store.discard("run")
    again = store.begin(START)
    assert first.epoch == again.epoch
    with pytest.raises(RunFencedError):
        store.record(first, "0:a", row())
    assert store.take_over("run")[1] == {}


def test_one_run_to_a_trace_id(store: Checkpointer) -> None:
    store.begin(START)
    with pytest.raises(CheckpointExistsError, match="discard"):
        store.begin(START)


@pytest.mark.parametrize("ask", ["load", "take_over", "discard"])
def test_an_unknown_run_is_said_to_be_unknown(store: Checkpointer, ask: str) -> None:
    store.begin(START)
    with pytest.raises(CheckpointNotFoundError, match="'other'"):
        getattr(store, ask)("other")


def test_runs_that_end_well_are_deleted_and_others_kept(make: Make) -> None:
    store = make()
    for name in ("good", "bad", "open"):
        owner = store.begin(replace(START, trace_id=name))
        store.record(owner, "0:a", row())
        store.record(owner, "1:b", row())
        store.record(owner, "~?2:c", row())
        if name != "open":
            store.finish(owner, None if name == "good" else "it broke")
    shown = [(run.trace_id, run.status, run.error, run.steps, run.last_step) for run in store.runs()]
    assert shown == [("bad", "failed", "it broke", 2, "1:b"), ("open", "open", None, 2, "1:b")]
    assert [(run.flow_name, run.flow_version, run.started_ns) for run in store.runs()] == [("flow", "1.0", 1234)] * 2


def test_runs_that_end_well_may_be_kept(make: Make) -> None:
    store = make(delete_on_success=False)
    owner = store.begin(START)
    store.finish(owner, None)
    assert [run.status for run in store.runs()] == ["finished"]
    assert store.load("run") == START


def test_what_is_kept_are_copies(store: Checkpointer) -> None:
    given: dict[str, Any] = {"x": [1]}
    outputs: dict[str, Any] = {"value": [1]}
    owner = store.begin(replace(START, initial_input=given))
    store.record(owner, "0:a", replace(row(), outputs=outputs))
    given["x"].append(2)
    outputs["value"].append(2)
    store.load("run").initial_input["x"].append(3)
    store.take_over("run")[1]["0:a"].outputs["value"].append(3)
    assert store.load("run").initial_input == {"x": [1]}
    assert store.take_over("run")[1]["0:a"].outputs == {"value": [1]}


def test_what_cannot_be_kept_is_named_and_nothing_is_recorded(store: Checkpointer) -> None:
    lock = threading.Lock()
    with pytest.raises(NotKept) as caught:
        store.begin(replace(START, initial_input={"a": lock}))
    assert caught.value.pointer == "/a"
    assert store.runs() == []
    owner = store.begin(START)
    with pytest.raises(NotKept):
        store.record(owner, "0:a", replace(row(), outputs={"a": lock}))
    assert store.take_over("run")[1] == {}


def test_names_of_any_text(store: Checkpointer) -> None:
    trace = "\x00é\ud800'--"
    owner = store.begin(replace(START, trace_id=trace, flow_name="'\ud800"))
    store.record(owner, "0:é'", row())
    assert list(store.take_over(trace)[1]) == ["0:é'"]
    assert len(store.runs()) == 1
    store.discard(trace)


def test_many_writers_lose_nothing(store: Checkpointer) -> None:
    """Threads and event loops at once, each with a run of its own."""
    owners = [store.begin(replace(START, trace_id=f"run {number}")) for number in range(8)]

    def record(owner: Owner) -> None:
        for number in range(20):
            store.record(owner, f"{number}:t", row(number))

    async def record_async() -> None:
        async def one(owner: Owner) -> None:
            for number in range(20):
                await store.record_async(owner, f"{number}:a", row(number))

        await asyncio.gather(*map(one, owners))

    threads = [threading.Thread(target=record, args=(owner,)) for owner in owners]
    threads += [threading.Thread(target=lambda: asyncio.run(record_async())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for owner in owners:
        _, rows = store.take_over(owner.trace_id)
        assert rows == {f"{number}:{kind}": row(number) for number in range(20) for kind in "ta"}


def test_among_many_writers_only_the_fenced_one_is_told(store: Checkpointer) -> None:
    owners = [store.begin(replace(START, trace_id=f"run {number}")) for number in range(6)]
    store.take_over("run 3")

    async def main() -> list[Any]:
        writes = (store.record_async(owner, "0:a", row()) for owner in owners)
        return await asyncio.gather(*writes, return_exceptions=True)

    outcomes = asyncio.run(main())
    assert [type(outcome) for outcome in outcomes] == [RunFencedError if n == 3 else type(None) for n in range(6)]


def test_secrets_reach_a_file_on_demand_only(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    start = replace(START, initial_input={"key": SecretStr("hunter2")})
    with pytest.raises(NotKept, match="store_secrets"):
        SqliteCheckpointer(path).begin(start)
    store = SqliteCheckpointer(path, store_secrets=True)
    store.begin(start)
    assert store.load("run").initial_input["key"].get_secret_value() == "hunter2"
