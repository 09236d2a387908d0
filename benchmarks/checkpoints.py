"""What recording costs a step, against bare commits of the same rows.

Bare: one `INSERT` a step into a SQLite file with a write-ahead log and ``synchronous=FULL``, by hand. All in one
folder, rounds interleaved; a ratio is to the bare commits that stood beside it. ChainWeaver's file checkpointer writes
its snapshot anew at each step and does not flush it to disk; it is shown for what users of it are used to.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from chainweaver.checkpoint import FileCheckpointer

import cwc
from benchmarks.flows import chain
from benchmarks.measure import figure
from benchmarks.peers.chainweaver_ import executor, tool_of
from benchmarks.results import Row
from benchmarks.schemas import TINY, Number, increment
from cwc.runtime.flow import Flow
from cwc.runtime.stores.checkpoints import InMemoryCheckpointer
from cwc.runtime.stores.sqlite_checkpoints import SqliteCheckpointer

STEPS, AT_ONCE, ROUNDS = 20, 16, 9


def compiled() -> Flow[Any]:
    tool = cwc.Tool(
        name="increment", description="", input_schema=Number, output_schema=Number, fn=increment, blocking=False
    )
    return cwc.compile_flow(chain(STEPS), [tool])


def reference(folder: Path) -> Callable[[], object]:
    made = executor(chain(STEPS), [tool_of()], checkpointer=FileCheckpointer(folder / "snapshots"))
    return lambda: made.execute_flow("linear", TINY)


def bare(folder: Path) -> Callable[[], object]:
    """As many commits as a recorded run makes: one to begin, one a step, one at the end."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE steps (key INTEGER PRIMARY KEY, run TEXT, name TEXT, outputs TEXT)")

    def run() -> None:
        for number in range(STEPS + 2):
            row = ("run", f"{number}:increment", json.dumps({"value": number}))
            connection.execute("INSERT INTO steps (run, name, outputs) VALUES (?, ?, ?)", row)

    return run


def in_threads(flow: Flow[Any], store: SqliteCheckpointer) -> None:
    threads = [threading.Thread(target=flow.run, args=(TINY,), kwargs={"checkpointer": store}) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def in_tasks(flow: Flow[Any], store: SqliteCheckpointer, count: int) -> None:
    async def main() -> None:
        await asyncio.gather(*(flow.run_async(TINY, checkpointer=store) for _ in range(count)))

    asyncio.run(main())


def contenders(folder: Path) -> dict[str, tuple[Callable[[], object], int]]:
    """What is timed, and how many steps it makes in all."""
    flow = compiled()
    store = SqliteCheckpointer(folder / "runs.db")
    memory = InMemoryCheckpointer()
    return {
        "nothing recorded": (lambda: flow.run(TINY), STEPS),
        "in memory": (lambda: flow.run(TINY, checkpointer=memory), STEPS),
        "SQLite, one run": (lambda: flow.run(TINY, checkpointer=store), STEPS),
        "SQLite, one run, async": (lambda: in_tasks(flow, store, 1), STEPS),
        f"SQLite, {AT_ONCE} runs in threads": (lambda: in_threads(flow, store), STEPS * AT_ONCE),
        f"SQLite, {AT_ONCE} runs in tasks": (lambda: in_tasks(flow, store, AT_ONCE), STEPS * AT_ONCE),
        "ChainWeaver, files": (reference(folder), STEPS),
    }


def timed(run: Callable[[], object], steps: int) -> float:
    """Microseconds a step."""
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) / steps * 1e6


def rows(*, quick: bool) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        base, others = bare(folder), contenders(folder)
        for run, _ in others.values():
            run()
        times: dict[str, list[float]] = {name: [] for name in others}
        ratios: dict[str, list[float]] = {name: [] for name in others}
        bases: list[float] = []
        for _ in range(3 if quick else ROUNDS):
            for name, (run, steps) in others.items():
                before, taken, after = timed(base, STEPS), timed(run, steps), timed(base, STEPS)
                bases += [before, after]
                times[name].append(taken)
                ratios[name].append(2 * taken / (before + after))
    scenario = f"recorded runs, {STEPS} steps"
    yield Row(scenario, "bare commits, a step", statistics.median(bases), "us")
    for name, found in times.items():
        yield Row(scenario, f"{name}, a step", statistics.median(found), "us")
        ratio = figure(name, found, ratios[name])
        yield Row(scenario, f"{name} / bare commits", ratio.ratio, "times", ratio.low, ratio.high)
