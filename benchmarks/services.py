"""Linear flows of 5 steps whose records are read, and under services, in cwc and ChainWeaver.

Ratios are to cwc's plain run. ChainWeaver has the same: a middleware, a step cache in memory that answers every step, a
deadline that is far away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from chainweaver.cache import InMemoryStepCache as TheirCache
from chainweaver.middleware import BaseMiddleware

from benchmarks.flows import chain
from benchmarks.linear import tiny as ours_of
from benchmarks.measure import Effort, measure
from benchmarks.peers.chainweaver_ import executor, tool_of
from benchmarks.peers.chainweaver_ import tiny as theirs_of
from benchmarks.results import Row
from benchmarks.schemas import TINY
from cwc.runtime.stores.step_cache import InMemoryStepCache

STEPS = 5


class Counting(BaseMiddleware):
    def __init__(self) -> None:
        self.ended = 0

    def on_step_end(self, ctx: Any) -> None:
        self.ended += ctx.step_record.success


def services() -> dict[str, Callable[[], object]]:
    flow = ours_of(STEPS)
    given, ours, far = TINY, Counting(), time.time() + 1e6
    cache = InMemoryStepCache()
    plain, observed = (theirs_of(STEPS) for _ in range(2))
    cached = executor(chain(STEPS), [tool_of()], step_cache=TheirCache())
    observed.add_middleware(Counting())
    return {
        "plain": lambda: flow.run(given),
        "plain, records read": lambda: flow.run(given).execution_log,
        "observer": lambda: flow.run(given, observers=[ours]),
        "cache": lambda: flow.run(given, cache=cache),
        "deadline": lambda: flow.run(given, deadline=far),
        "chainweaver": lambda: plain.execute_flow("linear", given),
        "chainweaver observer": lambda: observed.execute_flow("linear", given),
        "chainweaver cache": lambda: cached.execute_flow("linear", given),
        "chainweaver deadline": lambda: plain.execute_flow("linear", given, deadline=far),
    }


def rows(effort: Effort) -> Iterator[Row]:
    for name, figure in measure(services(), effort).items():
        yield Row("services, linear 5", f"{name}, a run", figure.microseconds, "us")
        yield Row("services, linear 5", f"{name} / cwc plain", figure.ratio, "times", figure.low, figure.high)
