"""LangGraph: a state graph of nodes that return updates, compiled, and invoked."""

from __future__ import annotations

import operator
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict

from benchmarks.schemas import added, leaf, validated


class State(TypedDict):
    value: int


class Leaves(TypedDict):
    seconds: float
    values: Annotated[list[int], operator.add]


def linear(steps: int) -> Callable[[], object]:
    graph: Any = StateGraph(State)
    names = [f"s{number}" for number in range(steps)]
    for name in names:
        graph.add_node(name, lambda state: {"value": validated(state["value"])})
    for before, after in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(before, after)
    app = graph.compile()
    config = {"recursion_limit": steps + 10}
    return lambda: app.invoke({"value": 1}, config)["value"]


def fan(count: int, seconds: float) -> Callable[[], Awaitable[object]]:
    async def call(state: Leaves) -> dict[str, list[int]]:
        return {"values": [await leaf(state["seconds"])]}

    graph: Any = StateGraph(Leaves)
    for number in range(count):
        graph.add_node(f"leaf{number}", call)
        graph.add_edge(START, f"leaf{number}")
        graph.add_edge(f"leaf{number}", END)
    app = graph.compile()

    async def run() -> object:
        return await app.ainvoke({"seconds": seconds, "values": []})

    return run


def dag(document: dict[str, Any]) -> Callable[[], object]:
    steps = document["steps"]
    keys = dict.fromkeys(["one", *(f"out_{step['step_id']}" for step in steps)], int)
    graph: Any = StateGraph(TypedDict("Outputs", keys))  # type: ignore[operator]
    for step in steps:
        left, right = step["input_mapping"]["left"], step["input_mapping"]["right"]
        output = f"out_{step['step_id']}"
        graph.add_node(
            step["step_id"],
            lambda state, left=left, right=right, output=output: {output: added(state[left], state[right])},
        )
        graph.add_edge(step["depends_on"] or START, step["step_id"])
    named = {on for step in steps for on in step["depends_on"]}
    for step in steps:
        if step["step_id"] not in named:
            graph.add_edge(step["step_id"], END)
    app = graph.compile()
    config = {"recursion_limit": len(steps) + 10}
    return lambda: app.invoke({"one": 1}, config)
