"""`python -m benchmarks.fan_out`: wall time of wide and skewed flows on the async lane, relative to the ideal."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import BaseModel

import cwc
from cwc.driver.compile import Options
from cwc.driver.memory import compile_in_memory, load
from cwc.plan.model import Schedule
from cwc.runtime.flow import Flow

ROUNDS = 5


class Wait(BaseModel):
    seconds: float = 0.0


class Value(BaseModel):
    value: int


async def sleeping(given: Wait) -> dict[str, int]:
    if given.seconds:
        await asyncio.sleep(given.seconds)
    return {"value": 1}


def blocking(given: Wait) -> dict[str, int]:
    time.sleep(given.seconds)
    return {"value": 1}


TOOLS = [
    cwc.Tool(name=fn.__name__, description="", input_schema=Wait, output_schema=Value, fn=fn)
    for fn in (sleeping, blocking)
]


def step(name: str, tool: str, seconds: str, on: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "step_id": name,
        "tool_name": tool,
        "depends_on": list(on),
        "input_mapping": {"seconds": seconds},
        "output_mapping": {f"out_{name}": "value"},
    }


def flow(steps: list[dict[str, Any]], schedule: Schedule = "levels") -> Flow[Any]:
    document = {"type": "DAGFlow", "name": "fan", "version": "1.0", "description": "", "steps": steps}
    return load(compile_in_memory(document, TOOLS, Options(schedule=schedule)), TOOLS)


def leaves(count: int, tool: str = "sleeping") -> Flow[Any]:
    return flow([step(f"leaf{number}", tool, "long") for number in range(count)])


def staircase(size: int) -> list[dict[str, Any]]:
    """Lanes of steps in which each level has one long step, in another lane each: levels wait for all of them."""
    steps = []
    for level in range(size):
        for lane in range(size):
            on = (f"s{level - 1}_{lane}",) if level else ()
            steps.append(step(f"s{level}_{lane}", "sleeping", "long" if lane == level else "short", on))
    return steps


def seconds(run: Callable[[], Awaitable[Any]]) -> float:
    """The median wall time of a few runs in one event loop."""

    async def measure() -> list[float]:
        taken = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            await run()
            taken.append(time.perf_counter() - start)
        return taken

    return statistics.median(asyncio.run(measure()))


def running(flow: Flow[Any], limit: int, long: float, short: float = 0.0) -> Callable[[], Awaitable[Any]]:
    async def run() -> None:
        result = await flow.run_async({"long": long, "short": short}, max_step_concurrency=limit)
        assert result.success

    return run


def by_hand(count: int) -> Callable[[], Awaitable[Any]]:
    async def leaf() -> dict[str, int]:
        given = Wait.__pydantic_validator__.validate_python({"seconds": 0})
        return Value.__pydantic_validator__.validate_python(await sleeping(given)).__dict__  # type: ignore[no-any-return]

    async def run() -> None:
        await asyncio.gather(*(leaf() for _ in range(count)))

    return run


def main() -> None:
    six = leaves(6)
    hundred = leaves(100)
    blocked = leaves(100, "blocking")
    rows = [
        ("6 leaves of 50 ms, limit 1 / limit 6", seconds(running(six, 1, 0.05)), seconds(running(six, 6, 0.05))),
        ("100 leaves of 10 ms, limit 100 / ideal", seconds(running(hundred, 100, 0.01)), 0.01),
        ("100 leaves of 50 ms, limit 100 / ideal", seconds(running(hundred, 100, 0.05)), 0.05),
        ("100 blocking leaves of 50 ms, limit 100 / ideal", seconds(running(blocked, 100, 0.05)), 0.05),
        ("100 leaves of 0 ms / gather by hand", seconds(running(hundred, 100, 0)), seconds(by_hand(100))),
    ]
    critical = 0.02 + 5 * 0.002
    schedules: tuple[Schedule, ...] = ("levels", "dataflow")
    for schedule in schedules:
        made = flow(staircase(6), schedule)
        rows.append((f"staircase 6x6, {schedule} / critical path", seconds(running(made, 36, 0.02, 0.002)), critical))
    for name, taken, against in rows:
        sys.stdout.write(f"{name:50} x{taken / against:6.3f}\n")


if __name__ == "__main__":
    main()
