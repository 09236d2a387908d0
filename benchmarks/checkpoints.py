"""`python -m benchmarks.checkpoints`: what recording costs a step, against bare commits of the same rows.

Bare: one `INSERT` a step into a SQLite file with a write-ahead log and ``synchronous=FULL``, by hand. All in one
folder, rounds interleaved; a ratio is to the bare commits that stood beside it. ChainWeaver's file checkpointer writes
its snapshot anew at each step and does not flush it to disk; it is shown for what users of it are used to.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chainweaver import Flow as ReferenceFlow
from chainweaver import FlowExecutor, FlowRegistry, FlowStep
from chainweaver import Tool as ReferenceTool
from chainweaver.checkpoint import FileCheckpointer
from pydantic import BaseModel

import cwc
from cwc.runtime.checkpoints import InMemoryCheckpointer
from cwc.runtime.flow import Flow
from cwc.runtime.sqlite_checkpoints import SqliteCheckpointer

STEPS, AT_ONCE, ROUNDS = 20, 16, 9


class Number(BaseModel):
    value: int


def increment(given: Number) -> dict[str, int]:
    return {"value": given.value + 1}


def compiled() -> Flow[Any]:
    tool = cwc.Tool(
        name="increment", description="", input_schema=Number, output_schema=Number, fn=increment, blocking=False
    )
    step = {"tool_name": "increment", "input_mapping": {"value": "value"}}
    flow = {"type": "Flow", "name": "f", "description": "", "on_context_collision": "overwrite"}
    return cwc.compile_flow({**flow, "steps": [step] * STEPS}, [tool])


def reference(folder: Path) -> Callable[[], object]:
    registry = FlowRegistry()
    steps = [FlowStep(tool_name="increment", input_mapping={"value": "value"}) for _ in range(STEPS)]
    registry.register_flow(ReferenceFlow(name="f", description="", steps=steps, on_context_collision="overwrite"))
    executor = FlowExecutor(registry=registry, checkpointer=FileCheckpointer(folder / "snapshots"))
    executor.register_tool(
        ReferenceTool(name="increment", description="", input_schema=Number, output_schema=Number, fn=increment)
    )
    return lambda: executor.execute_flow("f", {"value": 1})


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
    threads = [
        threading.Thread(target=flow.run, args=({"value": 1},), kwargs={"checkpointer": store}) for _ in range(AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def in_tasks(flow: Flow[Any], store: SqliteCheckpointer, count: int) -> None:
    async def main() -> None:
        await asyncio.gather(*(flow.run_async({"value": 1}, checkpointer=store) for _ in range(count)))

    asyncio.run(main())


def contenders(folder: Path) -> dict[str, tuple[Callable[[], object], int]]:
    """What is timed, and how many steps it makes in all."""
    flow = compiled()
    store = SqliteCheckpointer(folder / "runs.db")
    memory = InMemoryCheckpointer()
    return {
        "nothing recorded": (lambda: flow.run({"value": 1}), STEPS),
        "in memory": (lambda: flow.run({"value": 1}, checkpointer=memory), STEPS),
        "SQLite, one run": (lambda: flow.run({"value": 1}, checkpointer=store), STEPS),
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


def main() -> None:
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        base, others = bare(folder), contenders(folder)
        for run, _ in others.values():
            run()
        times: dict[str, list[float]] = {name: [] for name in others}
        ratios: dict[str, list[float]] = {name: [] for name in others}
        bases: list[float] = []
        for _ in range(ROUNDS):
            for name, (run, steps) in others.items():
                before, taken, after = timed(base, STEPS), timed(run, steps), timed(base, STEPS)
                bases += [before, after]
                times[name].append(taken)
                ratios[name].append(2 * taken / (before + after))
    sys.stdout.write(f"{STEPS} steps a run; us a step, ratio to bare commits (median of {ROUNDS})\n")
    sys.stdout.write(f"  {'bare commits':28} {statistics.median(bases):8.1f} us  x  1.00\n")
    for name, taken_ in times.items():
        sys.stdout.write(f"  {name:28} {statistics.median(taken_):8.1f} us  x{statistics.median(ratios[name]):6.2f}\n")


if __name__ == "__main__":
    main()
