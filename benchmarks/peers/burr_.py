"""Burr: an application of actions over a state, built for each run as a session is."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from burr.core import ApplicationBuilder, GraphBuilder, action

from benchmarks.schemas import validated


@action(reads=["value"], writes=["value"])  # type: ignore[untyped-decorator]
def step(state: Any) -> Any:
    return state.update(value=validated(state["value"]))


def linear(steps: int) -> Callable[[], object]:
    names = [f"s{number}" for number in range(steps)]
    made: Any = GraphBuilder().with_actions(**dict.fromkeys(names, step))
    graph = made.with_transitions(*pairwise(names)).build() if steps > 1 else made.build()

    def run() -> object:
        app = ApplicationBuilder().with_graph(graph).with_state(value=1).with_entrypoint(names[0]).build()
        return app.run(halt_after=[names[-1]])[2]["value"]

    return run
