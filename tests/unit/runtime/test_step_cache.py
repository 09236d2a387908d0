"""Steps that are answered from a cache, and what is never kept there or taken from there."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import multiprocessing
import os
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field, SecretStr

import cwc
from cwc.driver.compile import Options
from cwc.driver.memory import compile_in_memory, load
from cwc.runtime.errors import StepCacheError
from cwc.runtime.stores.checkpoints import InMemoryCheckpointer
from cwc.runtime.stores.sqlite_step_cache import SqliteStepCache
from cwc.runtime.stores.step_cache import InMemoryStepCache, StepCacheKey, input_value_hash
from cwc.runtime.tools.chunks import ToolChunk
from tests.unit.runtime.number_flows import CHILD, PARENT, Number, linear, number_tool, run

LANES = ("sync", "async")
MakeCache = Callable[[], Any]


@pytest.fixture(params=["memory", "sqlite"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    return InMemoryStepCache() if request.param == "memory" else SqliteStepCache(tmp_path / "cache.db")


class Counted:
    """A tool that counts its calls."""

    def __init__(self, **options: Any) -> None:
        self.calls = 0
        self.tool = number_tool("counted", self._call, **options)

    def _call(self, value: int) -> int:
        self.calls += 1
        return value + 1


def timeless(result: Any) -> list[dict[str, Any]]:
    differing = {"started_at", "ended_at", "duration_ms", "cached"}
    return [record.model_dump(exclude=differing) for record in result.execution_log]


@pytest.mark.parametrize("lane", LANES)
def test_a_second_run_is_answered(lane: str, cache: Any) -> None:
    counted = Counted()
    flow = linear("counted", tools=[counted.tool])
    first, second = (run(flow, lane, {"value": 1}, cache=cache) for _ in range(2))
    assert counted.calls == 1
    assert [result.execution_log[0].cached for result in (first, second)] == [False, True]
    assert timeless(first) == timeless(second)
    assert run(flow, lane, {"value": 2}, cache=cache).final_output == {"value": 3}
    assert counted.calls == 2
    cache.clear()
    run(flow, lane, {"value": 1}, cache=cache)
    assert (counted.calls, len(cache)) == (3, 1)


def test_the_key_is_of_tool_schemas_and_validated_input() -> None:
    keys: list[StepCacheKey] = []

    class Noting(InMemoryStepCache):
        def get(self, key: StepCacheKey) -> dict[str, Any] | None:
            keys.append(key)
            return super().get(key)

    tool = number_tool("counted")
    flow = linear("counted", tools=[tool])
    for value in (1, "1", 1.0):
        assert flow.run({"value": value}, cache=Noting()).success
    expected = hashlib.sha256(Number(value=1).model_dump_json().encode()).hexdigest()
    assert keys == [StepCacheKey("counted", tool.schema_hash, expected)] * 3


def test_lanes_and_composed_flows_share_a_cache(cache: Any) -> None:
    counted = Counted()
    child = {**CHILD, "steps": [{"tool_name": "counted", "input_mapping": {"value": "value"}}]}
    flow = cwc.compile_flow(PARENT, [counted.tool, number_tool("increment")], flows=[child])
    flow.run({"value": 1}, cache=cache)
    result = run(linear("counted", tools=[counted.tool]), "async", {"value": 2}, cache=cache)
    assert (counted.calls, result.execution_log[0].cached) == (1, True)


@pytest.mark.parametrize("lane", LANES)
def test_what_is_not_asked_for(lane: str, cache: Any) -> None:
    uncacheable = Counted(cacheable=False)
    for _ in range(2):
        run(linear("counted", tools=[uncacheable.tool]), lane, {"value": 1}, cache=cache)
    assert uncacheable.calls == 2

    calls = 0

    async def stream(given: Number) -> AsyncIterator[ToolChunk]:
        nonlocal calls
        calls += 1
        yield ToolChunk(data={"value": 1}, is_final=True)

    streams = cwc.Tool(name="streams", description="", input_schema=Number, output_schema=Number, fn=stream)
    for _ in range(2):
        run(linear("streams", tools=[streams]), lane, {"value": 1}, cache=cache)
    assert calls == 2
    failed = run(linear("counted", tools=[Counted().tool]), lane, {"value": "no"}, cache=cache)
    assert failed.execution_log[0].error_type == "SchemaValidationError"
    assert len(cache) == 0


@pytest.mark.parametrize("lane", LANES)
def test_neither_fallbacks_nor_skips_are_kept(lane: str, cache: Any) -> None:
    def fail(value: int) -> int:
        raise OSError("no")

    failing, counted = number_tool("fails", fail), Counted()
    for on_error in ("skip", "fallback:counted"):
        flow = linear("fails", tools=[failing, counted.tool], step={"on_error": on_error})
        for _ in range(2):
            assert run(flow, lane, {"value": 1}, cache=cache).success
    assert (counted.calls, len(cache)) == (2, 0)


class Small(BaseModel):
    value: int = Field(lt=5)


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("role", ["input_contract", "output_contract"])
def test_contracts_hold_for_answers_too(lane: str, role: str, cache: Any) -> None:
    run(linear("increment"), lane, {"value": 7}, cache=cache)
    flow = linear("increment", step={role: f"{__name__}:Small"})
    plain = run(flow, lane, {"value": 7})
    answered = run(flow, lane, {"value": 7}, cache=cache)
    assert (answered.success, answered.execution_log[0].error_type) == (False, "SchemaValidationError")
    assert timeless(answered) == timeless(plain)


@pytest.mark.parametrize("lane", LANES)
def test_an_answer_is_no_attempt(lane: str, cache: Any) -> None:
    flakes = [OSError("flaky")]

    def flaky(value: int) -> int:
        if flakes:
            raise flakes.pop()
        return value

    flow = linear("flaky", tools=[number_tool("flaky", flaky)], step={"retry": {"backoff_seconds": 0}})
    first, second = (run(flow, lane, {"value": 1}, cache=cache).execution_log[0] for _ in range(2))
    assert (first.retry_count, first.cached) == (1, False)
    assert (second.retry_count, second.cached) == (0, True)


@pytest.mark.parametrize("lane", LANES)
def test_what_was_decided_for_is_answered(lane: str, cache: Any) -> None:
    counted = Counted()
    step = {"tool_name": "increment", "decision_candidates": ["increment", "counted"], **CHILD["steps"][0]}
    compiled = compile_in_memory(
        {**CHILD, "steps": [step]}, [number_tool("increment"), counted.tool], Options(async_constructs=("decisions",))
    )
    flow = load(compiled, [number_tool("increment"), counted.tool])
    first, second = (
        run(flow, lane, {"value": 1}, cache=cache, decision_callback=lambda _: "counted") for _ in range(2)
    )
    assert (counted.calls, second.execution_log[0].cached) == (1, True)
    for result in (first, second):
        (record,) = result.execution_log
        assert record.tool_name == "counted"
        assert record.decision is not None
        assert record.decision.chosen == "counted"
    assert not run(flow, lane, {"value": 1}, cache=cache).execution_log[0].cached, "another tool has other entries"


def test_bound_tools_are_kept_apart(cache: Any) -> None:
    flow = linear("increment")
    bound = flow.bind({"increment": lambda given: {"value": 100}})
    for _ in range(2):
        assert flow.run({"value": 1}, cache=cache).final_output == {"value": 2}
        assert bound.run({"value": 1}, cache=cache).final_output == {"value": 100}
    assert bound.run({"value": 1}, cache=cache).execution_log[0].cached


class Listed(BaseModel):
    value: Any


def test_values_are_not_shared_with_a_cache() -> None:
    tool = cwc.Tool(
        name="listed", description="", input_schema=Number, output_schema=Listed, fn=lambda n: {"value": [n]}
    )
    cache = InMemoryStepCache()
    flow = cwc.compile_flow({**CHILD, "steps": [{"tool_name": "listed", "input_mapping": {"value": "value"}}]}, [tool])
    for _ in range(3):
        result = flow.run({"value": 1}, cache=cache)
        assert result.final_output is not None
        assert len(result.final_output["value"]) == 1
        result.final_output["value"].append("changed by the caller")


class Login(BaseModel):
    password: SecretStr
    hint: str = "x"


class Told(BaseModel):
    length: int


class Hidden(BaseModel):
    key: SecretStr


def test_inputs_with_secrets_are_not_asked_for_and_outputs_with_secrets_not_written(tmp_path: Path) -> None:
    def length(given: Login) -> dict[str, Any]:
        return {"length": len(given.password.get_secret_value())}

    logs = cwc.Tool(name="logs", description="", input_schema=Login, output_schema=Told, fn=length)
    hides = cwc.Tool(
        name="hides", description="", input_schema=Number, output_schema=Hidden, fn=lambda n: {"key": "hunter2"}
    )
    cache = SqliteStepCache(tmp_path / "cache.db")
    flow = cwc.compile_flow({**CHILD, "steps": [{"tool_name": "logs"}, {"tool_name": "hides"}]}, [logs, hides])
    for password, known in (("a", 1), ("bbb", 3)):
        result = flow.run({"password": password, "value": 1}, cache=cache)
        assert result.final_output is not None
        assert result.final_output["length"] == known, "two secrets are not one input"
        assert result.final_output["key"].get_secret_value() == "hunter2"
    assert len(cache) == 0
    cache.close()
    assert b"hunter2" not in (tmp_path / "cache.db").read_bytes()


class Anything(BaseModel):
    value: Any


@pytest.mark.parametrize(
    "values",
    [
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00Z"), (float("nan"), None), (float("inf"), None),
        ((1, 2), [1, 2]), (b"a", "a"), (1, 1.0), (True, 1), ({1: 2}, {"1": 2}), (SecretStr("a"), "**********"),
    ],
)  # fmt: skip
def test_inputs_that_only_look_alike_are_told_apart(values: tuple[Any, Any]) -> None:
    hashes = set()
    for value in values:
        try:
            hashes.add(input_value_hash(Anything(value=value)))
        except Exception:
            hashes.add(f"not asked for {value!r}")
    assert len(hashes) == 2


def test_the_cache_in_memory_keeps_what_was_used_last() -> None:
    cache = InMemoryStepCache(max_entries=2)
    one, two, three = (StepCacheKey("t", "s", name) for name in "123")
    cache.set(one, {"n": 1})
    cache.set(two, {"n": 2})
    assert cache.get(one) == {"n": 1}
    cache.set(three, {"n": 3})
    assert [cache.get(key) for key in (one, two, three)] == [{"n": 1}, None, {"n": 3}]
    with pytest.raises(ValueError, match="max_entries"):
        InMemoryStepCache(max_entries=0)


KEY = StepCacheKey("tool", "schema", "input")


def test_types_come_back_from_a_file(tmp_path: Path) -> None:
    value = {"at": datetime(2026, 1, 1, tzinfo=UTC), "parts": (1, {2}), "nan": float("nan"), "text": "\ud800"}
    SqliteStepCache(tmp_path / "c.db").set(KEY, value)
    kept = SqliteStepCache(tmp_path / "c.db").get(KEY)
    assert kept is not None
    assert repr(kept) == repr(value)


def test_entries_of_a_file_expire(tmp_path: Path) -> None:
    cache = SqliteStepCache(tmp_path / "c.db", ttl_seconds=60)
    cache.set(KEY, {"n": 1})
    assert cache.get(KEY) == {"n": 1}
    with sqlite3.connect(tmp_path / "c.db") as connection:
        connection.execute("UPDATE entries SET stored = stored - 61")
    assert cache.get(KEY) is None
    cache.set(StepCacheKey("another", "s", "i"), {"n": 2})
    assert len(cache) == 1, "what has expired is deleted"
    with pytest.raises(ValueError, match="ttl_seconds"):
        SqliteStepCache(tmp_path / "c.db", ttl_seconds=0)


@pytest.mark.parametrize(("most", "least"), [(1, 1), (3, 3), (32, 30)])
def test_a_file_keeps_what_was_stored_last(most: int, least: int, tmp_path: Path) -> None:
    cache = SqliteStepCache(tmp_path / "c.db", max_entries=most)
    keys = [StepCacheKey("t", "s", str(number)) for number in range(3 * most)]
    for number, key in enumerate(keys):
        cache.set(key, {"n": number})
        assert len(cache) <= most
    for _ in range(most):
        cache.set(keys[-1], {"n": 0})
    kept = [key for key in keys if cache.get(key) is not None]
    assert kept == keys[-len(kept) :]
    assert len(kept) >= least
    # What another process has put there counts when there is room for no more.
    for number in range(most):
        SqliteStepCache(tmp_path / "c.db").set(StepCacheKey("other", "s", str(number)), {"n": 0})
    for number in range(most):
        cache.set(StepCacheKey("t", "new", str(number)), {"n": 0})
    assert len(cache) <= most
    with pytest.raises(ValueError, match="max_entries"):
        SqliteStepCache(tmp_path / "c.db", max_entries=0)


def test_a_bounded_file_keeps_new_entries_after_the_clock_was_set_back(tmp_path: Path) -> None:
    cache = SqliteStepCache(tmp_path / "c.db", max_entries=3)
    for number in range(3):
        cache.set(StepCacheKey("t", "ahead", str(number)), {"n": number})
    with sqlite3.connect(tmp_path / "c.db") as connection:
        connection.execute("UPDATE entries SET stored = stored + 86400")
    keys = [StepCacheKey("t", "s", str(number)) for number in range(3)]
    for key in keys:
        cache.set(key, {"n": 0})
    assert [cache.get(key) for key in keys] == [{"n": 0}] * 3


@pytest.mark.parametrize(
    "damage",
    [
        "outputs = '{\"value\": 9}'",
        "outputs = '['",
        "outputs = x'ff'",
        "digest = ''",
        "outputs = 5",
    ],
)
def test_a_damaged_entry_is_not_there(damage: str, tmp_path: Path) -> None:
    counted = Counted()
    flow = linear("counted", tools=[counted.tool])
    flow.run({"value": 1}, cache=SqliteStepCache(tmp_path / "c.db"))
    with sqlite3.connect(tmp_path / "c.db") as connection:
        connection.execute(f"UPDATE entries SET {damage}")
    assert flow.run({"value": 1}, cache=SqliteStepCache(tmp_path / "c.db")).final_output == {"value": 2}
    assert counted.calls == 2


def _newer(path: Path) -> None:
    SqliteStepCache(path).set(KEY, {"n": 1})
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version=99")


def _no_database(path: Path) -> None:
    path.write_bytes(b"no database, but long enough to be one " * 40)


def _folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("spoil", [_newer, _no_database, _folder])
def test_a_file_that_cannot_be_used_costs_no_result(
    spoil: Callable[[Path], None], lane: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spoil(tmp_path / "c.db")
    cache = SqliteStepCache(tmp_path / "c.db")
    for use in (lambda: cache.get(KEY), lambda: cache.set(KEY, {}), cache.clear, cache.__len__):
        with pytest.raises(StepCacheError, match="cannot be used"):
            use()
    with caplog.at_level(logging.WARNING, "cwc.cache"):
        assert run(linear("increment"), lane, {"value": 1}, cache=cache).final_output == {"value": 2}
    assert len(caplog.records) == 2


def test_a_file_that_is_locked(tmp_path: Path) -> None:
    cache = SqliteStepCache(tmp_path / "c.db", timeout=0.01)
    cache.set(KEY, {"n": 1})
    with sqlite3.connect(tmp_path / "c.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert linear("increment").run({"value": 1}, cache=cache).final_output == {"value": 2}
        with pytest.raises(StepCacheError, match="another process"):
            cache.set(KEY, {"n": 2})
        other.execute("ROLLBACK")


def test_a_disk_that_is_full(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = SqliteStepCache(tmp_path / "c.db")
    cache._file.connection().execute("PRAGMA max_page_count=1")
    with pytest.raises(StepCacheError, match="the disk is full"):
        cache.set(KEY, {"text": "x" * 100_000})
    with caplog.at_level(logging.WARNING, "cwc.cache"):
        flow = linear("long", tools=[number_tool("long", lambda value: 10**3000)])
        assert flow.run({"value": 1}, cache=cache).success
    assert cache.get(KEY) is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everything")
def test_a_file_that_is_read_only(tmp_path: Path) -> None:
    SqliteStepCache(tmp_path / "c.db").set(KEY, {"n": 1})
    (tmp_path / "c.db").chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        assert linear("increment").run({"value": 1}, cache=SqliteStepCache(tmp_path / "c.db")).success
    finally:
        tmp_path.chmod(0o755)


def _child(cache: SqliteStepCache, answers: Any) -> None:
    cache.set(StepCacheKey("tool", "schema", "child"), {"n": 2})
    answers.put(cache.get(KEY))


def test_a_cache_goes_on_on_both_sides_of_a_fork(tmp_path: Path) -> None:
    cache = SqliteStepCache(tmp_path / "c.db")
    cache.set(KEY, {"n": 1})
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    process = context.Process(target=_child, args=(cache, answers))
    process.start()
    process.join(30)
    assert answers.get() == {"n": 1}
    assert cache.get(StepCacheKey("tool", "schema", "child")) == {"n": 2}


@pytest.mark.parametrize("lane", LANES)
def test_a_cache_that_gives_what_is_no_mapping_is_not_believed(lane: str) -> None:
    class Odd:
        def get(self, key: StepCacheKey) -> Any:
            return [1]

        def set(self, key: StepCacheKey, output: dict[str, Any]) -> None: ...

        def clear(self) -> None: ...

    assert run(linear("increment"), lane, {"value": 1}, cache=Odd()).final_output == {"value": 2}


def test_threads_and_tasks_share_a_cache(cache: Any) -> None:
    flow = linear("increment", "increment", "increment")
    wrong: list[Any] = []

    def work(first: int) -> None:
        for value in range(first, first + 20):
            output = flow.run({"value": value}, cache=cache).final_output
            if output != {"value": value + 3}:
                wrong.append(output)

    threads = [threading.Thread(target=work, args=(number % 3,)) for number in range(6)]
    for thread in threads:
        thread.start()

    async def main() -> None:
        results = await asyncio.gather(*(flow.run_async({"value": n}, cache=cache) for n in range(30)))
        wrong.extend(result for n, result in enumerate(results) if result.final_output != {"value": n + 3})

    asyncio.run(main())
    for thread in threads:
        thread.join()
    assert wrong == []


def test_what_was_kept_when_a_field_was_left_out_of_dumps_is_no_answer(cache: Any) -> None:
    def flow(left_out: bool) -> Any:
        class Pair(BaseModel):
            first: int
            second: int = Field(exclude=left_out)

        fn = {"first": 1, "second": 2}.copy
        tool = cwc.Tool(name="t", description="", input_schema=Number, output_schema=Pair, fn=lambda given: fn())
        given = {"type": "Flow", "name": "f", "description": "", "steps": [{"tool_name": "t"}]}
        return cwc.compile_flow(given, [tool])

    assert flow(True).run({"value": 1}, cache=cache).final_output == {"value": 1, "first": 1}
    again = [flow(False).run({"value": 1}, cache=cache) for _ in range(2)]
    assert [result.final_output for result in again] == [{"value": 1, "first": 1, "second": 2}] * 2
    assert [result.execution_log[0].cached for result in again] == [False, True]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("make", [InMemoryStepCache, InMemoryCheckpointer])
def test_a_forked_process_finds_nothing_locked(make: Callable[[], Any]) -> None:
    kept = make()
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with kept._lock:
            held.set()
            go_on.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    threading.Timer(0.1, go_on.set).start()
    pid = os.fork()
    if not pid:
        os._exit(0 if kept._lock.acquire(timeout=0) else 1)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    go_on.set()
    thread.join()
    assert code == 0
