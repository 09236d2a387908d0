"""Interleaved timing: every contender's batch stands between two batches of the baseline, and the ratio is to those.

A machine that is shared changes speed within seconds; a ratio taken this way does not.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Run = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: rounds, and seconds of one batch in one round."""

    rounds: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One contender: median microseconds a run, and its ratio to the baseline (median, 10th and 90th percentile)."""

    name: str
    microseconds: float
    ratio: float
    low: float
    high: float


def measure(contenders: dict[str, Run], effort: Effort) -> dict[str, Figure]:
    """Time each contender against the first. The first run of each is not counted."""
    baseline, *_ = contenders
    sizes = {name: _size(run, effort.seconds) for name, run in contenders.items()}
    times: dict[str, list[float]] = {name: [] for name in contenders}
    ratios: dict[str, list[float]] = {name: [] for name in contenders}
    gc.collect()
    gc.freeze()
    names = list(contenders)
    for turn in range(effort.rounds):
        before = _batch(contenders[baseline], sizes[baseline])
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            taken = _batch(contenders[name], sizes[name])
            after = _batch(contenders[baseline], sizes[baseline])
            times[name].append(taken)
            ratios[name].append(2 * taken / (before + after))
            before = after
    gc.unfreeze()
    return {name: figure(name, times[name], ratios[name]) for name in names}


def figure(name: str, nanoseconds: list[float], ratios: list[float]) -> Figure:
    ordered, tenth = sorted(ratios), len(ratios) // 10
    return Figure(
        name,
        statistics.median(nanoseconds) / 1e3,
        statistics.median(ordered),
        ordered[tenth],
        ordered[len(ordered) - 1 - tenth],
    )


def in_loop(run: Callable[[], Awaitable[object]], times: int) -> Run:
    """Several runs of a coroutine function in one event loop, so that the loop's own start counts for little."""
    loop = asyncio.new_event_loop()

    async def go() -> None:
        for _ in range(times):
            await run()

    return lambda: loop.run_until_complete(go())


def _size(run: Run, seconds: float) -> int:
    run()
    once = max(_batch(run, 3), 1.0)
    return max(1, int(seconds * 1e9 / once))


def _batch(run: Run, size: int) -> float:
    """Nanoseconds a run, of processor time: what others do on the machine meanwhile is not in it."""
    start = time.process_time_ns()
    for _ in range(size):
        run()
    return (time.process_time_ns() - start) / size
