"""ChainWeaver: a flow in a registry, run by an executor."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from chainweaver import Tool
from chainweaver.executor import FlowExecutor
from chainweaver.registry import FlowRegistry
from chainweaver.serialization import flow_from_dict

from benchmarks.flows import chain, leaves
from benchmarks.schemas import (
    REALISTIC,
    TINY,
    Number,
    Order,
    Pair,
    Value,
    Wait,
    add,
    increment,
    reprice,
    sleeping,
)


def executor(document: dict[str, Any], tools: list[Any], **settings: Any) -> FlowExecutor:
    logging.getLogger("chainweaver").setLevel(logging.CRITICAL)
    registry = FlowRegistry()
    registry.register_flow(flow_from_dict(document))
    made = FlowExecutor(registry=registry, **settings)
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


def fan(count: int, seconds: float) -> Callable[[], Awaitable[object]]:
    tool = Tool(name="sleeping", description="", input_schema=Wait, output_schema=Value, fn=sleeping)
    made = executor(leaves(count), [tool], max_step_concurrency=count)

    async def run() -> None:
        result = await made.execute_flow_async("dag", {"long": seconds})
        assert result.success

    return run


def dag(document: dict[str, Any]) -> Callable[[], object]:
    made = executor(document, [Tool(name="add", description="", input_schema=Pair, output_schema=Value, fn=add)])
    return lambda: made.execute_flow("dag", {"one": 1})
