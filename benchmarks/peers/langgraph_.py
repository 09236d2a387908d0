"""LangGraph: a state graph of nodes that return updates, compiled, and invoked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict

from benchmarks.schemas import validated


class State(TypedDict):
    value: int


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
