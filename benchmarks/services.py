"""`python -m benchmarks.services [--quick]`: linear flows of 5 steps under services, in cwc and ChainWeaver.

Ratios are to cwc's plain run. ChainWeaver has the same: a middleware, a step cache in memory that answers every step, a
deadline that is far away.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

import chainweaver
from chainweaver.cache import InMemoryStepCache as TheirCache
from chainweaver.middleware import BaseMiddleware

import cwc
from benchmarks.linear import _executor, _tool, contenders, flow_of
from benchmarks.measure import measure
from cwc.runtime.step_cache import InMemoryStepCache

STEPS = 5


class Counting(BaseMiddleware):
    def __init__(self) -> None:
        self.ended = 0

    def on_step_end(self, ctx: Any) -> None:
        self.ended += ctx.step_record.success


def services() -> dict[str, Callable[[], object]]:
    contenders(STEPS)
    flow = cwc.compile_flow(flow_of(STEPS), [_tool(cwc.Tool)])
    given, ours, far = {"value": 1}, Counting(), time.time() + 1e6
    cache = InMemoryStepCache()
    plain, observed, cached = (_executor(STEPS) for _ in range(3))
    observed.add_middleware(Counting())
    cached = _with_cache(cached)
    return {
        "plain": lambda: flow.run(given),
        "observer": lambda: flow.run(given, observers=[ours]),
        "cache": lambda: flow.run(given, cache=cache),
        "deadline": lambda: flow.run(given, deadline=far),
        "chainweaver": lambda: plain.execute_flow("linear", given),
        "  observer": lambda: observed.execute_flow("linear", given),
        "  cache": lambda: cached.execute_flow("linear", given),
        "  deadline": lambda: plain.execute_flow("linear", given, deadline=far),
    }


def _with_cache(made: Any) -> Any:
    executor = chainweaver.FlowExecutor(registry=made.registry, step_cache=TheirCache())
    executor.register_tool(_tool(chainweaver.Tool))
    return executor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    rounds, seconds = (5, 0.01) if parser.parse_args().quick else (25, 0.04)
    sys.stdout.write(f"linear, {STEPS} steps (time a run; ratio to cwc without services)\n")
    for figure in measure(services(), "plain", rounds=rounds, seconds=seconds):
        sys.stdout.write(f"  {figure.name:14} {figure.microseconds:10.2f} us  x{figure.ratio:7.2f}\n")


if __name__ == "__main__":
    main()
