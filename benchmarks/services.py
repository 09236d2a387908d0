"""Linear flows of 5 steps under services, in cwc and ChainWeaver.

Ratios are to cwc's plain run. ChainWeaver has the same: a middleware, a step cache in memory that answers every step, a
deadline that is far away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import chainweaver
from chainweaver.cache import InMemoryStepCache as TheirCache
from chainweaver.middleware import BaseMiddleware

from benchmarks.linear import tiny as ours_of
from benchmarks.measure import Effort, measure
from benchmarks.peers.chainweaver_ import tiny as theirs_of
from benchmarks.peers.chainweaver_ import tool_of
from benchmarks.results import Row
from benchmarks.schemas import TINY
from cwc.runtime.step_cache import InMemoryStepCache

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
    plain, observed, cached = (theirs_of(STEPS) for _ in range(3))
    observed.add_middleware(Counting())
    cached = _with_cache(cached)
    return {
        "plain": lambda: flow.run(given),
        "observer": lambda: flow.run(given, observers=[ours]),
        "cache": lambda: flow.run(given, cache=cache),
        "deadline": lambda: flow.run(given, deadline=far),
        "chainweaver": lambda: plain.execute_flow("linear", given),
        "chainweaver observer": lambda: observed.execute_flow("linear", given),
        "chainweaver cache": lambda: cached.execute_flow("linear", given),
        "chainweaver deadline": lambda: plain.execute_flow("linear", given, deadline=far),
    }


def _with_cache(made: Any) -> Any:
    executor = chainweaver.FlowExecutor(registry=made.registry, step_cache=TheirCache())
    executor.register_tool(tool_of())
    return executor


def rows(effort: Effort) -> Iterator[Row]:
    for name, figure in measure(services(), effort).items():
        yield Row("services, linear 5", f"{name} / cwc plain", figure.ratio, "times", figure.low, figure.high)
