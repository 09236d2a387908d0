"""Burr: an application of actions over a state, built for each run as a session is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise
from typing import Any

from burr.core import ApplicationBuilder, GraphBuilder, action
from burr.core.parallelism import MapStates

from benchmarks.schemas import leaf, validated


@action(reads=["value"], writes=["value"])  # type: ignore[untyped-decorator]
def step(state: Any) -> Any:
    return state.update(value=validated(state["value"]))


@action(reads=["seconds"], writes=["value"])  # type: ignore[untyped-decorator]
async def wait(state: Any) -> Any:
    return state.update(value=await leaf(state["seconds"]))


class Leaves(MapStates):  # type: ignore[misc]
    """`wait` over as many states as there are leaves."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    reads, writes = ("seconds",), ("values",)

    def is_async(self) -> bool:
        return True

    def action(self, state: Any, inputs: Any) -> Any:
        return wait

    async def states(self, state: Any, context: Any, inputs: Any) -> AsyncIterator[Any]:
        for number in range(self.count):
            yield state.update(number=number)

    async def reduce(self, state: Any, states: Any) -> Any:
        return state.update(values=[each["value"] async for each in states])


def linear(steps: int) -> Callable[[], object]:
    names = [f"s{number}" for number in range(steps)]
    made: Any = GraphBuilder().with_actions(**dict.fromkeys(names, step))
    graph = made.with_transitions(*pairwise(names)).build() if steps > 1 else made.build()

    def run() -> object:
        app = ApplicationBuilder().with_graph(graph).with_state(value=1).with_entrypoint(names[0]).build()
        return app.run(halt_after=[names[-1]])[2]["value"]

    return run


def fan(count: int, seconds: float) -> Callable[[], Awaitable[object]]:
    async def run() -> object:
        made: Any = ApplicationBuilder().with_actions(leaves=Leaves(count)).with_state(seconds=seconds)
        app = await made.with_entrypoint("leaves").abuild()
        return (await app.arun(halt_after=["leaves"]))[2]["values"]

    return run
