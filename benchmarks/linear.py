"""Linear flows of n steps, one small integer in and out: generated module, hand-written code, ChainWeaver."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import chainweaver
from chainweaver.executor import FlowExecutor
from chainweaver.registry import FlowRegistry
from chainweaver.serialization import flow_from_dict
from pydantic import BaseModel

import cwc


class Number(BaseModel):
    value: int


def increment(given: Number) -> dict[str, Any]:
    return {"value": given.value + 1}


def flow_of(steps: int) -> dict[str, Any]:
    return {
        "type": "Flow",
        "name": "linear",
        "version": "1.0",
        "description": "",
        "on_context_collision": "overwrite",
        "steps": [{"tool_name": "increment", "input_mapping": {"value": "value"}} for _ in range(steps)],
    }


def contenders(steps: int) -> dict[str, Callable[[], object]]:
    """Each runs the same flow once; hand-written code has no trace, the others have all of it."""
    logging.getLogger("chainweaver").setLevel(logging.CRITICAL)
    flow = cwc.compile_flow(flow_of(steps), [_tool(cwc.Tool)])
    executor = _executor(steps)
    given = {"value": 1}
    by_hand = hand_written(steps)
    return {
        "hand-written": lambda: by_hand(given),
        "cwc": lambda: flow.run(given),
        "chainweaver": lambda: executor.execute_flow("linear", given),
    }


def hand_written(steps: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What an expert writes instead of a flow: calls in a row over bound validators, values in locals, no trace."""
    body = "\n".join(f"    v{step + 1} = give(increment(take({{'value': v{step}}}))).value" for step in range(steps))
    source = f"def run(given):\n    v0 = given['value']\n{body}\n    return {{**given, 'value': v{steps}}}\n"
    validate = Number.__pydantic_validator__.validate_python
    scope: dict[str, Any] = {"take": validate, "give": validate, "increment": increment}
    exec(source, scope)
    run: Callable[[dict[str, Any]], dict[str, Any]] = scope["run"]
    return run


def _tool(kind: Any) -> Any:
    return kind(name="increment", description="", input_schema=Number, output_schema=Number, fn=increment)


def _executor(steps: int) -> FlowExecutor:
    registry = FlowRegistry()
    registry.register_flow(flow_from_dict(flow_of(steps)))
    executor = FlowExecutor(registry=registry)
    executor.register_tool(_tool(chainweaver.Tool))
    return executor
