"""Flows over tools that take a number and give one, for tests of what stands around their steps."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel

import cwc
from cwc.runtime.flow import Flow
from cwc.runtime.results import ExecutionResult


class Number(BaseModel):
    value: int


def number_tool(name: str, function: Callable[[int], Any] = lambda value: value + 1, **options: Any) -> cwc.Tool:
    """A tool of a function from number to number, sync or async."""

    def call(given: Number) -> dict[str, Any]:
        return {"value": function(given.value)}

    async def call_async(given: Number) -> dict[str, Any]:
        return {"value": await function(given.value)}

    fn = call_async if inspect.iscoroutinefunction(function) else call
    return cwc.Tool(name=name, description="", input_schema=Number, output_schema=Number, fn=fn, **options)


CHILD: dict[str, Any] = {
    "type": "Flow",
    "name": "child",
    "description": "",
    "on_context_collision": "overwrite",
    "steps": [{"tool_name": "increment"}, {"tool_name": "increment"}],
}
PARENT: dict[str, Any] = {
    **CHILD,
    "name": "parent",
    "steps": [{"tool_name": "increment"}, {"flow_name": "child", "input_mapping": {"value": "value"}}],
}


def linear(*names: str, tools: Sequence[cwc.Tool] = (), step: dict[str, Any] | None = None) -> Flow[Any]:
    """A flow ``f`` of one step a tool; ``increment`` is there without being given. ``step`` adds to every step."""
    steps = [{"tool_name": name, "input_mapping": {"value": "value"}, **(step or {})} for name in names]
    flow = {**CHILD, "name": "f", "steps": steps}
    return cwc.compile_flow(flow, [number_tool("increment"), *tools])


def dag(steps: dict[str, tuple[str, list[str]]], tools: Sequence[cwc.Tool] = ()) -> Flow[Any]:
    """A DAG flow ``f``: by step id, the tool and what it depends on; each step writes the key of its id."""
    written = [
        {
            "step_id": name,
            "tool_name": tool,
            "depends_on": after,
            "input_mapping": {"value": "value"},
            "output_mapping": {name: "value"},
        }
        for name, (tool, after) in steps.items()
    ]
    flow = {"type": "DAGFlow", "name": "f", "version": "1", "description": "", "steps": written}
    return cwc.compile_flow(flow, [number_tool("increment"), *tools])


def run(flow: Flow[Any], lane: str, given: dict[str, Any], **services: Any) -> ExecutionResult[Any]:
    if lane == "sync":
        return flow.run(given, **services)
    return asyncio.run(flow.run_async(given, **services))
