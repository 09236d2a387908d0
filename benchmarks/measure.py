"""Interleaved timing: every contender's batch stands between two batches of the baseline, and the ratio is to those.

A machine that is shared changes speed within seconds; a ratio taken this way does not.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One contender: median microseconds a run, and its ratio to the baseline (median, 10th and 90th percentile)."""

    name: str
    microseconds: float
    ratio: float
    low: float
    high: float


def measure(contenders: dict[str, Callable[[], object]], baseline: str, *, rounds: int, seconds: float) -> list[Figure]:
    """Time each contender; ``seconds`` is the length of one batch. The first run of each is not counted."""
    sizes = {name: _size(run, seconds) for name, run in contenders.items()}
    times: dict[str, list[float]] = {name: [] for name in contenders}
    ratios: dict[str, list[float]] = {name: [] for name in contenders}
    gc.collect()
    gc.freeze()
    names = list(contenders)
    for turn in range(rounds):
        before = _batch(contenders[baseline], sizes[baseline])
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            taken = _batch(contenders[name], sizes[name])
            after = _batch(contenders[baseline], sizes[baseline])
            times[name].append(taken)
            ratios[name].append(2 * taken / (before + after))
            before = after
    gc.unfreeze()
    return [_figure(name, times[name], sorted(ratios[name])) for name in names]


def _figure(name: str, times: list[float], ratios: list[float]) -> Figure:
    tenth = len(ratios) // 10
    return Figure(
        name, statistics.median(times) / 1e3, statistics.median(ratios), ratios[tenth], ratios[len(ratios) - 1 - tenth]
    )


def _size(run: Callable[[], object], seconds: float) -> int:
    run()
    once = max(_batch(run, 3), 1.0)
    return max(1, int(seconds * 1e9 / once))


def _batch(run: Callable[[], object], size: int) -> float:
    """Nanoseconds a run."""
    start = time.perf_counter_ns()
    for _ in range(size):
        run()
    return (time.perf_counter_ns() - start) / size
