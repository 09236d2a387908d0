"""Fans and skewed graphs on the async lane, against the ideal and against the same tools run by hand, in turn."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import cwc
from benchmarks.flows import dag, leaves, node
from benchmarks.measure import Effort, figure, in_loop, measure
from benchmarks.peers import peers_with
from benchmarks.results import Row
from benchmarks.schemas import Value, Wait, give_value, leaf, sleeping, take_wait
from cwc.driver.compile import Options
from cwc.driver.memory import compile_in_memory, load
from cwc.plan.model import Schedule
from cwc.runtime.flow import Flow

Run = Callable[[], Awaitable[object]]


def blocking(given: Wait) -> dict[str, int]:
    time.sleep(given.seconds)
    return {"value": 1}


TOOLS = [
    cwc.Tool(name=fn.__name__, description="", input_schema=Wait, output_schema=Value, fn=fn)
    for fn in (sleeping, blocking)
]


def rows(effort: Effort, missing: list[str]) -> Iterator[Row]:
    rounds, peers = max(15, effort.rounds), peers_with("fan", missing)
    six, hundred, blocked = flow(leaves(6)), flow(leaves(100)), flow(leaves(100, "blocking"))
    one, all_six = _walls([running(six, limit, 0.05) for limit in (1, 6)], 3)
    speed_up = sorted(one)[1] / sorted(all_six)[1]
    yield Row("fan-out", "6 leaves of 50 ms: limit 1 / limit 6", speed_up, "times", bar=5.8, more_is_better=True)
    for name, made, count, seconds in (
        ("6 leaves of 10 ms", six, 6, 0.01),
        ("100 leaves of 10 ms", hundred, 100, 0.01),
        ("100 leaves of 50 ms", hundred, 100, 0.05),
    ):
        others = {"by hand": by_hand(count, seconds), "bare sleeps": bare(count, seconds)}
        theirs = {peer: fan(count, seconds) for peer, fan in peers.items()} if seconds < 0.05 else {}
        yield from _against(Wall("fan-out", name, seconds, 1.03), running(made, count, seconds), others, rounds, theirs)
    wall = Wall("fan-out", "100 blocking leaves of 50 ms", 0.05, 1.15)
    yield from _against(wall, running(blocked, 100, 0.05), {"by hand": by_hand_in_threads(100, 0.05)}, rounds)
    for count, made in ((6, six), (100, hundred)):
        contenders = {"by hand": by_hand(count, 0.0), "": running(made, count, 0.0)}
        contenders |= {f", {peer}": fan(count, 0.0) for peer, fan in peers.items()}
        for who, found in measure({who: in_loop(run, 5) for who, run in contenders.items()}, effort).items():
            name = f"{count} leaves of 0 ms{who} / gather by hand"
            bar = 1.25 if count == 100 and not who else None
            if who != "by hand":
                yield Row("fan-out", name, found.ratio, "times", found.low, found.high, bar)
    long, short, size = 0.02, 0.002, 6
    for schedule, bar in (("levels", None), ("dataflow", 1.06)):
        run = running(flow(staircase(size), schedule), size * size, long, short)
        wall = Wall("skewed", f"{size} x {size} staircase, {schedule}", long + (size - 1) * short, bar, "critical path")
        yield from _against(wall, run, {"by hand": lanes_by_hand(size, long, short)}, rounds)


def flow(document: dict[str, Any], schedule: str = "levels") -> Flow[Any]:
    chosen: Schedule = "dataflow" if schedule == "dataflow" else "levels"
    return load(compile_in_memory(document, TOOLS, Options(schedule=chosen)), TOOLS)


def staircase(size: int) -> dict[str, Any]:
    """Lanes of steps in which each level has one long step, in another lane each: levels wait for all of them."""
    steps = []
    for level in range(size):
        for lane in range(size):
            on = (f"s{level - 1}_{lane}",) if level else ()
            steps.append(node(f"s{level}_{lane}", "sleeping", {"seconds": "long" if lane == level else "short"}, on))
    return dag(steps)


def running(flow: Flow[Any], limit: int, long: float, short: float = 0.0) -> Run:
    async def run() -> None:
        result = await flow.run_async({"long": long, "short": short}, max_step_concurrency=limit)
        assert result.success

    return run


def by_hand(count: int, seconds: float) -> Run:
    async def run() -> None:
        await asyncio.gather(*(leaf(seconds) for _ in range(count)))

    return run


def bare(count: int, seconds: float) -> Run:
    """What the event loop needs for the waiting alone."""

    async def run() -> None:
        await asyncio.gather(*(asyncio.sleep(seconds) for _ in range(count)))

    return run


def by_hand_in_threads(count: int, seconds: float) -> Run:
    pool = ThreadPoolExecutor(count)

    async def blocked() -> int:
        loop = asyncio.get_running_loop()
        raw = await loop.run_in_executor(pool, blocking, take_wait({"seconds": seconds}))
        return give_value(raw).value  # type: ignore[no-any-return]

    async def run() -> None:
        await asyncio.gather(*(blocked() for _ in range(count)))

    return run


def lanes_by_hand(size: int, long: float, short: float) -> Run:
    """A staircase as somebody would write it who sees that its lanes have nothing to do with each other."""

    async def lane(number: int) -> None:
        for level in range(size):
            await leaf(long if level == number else short)

    async def run() -> None:
        await asyncio.gather(*map(lane, range(size)))

    return run


@dataclass(frozen=True, slots=True)
class Wall:
    """Something that takes ``ideal`` seconds if nothing but its tools takes any, and what it is held to."""

    scenario: str
    name: str
    ideal: float
    bar: float | None
    ideal_name: str = "ideal"


def _against(
    wall: Wall, run: Run, others: dict[str, Run], rounds: int, peers: dict[str, Run] | None = None
) -> Iterator[Row]:
    """Wall times, those of peers as well, against what the tools take alone, which no event loop can reach; then
    against the others."""
    named = others | (peers or {})
    ours, *theirs = _walls([run, *named.values()], rounds)

    def row(name: str, values: list[float], bar: float | None) -> Row:
        found = figure(name, [0.0], values)
        return Row(wall.scenario, f"{wall.name}{name}", found.ratio, "times", found.low, found.high, bar)

    yield row(f" / {wall.ideal_name}", [seconds / wall.ideal for seconds in ours], wall.bar)
    for name, taken in zip(named, theirs, strict=True):
        yield row(f", {name} / {wall.ideal_name}", [seconds / wall.ideal for seconds in taken], None)
    for name, taken in zip(others, theirs, strict=False):
        bar = wall.bar if name == "by hand" else None
        yield row(f" / {name}", [mine / other for mine, other in zip(ours, taken, strict=True)], bar)


def _walls(runs: list[Run], rounds: int) -> list[list[float]]:
    """Wall times in seconds of runs in turn, in one event loop that is running already."""
    taken: list[list[float]] = [[] for _ in runs]

    async def measured() -> None:
        for run in runs:
            await run()
        gc.collect()
        gc.freeze()
        for number in range(rounds):
            for run, times in (
                zip(runs, taken, strict=True) if number % 2 else zip(runs[::-1], taken[::-1], strict=True)
            ):
                start = time.perf_counter()
                await run()
                times.append(time.perf_counter() - start)
        gc.unfreeze()

    asyncio.run(measured())
    return taken
