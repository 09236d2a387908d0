"""What a kept result costs, and what runs leave behind that nobody kept."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator

from benchmarks.linear import tiny
from benchmarks.results import Row
from benchmarks.schemas import TINY


def rows(*, quick: bool) -> Iterator[Row]:
    flow = tiny(5)
    ours = kept(lambda: flow.run(TINY))
    yield Row("memory", "a kept result, 5 steps, cwc", ours, "bytes")
    try:
        from benchmarks.peers import chainweaver_
    except ImportError:
        pass
    else:
        executor = chainweaver_.tiny(5)
        theirs = kept(lambda: executor.execute_flow("linear", TINY))
        yield Row("memory", "a kept result, 5 steps, chainweaver", theirs, "bytes")
        yield Row("memory", "a kept result, cwc / chainweaver", ours / theirs, "times", bar=0.33)
    runs = 10_000 if quick else 100_000
    yield Row("memory", f"growth a run over {runs} runs", growth(lambda: flow.run(TINY), runs), "bytes", bar=0.5)


def kept(run: Callable[[], object], results: int = 500) -> float:
    """Bytes of memory for each result that is kept, before anybody has looked into it."""
    run()
    gc.collect()
    tracemalloc.start()
    held = [run() for _ in range(results)]
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size / len(held)


def growth(run: Callable[[], object], runs: int) -> float:
    """Bytes that are still held after each of many runs."""
    for _ in range(100):
        run()
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(runs):
        run()
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / runs
