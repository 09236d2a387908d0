"""The checkpointer on disk: files that it cannot use, forks, other processes, shared commits, what a kill leaves."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

import cwc
from cwc.runtime.errors import CheckpointEncodingError, CheckpointStoreError, CheckpointVersionError, RunFencedError
from cwc.runtime.stores.checkpoints import Row, RunStart
from cwc.runtime.stores.sqlite_checkpoints import SqliteCheckpointer
from tests.unit.runtime.number_flows import run


class Text(BaseModel):
    text: str


START = RunStart("run", "flow", "1.0", {}, {}, None, False, 1234)
ROW = Row({"value": 1}, {}, 1, 2)


def filled(path: Path, steps: int = 3) -> None:
    store = SqliteCheckpointer(path)
    owner = store.begin(START)
    for number in range(steps):
        store.record(owner, f"{number}:a", replace(ROW, outputs={"value": "x" * 3000}))
    store.close()


def damage(path: Path) -> None:
    filled(path)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)


def truncate(path: Path) -> None:
    filled(path)
    os.truncate(path, 5000)


def of_another_version(path: Path) -> None:
    filled(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=7")


def of_something_else(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE users (name TEXT)")


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "text": (lambda path: path.write_text("no database " * 50), "not a SQLite database"),
    "short": (lambda path: path.write_bytes(b"\x00"), "not a SQLite database"),
    "damaged": (damage, "damaged"),
    "truncated": (truncate, "damaged"),
    "another version": (of_another_version, "another version of cwc"),
    "something else": (of_something_else, "something else"),
    "a folder": (Path.mkdir, "it is a folder"),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("create", [True, False])
def test_a_file_that_is_no_store_is_told_and_left_as_it_is(tmp_path: Path, kind: str, create: bool) -> None:
    path = tmp_path / "runs.db"
    make, told = BAD[kind]
    make(path)
    before = path.read_bytes() if path.is_file() else None
    for ask in ("runs", "load", "take_over", "begin"):
        store = SqliteCheckpointer(path, create=create)
        given: list[Any] = [] if ask == "runs" else [START if ask == "begin" else "run"]
        with pytest.raises(CheckpointStoreError, match=told) as caught:
            getattr(store, ask)(*given)
        assert str(path) in str(caught.value)
        store.close()
    if kind not in ("damaged", "truncated"):
        assert (path.read_bytes() if path.is_file() else None) == before


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CheckpointStoreError, match="no such file"):
        SqliteCheckpointer(tmp_path / "no.db", create=False).runs()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(CheckpointStoreError, match="folder must be there"):
        SqliteCheckpointer(tmp_path / "no" / "runs.db").runs()


@pytest.mark.parametrize("name", ["a b?c#d%20.db", "é.db", "-x.db"])
def test_paths_of_any_text(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    SqliteCheckpointer(name).begin(START)
    assert (tmp_path / name).exists()
    assert len(SqliteCheckpointer(os.fsencode(name).decode(), create=False).runs()) == 1


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="this user may write what is read-only")
def test_a_read_only_file(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    filled(path)
    path.chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(CheckpointStoreError, match=r"cannot be written to|cannot be opened"):
            SqliteCheckpointer(path).begin(replace(START, trace_id="other"))
    finally:
        tmp_path.chmod(0o755)


def test_a_file_that_cannot_be_written_to(tmp_path: Path) -> None:
    store = SqliteCheckpointer(tmp_path / "runs.db")
    owner = store.begin(START)
    store._file.connection().execute("PRAGMA query_only=ON")
    with pytest.raises(CheckpointStoreError, match="cannot be written to"):
        store.record(owner, "0:a", ROW)


def limited(store: SqliteCheckpointer, pages: int) -> None:
    """As on a disk with no more room."""
    store._file.connection().execute(f"PRAGMA max_page_count={pages}")


def test_a_full_disk_fails_the_step_and_keeps_the_others(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    store = SqliteCheckpointer(path)
    owner = store.begin(START)
    store.record(owner, "0:a", ROW)
    limited(store, 20)
    with pytest.raises(CheckpointStoreError, match="the disk is full"):
        store.record(owner, "1:a", replace(ROW, outputs={"value": "x" * 500_000}))
    limited(store, 1_000_000)
    store.record(owner, "2:a", ROW)
    assert set(SqliteCheckpointer(path).take_over("run")[1]) == {"0:a", "2:a"}


def test_a_full_disk_fails_every_writer_of_a_shared_commit(tmp_path: Path) -> None:
    store = SqliteCheckpointer(tmp_path / "runs.db")
    owners = [store.begin(replace(START, trace_id=str(number))) for number in range(3)]
    limited(store, 20)

    async def main() -> list[Any]:
        big = replace(ROW, outputs={"value": "x" * 500_000})
        return await asyncio.gather(*(store.record_async(o, "0:a", big) for o in owners), return_exceptions=True)

    outcomes = asyncio.run(main())
    assert [type(outcome) for outcome in outcomes] == [CheckpointStoreError] * 3
    assert len({id(outcome) for outcome in outcomes}) == 3


@pytest.mark.skipif(not hasattr(sqlite3.Connection, "setlimit"), reason="Python is too old")
@pytest.mark.parametrize("lane", ["sync", "async"])
def test_what_is_too_long_for_the_store_is_told(tmp_path: Path, lane: str) -> None:
    store = SqliteCheckpointer(tmp_path / "runs.db")
    store.runs()
    store._file.connection().setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 20_000)
    tool = cwc.Tool(
        name="t", description="", input_schema=Text, output_schema=Text, fn=lambda given: {"text": "x" * 30_000}
    )
    step = {"tool_name": "t", "input_mapping": {"text": "text"}, "on_error": "skip", "output_mapping": {"long": "text"}}
    flow = cwc.compile_flow({"type": "Flow", "name": "f", "description": "", "steps": [step]}, [tool])
    for text, place in (("x", "step 0"), ("x" * 30_000, "input")):
        with pytest.raises(CheckpointEncodingError, match=place):
            run(flow, lane, {"text": text}, checkpointer=store)


def test_a_file_that_another_process_holds(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    filled(path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        store = SqliteCheckpointer(path, timeout=0.05)
        with pytest.raises(CheckpointStoreError, match=r"another process has held it for 0\.05 s"):
            store.take_over("run")
        assert len(store.runs()) == 1
        other.execute("ROLLBACK")
        store.take_over("run")


@pytest.mark.parametrize("left", ["empty", "header", "half made"])
def test_what_a_kill_leaves_of_a_new_file_is_a_store_without_runs(tmp_path: Path, left: str) -> None:
    path = tmp_path / "runs.db"
    path.touch()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        if left != "empty":
            connection.execute("PRAGMA journal_mode=WAL")
        if left == "half made":
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("CREATE TABLE runs (x)")
    store = SqliteCheckpointer(path, create=False)
    assert store.runs() == []
    store.begin(START)


def test_a_run_of_another_format_is_told(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    filled(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE runs SET format = 9")
        connection.commit()
    store = SqliteCheckpointer(path)
    with pytest.raises(CheckpointVersionError, match="format 9"):
        store.load("run")
    assert len(store.runs()) == 1


def test_who_cannot_read_a_run_does_not_take_it_from_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    store = SqliteCheckpointer(path)
    owner = store.begin(START)
    store.record(owner, "0:a", ROW)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("""UPDATE steps SET outputs = '{"$":["class","gone:Gone"]}'""")
        connection.commit()
    with pytest.raises(CheckpointStoreError, match=r"'run' recorded is unreadable.*gone:Gone"):
        store.take_over("run")
    store.record(owner, "1:a", ROW)


def test_finished_runs_expire_when_another_begins(tmp_path: Path) -> None:
    store = SqliteCheckpointer(tmp_path / "runs.db", delete_on_success=False, expire_after=0.05)
    store.finish(store.begin(START), None)
    store.finish(store.begin(replace(START, trace_id="failed")), "no")
    store.begin(replace(START, trace_id="open"))
    assert [run.trace_id for run in store.runs()] == ["run", "failed", "open"]
    time.sleep(0.06)
    store.begin(replace(START, trace_id="new"))
    assert [run.trace_id for run in store.runs()] == ["failed", "open", "new"]


def test_steps_go_with_their_run(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    filled(path)
    SqliteCheckpointer(path).discard("run")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM steps").fetchone() == (0,)


def test_every_commit_is_on_disk(tmp_path: Path) -> None:
    store = SqliteCheckpointer(tmp_path / "runs.db")
    store.begin(START)
    connection = store._file.connection()
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_writers_that_come_together_share_a_commit(tmp_path: Path) -> None:
    store = SqliteCheckpointer(tmp_path / "runs.db")
    owners = [store.begin(replace(START, trace_id=str(number))) for number in range(16)]
    statements: list[str] = []
    store._file.connection().set_trace_callback(statements.append)

    async def main() -> None:
        await asyncio.gather(*(store.record_async(owner, "0:a", ROW) for owner in owners))

    asyncio.run(main())
    assert statements.count("COMMIT") == 1
    statements.clear()
    asyncio.run(store.record_async(owners[0], "1:a", ROW))
    store.record(owners[0], "2:a", ROW)
    assert [statement.split()[0] for statement in statements] == ["INSERT", "INSERT"]


def test_a_writer_that_is_cancelled_leaves_the_others_alone(tmp_path: Path) -> None:
    store = SqliteCheckpointer(tmp_path / "runs.db")
    owners = [store.begin(replace(START, trace_id=str(number))) for number in range(4)]

    async def main() -> None:
        tasks = [asyncio.ensure_future(store.record_async(owner, "0:a", ROW)) for owner in owners]
        await asyncio.sleep(0)
        tasks[0].cancel()
        await asyncio.gather(*tasks[1:])

    asyncio.run(main())
    assert [run.steps for run in store.runs()][1:] == [1, 1, 1]


def test_what_a_cancelled_writer_has_begun_to_write_does_not_wait_for_the_next_writer(tmp_path: Path) -> None:
    store = SqliteCheckpointer(tmp_path / "runs.db")

    async def main() -> None:
        task = asyncio.ensure_future(store.begin_async(START))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        while not store.runs():
            await asyncio.sleep(0.001)

    asyncio.run(asyncio.wait_for(main(), 30))


def test_an_interrupt_of_one_writer_is_not_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one who commits for all is interrupted; the others then do it themselves."""
    store = SqliteCheckpointer(tmp_path / "runs.db")
    owners = [store.begin(replace(START, trace_id=str(number))) for number in range(3)]
    outcomes: list[BaseException | None] = []
    taken = store._commits._taken
    interrupts = iter([True])

    def interrupted() -> Any:
        while len(store._commits._queue) < 3 and not outcomes:
            time.sleep(0.001)
        writes = taken()
        if next(interrupts, False):
            store._file.close()
            monkeypatch.setattr(store._file, "connection", interrupt)
        return writes

    def interrupt() -> Any:
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(store._commits, "_taken", interrupted)

    def record(owner: Any) -> None:
        try:
            store.record(owner, "0:a", ROW)
            outcomes.append(None)
        except BaseException as error:
            outcomes.append(error)

    threads = [threading.Thread(target=record, args=(owner,)) for owner in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["KeyboardInterrupt", "NoneType", "NoneType"]
    assert [run.steps for run in store.runs()] == [1, 1, 1]


def in_child(act: Callable[[], object]) -> int:
    """Fork, and act in the child; its exit code."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    code = 1
    try:
        act()
        code = 0
    finally:
        os._exit(code)


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")


@needs_fork
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_processes_that_make_a_store_at_the_same_moment(tmp_path: Path) -> None:
    def opened(path: Path) -> int:
        pid = os.fork()
        if pid == 0:
            try:
                SqliteCheckpointer(path).runs()
            except BaseException:
                os._exit(1)
            os._exit(0)
        return pid

    for number in range(40):
        pids = [opened(tmp_path / f"{number}.db") for _ in range(4)]
        assert [os.waitpid(pid, 0)[1] for pid in pids] == [0] * 4


@needs_fork
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_process_opens_the_file_itself(tmp_path: Path) -> None:
    store = SqliteCheckpointer(tmp_path / "runs.db")
    owner = store.begin(START)
    store.record(owner, "0:a", ROW)

    def child() -> None:
        other = store.begin(replace(START, trace_id="child"))
        for number in range(20):
            store.record(other, f"{number}:a", ROW)

    assert in_child(child) == 0
    store.record(owner, "1:a", ROW)
    assert [(run.trace_id, run.steps) for run in store.runs()] == [("run", 2), ("child", 20)]


@needs_fork
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_forks_while_others_write(tmp_path: Path) -> None:
    store = SqliteCheckpointer(tmp_path / "runs.db")
    owners = [store.begin(replace(START, trace_id=str(number))) for number in range(4)]
    stop = threading.Event()
    counts = dict.fromkeys(range(4), 0)

    def record(number: int) -> None:
        while not stop.is_set():
            store.record(owners[number], f"{counts[number]}:a", ROW)
            counts[number] += 1

    async def record_async(number: int) -> None:
        while not stop.is_set():
            await store.record_async(owners[number], f"{counts[number]}:a", ROW)
            counts[number] += 1

    async def both() -> None:
        await asyncio.gather(record_async(2), record_async(3))

    threads = [threading.Thread(target=record, args=(number,)) for number in range(2)]
    threads.append(threading.Thread(target=lambda: asyncio.run(both())))
    for thread in threads:
        thread.start()

    def child(number: int) -> None:
        owner = store.begin(replace(START, trace_id=f"child {number}"))
        store.record(owner, "0:a", ROW)
        asyncio.run(store.record_async(owner, "1:a", ROW))

    try:
        for number in range(6):
            assert in_child(lambda number=number: child(number)) == 0  # type: ignore[misc]
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)
    assert [run.steps for run in store.runs()] == [*counts.values(), *[2] * 6]


def test_two_objects_take_a_run_over_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    filled(path)
    owners = []

    def take() -> None:
        owners.append(SqliteCheckpointer(path).take_over("run")[0])

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(owner.epoch for owner in owners) == list(range(2, 10))
    store = SqliteCheckpointer(path)
    for owner in sorted(owners, key=lambda owner: owner.epoch)[:-1]:
        with pytest.raises(RunFencedError):
            store.record(owner, "9:a", ROW)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE runs SET input = x'ff'",
        "UPDATE runs SET input = '[1]'",
        "UPDATE runs SET identity = 'x'",
        "UPDATE runs SET dynamic = 5",
        "UPDATE steps SET outputs = '7'",
        "UPDATE steps SET facts = ''",
    ],
)
def test_rows_that_are_none_of_ours_are_told(tmp_path: Path, change: str) -> None:
    path = tmp_path / "runs.db"
    filled(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(change)
        connection.execute("UPDATE runs SET flow = 5, version = x'41', error = 7.5")
        connection.commit()
    store = SqliteCheckpointer(path)
    assert [(run.flow_name, run.flow_version, run.error) for run in store.runs()] == [("5", "A", "7.5")]
    with pytest.raises(CheckpointStoreError, match="'run' recorded is unreadable"):
        store.take_over("run") if "steps" in change else store.load("run")
