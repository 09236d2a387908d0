"""DAG flows: 1000 steps on the sync lane, and fans and skewed graphs on the async lane against the ideal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from pydantic import BaseModel

import cwc
from benchmarks.flows import dag, lattice, node
from benchmarks.measure import Effort, figure, in_loop, measure
from benchmarks.results import Row
from cwc.driver.compile import Options
from cwc.driver.memory import compile_in_memory, load
from cwc.plan.model import Schedule
from cwc.runtime.flow import Flow


class Wait(BaseModel):
    seconds: float = 0.0


class Pair(BaseModel):
    left: int
    right: int


class Value(BaseModel):
    value: int


async def sleeping(given: Wait) -> dict[str, int]:
    if given.seconds:
        await asyncio.sleep(given.seconds)
    return {"value": 1}


def blocking(given: Wait) -> dict[str, int]:
    time.sleep(given.seconds)
    return {"value": 1}


def add(given: Pair) -> dict[str, int]:
    return {"value": (given.left + given.right) % 1_000_003}


TOOLS = [
    cwc.Tool(name=name, description="", input_schema=takes, output_schema=Value, fn=fn)
    for name, takes, fn in (("sleeping", Wait, sleeping), ("blocking", Wait, blocking), ("add", Pair, add))
]


def flow(document: dict[str, Any], schedule: Schedule = "levels") -> Flow[Any]:
    return load(compile_in_memory(document, TOOLS, Options(schedule=schedule)), TOOLS)


def leaves(count: int, tool: str = "sleeping") -> Flow[Any]:
    return flow(dag([node(f"leaf{number}", tool, {"seconds": "long"}) for number in range(count)]))


def staircase(size: int) -> dict[str, Any]:
    """Lanes of steps in which each level has one long step, in another lane each: levels wait for all of them."""
    steps = []
    for level in range(size):
        for lane in range(size):
            on = (f"s{level - 1}_{lane}",) if level else ()
            steps.append(node(f"s{level}_{lane}", "sleeping", {"seconds": "long" if lane == level else "short"}, on))
    return dag(steps)


def running(flow: Flow[Any], limit: int, long: float, short: float = 0.0) -> Callable[[], Awaitable[Any]]:
    async def run() -> None:
        result = await flow.run_async({"long": long, "short": short}, max_step_concurrency=limit)
        assert result.success

    return run


def by_hand(count: int, seconds: float = 0.0) -> Callable[[], Awaitable[Any]]:
    async def leaf() -> dict[str, int]:
        given = Wait.__pydantic_validator__.validate_python({"seconds": seconds})
        return Value.__pydantic_validator__.validate_python(await sleeping(given)).__dict__  # type: ignore[no-any-return]

    async def run() -> None:
        await asyncio.gather(*(leaf() for _ in range(count)))

    return run


def rows(effort: Effort) -> Iterator[Row]:
    yield from _large(effort)
    six, hundred, blocked = leaves(6), leaves(100), leaves(100, "blocking")
    rounds = max(5, effort.rounds // 2)
    one, all_six = (_wall(running(six, limit, 0.05), 3) for limit in (1, 6))
    yield Row(
        "fan-out", "6 leaves of 50 ms: limit 1 / limit 6", one[1] / all_six[1], "times", bar=5.8, more_is_better=True
    )
    for name, made, limit, seconds, bar in (
        ("6 leaves of 10 ms", six, 6, 0.01, 1.03),
        ("100 leaves of 10 ms", hundred, 100, 0.01, 1.03),
        ("100 leaves of 50 ms", hundred, 100, 0.05, 1.03),
        ("100 blocking leaves of 50 ms", blocked, 100, 0.05, 1.15),
    ):
        yield _against(f"{name} / ideal", _wall(running(made, limit, seconds), rounds), seconds, bar)
    for count, made in ((6, six), (100, hundred)):
        # An event loop cannot wake a hundred sleepers in no time: what is left of the ideal for anybody to reach.
        hand, ours = _in_turn(by_hand(count, 0.01), running(made, count, 0.01), rounds)
        yield _against(f"{count} leaves of 10 ms, gather by hand / ideal", (hand, 0.0), 0.01, None)
        ratios = [mine / other for mine, other in zip(ours, hand, strict=True)]
        found = figure("", [seconds * 1e9 for seconds in ours], ratios)
        name = f"{count} leaves of 10 ms / gather by hand"
        yield Row("fan-out", name, found.ratio, "times", found.low, found.high, 1.03)
    for count, made in ((6, six), (100, hundred)):
        contenders = {"hand": in_loop(by_hand(count), 5), "cwc": in_loop(running(made, count, 0.0), 5)}
        found = measure(contenders, effort)["cwc"]
        name = f"{count} leaves of 0 ms / gather by hand"
        yield Row("fan-out", name, found.ratio, "times", found.low, found.high, 1.25 if count == 100 else None)
    critical = 0.02 + 5 * 0.002
    for schedule, limit_of in (("levels", None), ("dataflow", 1.06)):
        made = flow(staircase(6), schedule)  # type: ignore[arg-type]
        name = f"6 x 6 staircase, {schedule} / critical path"
        yield _against(name, _wall(running(made, 36, 0.02, 0.002), rounds), critical, limit_of)


def _large(effort: Effort) -> Iterator[Row]:
    document = lattice(100, 10)
    made, hand = flow(document), _lattice_by_hand(document)
    given = {"one": 1}
    found = measure({"hand-written": lambda: hand(given), "cwc": lambda: made.run(given)}, effort)["cwc"]
    yield Row("1000-step DAG, sync", "cwc / hand-written", found.ratio, "times", found.low, found.high, 1.2)


def _lattice_by_hand(document: dict[str, Any]) -> Callable[[dict[str, Any]], Any]:
    lines = ["def run(given):", "    one = given['one']"]
    for step in document["steps"]:
        entries = ", ".join(f"'{target}': {source}" for target, source in step["input_mapping"].items())
        lines.append(f"    out_{step['step_id']} = give(add(take({{{entries}}}))).value")
    results = ", ".join(f"'out_{step['step_id']}': out_{step['step_id']}" for step in document["steps"])
    source = "\n".join([*lines, f"    return {{**given, {results}}}"])
    scope: dict[str, Any] = {
        "take": Pair.__pydantic_validator__.validate_python,
        "give": Value.__pydantic_validator__.validate_python,
        "add": add,
    }
    exec(source, scope)
    run: Callable[[dict[str, Any]], Any] = scope["run"]
    return run


def _wall(run: Callable[[], Awaitable[Any]], rounds: int) -> tuple[list[float], float]:
    """Wall times in seconds of some runs in one event loop, and the median."""

    async def measured() -> list[float]:
        taken = []
        for _ in range(rounds + 1):
            start = time.perf_counter()
            await run()
            taken.append(time.perf_counter() - start)
        return taken[1:]

    taken = sorted(asyncio.run(measured()))
    return taken, taken[len(taken) // 2]


def _in_turn(
    first: Callable[[], Awaitable[Any]], second: Callable[[], Awaitable[Any]], rounds: int
) -> tuple[list[float], list[float]]:
    """Wall times in seconds of runs in turn, in one event loop."""
    taken: tuple[list[float], list[float]] = ([], [])

    async def measured() -> None:
        for number in range(rounds + 1):
            for run, times in zip((first, second), taken, strict=True):
                start = time.perf_counter()
                await run()
                if number:
                    times.append(time.perf_counter() - start)

    asyncio.run(measured())
    return taken


def _against(name: str, wall: tuple[list[float], float], ideal: float, bar: float | None) -> Row:
    taken, _ = wall
    found = figure(name, [seconds * 1e9 for seconds in taken], [seconds / ideal for seconds in taken])
    return Row("fan-out" if "leaves" in name else "skewed", name, found.ratio, "times", found.low, found.high, bar)
