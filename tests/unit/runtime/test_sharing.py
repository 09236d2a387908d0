"""One module may be run by any number of threads and tasks at once: nothing of one run is seen by another."""

from __future__ import annotations

import asyncio
import gc
import threading
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

import cwc
from cwc.runtime.events.kinds import FlowEvent
from cwc.runtime.flow import Flow
from cwc.runtime.stores.step_cache import InMemoryStepCache
from tests.unit.runtime.number_flows import CHILD, number_tool, run

VERSIONS = ("1.0", "1.1", "2.0")


def flows() -> dict[str, Flow[Any]]:
    """Three versions of one flow; each adds its own number of times, in a flow of its own."""

    async def add_later(value: int) -> int:
        await asyncio.sleep(0)
        return value + 1

    tools = [number_tool("increment", blocking=False), number_tool("later", add_later)]
    made = {}
    for count, version in enumerate(VERSIONS, 1):
        steps = [{"tool_name": name, "input_mapping": {"value": "value"}} for name in ("increment", "later") * count]
        made[version] = cwc.compile_flow({**CHILD, "name": "shared", "version": version, "steps": steps}, tools)
    return made


class Checker:
    """Runs flows and notes all that is not as it would be if each run were alone."""

    def __init__(self, cache: Any = None) -> None:
        self.flows = flows()
        self.cache = cache
        self.wrong: list[Any] = []

    def options(self, number: int, events: list[FlowEvent]) -> dict[str, Any]:
        return {"observers": [events.append], "cache": self.cache, "trace_id": f"run {number}"} if number % 2 else {}

    def check(self, number: int, result: Any, events: list[FlowEvent]) -> None:
        version, value = self.of(number)
        expected = value + 2 * (1 + VERSIONS.index(version))
        if result.final_output != {"value": expected} or result.flow_version != version:
            self.wrong.append((number, result))
        ids = {event.trace_id for event in events}
        if number % 2 and (ids != {f"run {number}"} or len(events) != 2 + 2 * len(result.execution_log)):
            self.wrong.append((number, events))

    def of(self, number: int) -> tuple[str, int]:
        return VERSIONS[number % len(VERSIONS)], number % 7

    def run(self, number: int) -> None:
        events: list[FlowEvent] = []
        version, value = self.of(number)
        self.check(number, self.flows[version].run({"value": value}, **self.options(number, events)), events)

    def run_all(self, numbers: range) -> None:
        for number in numbers:
            self.run(number)

    async def run_async(self, number: int) -> None:
        events: list[FlowEvent] = []
        version, value = self.of(number)
        result = await self.flows[version].run_async({"value": value}, **self.options(number, events))
        self.check(number, result, events)


def in_threads(count: int, work: Callable[[int], None]) -> None:
    barrier = threading.Barrier(count)

    def start(number: int) -> None:
        barrier.wait()
        work(number)

    threads = [threading.Thread(target=start, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


async def in_tasks(count: int, work: Callable[[int], Any]) -> None:
    await asyncio.gather(*(work(number) for number in range(count)))


@pytest.mark.parametrize("cached", [False, True])
def test_threads(cached: bool) -> None:
    checker = Checker(InMemoryStepCache(max_entries=8) if cached else None)
    in_threads(50, lambda thread: checker.run_all(range(thread * 50, thread * 50 + 50)))
    assert checker.wrong == []


@pytest.mark.parametrize("cached", [False, True])
def test_tasks(cached: bool) -> None:
    checker = Checker(InMemoryStepCache(max_entries=8) if cached else None)
    asyncio.run(in_tasks(200, checker.run_async))
    assert checker.wrong == []


def test_loops_in_threads() -> None:
    checker = Checker(InMemoryStepCache())
    in_threads(4, lambda thread: asyncio.run(in_tasks(25, checker.run_async)))
    assert checker.wrong == []


def test_a_bound_flow_leaves_the_other_as_it_is() -> None:
    flow = flows()["1.0"]
    bound = flow.bind({"increment": lambda given: {"value": 100}})
    wrong: list[Any] = []

    def work(thread: int) -> None:
        for _ in range(20):
            output = (bound if thread % 2 else flow).run({"value": 1}).final_output
            if output != {"value": 101 if thread % 2 else 3}:
                wrong.append(output)

    in_threads(8, work)
    assert wrong == []


def test_module_level_state_is_not_written() -> None:
    flow = flows()["2.0"]
    functions = [function for lane in (flow._sync, flow._async) if lane for function in lane.functions]
    scopes = [function.__globals__ for function in functions]
    before = [dict(scope) for scope in scopes]
    for lane in ("sync", "async"):
        run(flow, lane, {"value": 1}, observers=[lambda event: None], cache=InMemoryStepCache())
    assert [dict(scope) for scope in scopes] == before


@pytest.mark.long
def test_load() -> None:
    """64 threads and 1,000 tasks, three versions, one cache: all is right, and memory does not grow."""
    checker = Checker(InMemoryStepCache(max_entries=64))

    def all_at_once() -> None:
        tasks = threading.Thread(target=lambda: asyncio.run(in_tasks(1000, checker.run_async)))
        tasks.start()
        in_threads(64, lambda thread: checker.run_all(range(thread * 30, thread * 30 + 30)))
        tasks.join()

    all_at_once()
    tracemalloc.start()
    sizes = []
    for _ in range(4):
        all_at_once()
        gc.collect()
        sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert checker.wrong == []
    # What a run kept would grow with every round; the second may make what threads keep for the next ones.
    assert min(sizes[2:]) - sizes[1] < 200_000, sizes
