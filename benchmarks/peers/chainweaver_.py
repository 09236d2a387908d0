"""ChainWeaver: a flow in a registry, run by an executor."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from chainweaver import Tool
from chainweaver.executor import FlowExecutor
from chainweaver.registry import FlowRegistry
from chainweaver.serialization import flow_from_dict

from benchmarks.flows import chain
from benchmarks.schemas import REALISTIC, TINY, Number, Order, increment, reprice


def executor(document: dict[str, Any], tools: list[Any]) -> FlowExecutor:
    logging.getLogger("chainweaver").setLevel(logging.CRITICAL)
    registry = FlowRegistry()
    registry.register_flow(flow_from_dict(document))
    made = FlowExecutor(registry=registry)
    for tool in tools:
        made.register_tool(tool)
    return made


def tiny(steps: int) -> FlowExecutor:
    return executor(chain(steps), [tool_of()])


def tool_of() -> Tool:
    return Tool(name="increment", description="", input_schema=Number, output_schema=Number, fn=increment)


def linear(steps: int) -> Callable[[], object]:
    made = tiny(steps)

    def run() -> object:
        final = made.execute_flow("linear", TINY).final_output
        assert final is not None
        return final["value"]

    return run


def realistic(steps: int) -> Callable[[], object]:
    tool = Tool(name="reprice", description="", input_schema=Order, output_schema=Order, fn=reprice)
    made = executor(chain(steps, "reprice", tuple(Order.model_fields)), [tool])
    return lambda: made.execute_flow("linear", REALISTIC)
