"""Flows written by hand for what generated flows do not come to; both systems give the same records."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import chainweaver
import pytest
from chainweaver.executor import FlowExecutor
from chainweaver.registry import FlowRegistry
from chainweaver.serialization import flow_from_json
from pydantic import BaseModel, ConfigDict, RootModel

import cwc
from cwc.runtime.flow import Flow
from tests.differential.reference import Outcome, run_cwc, run_reference


class Number(BaseModel):
    number: int


class Value(BaseModel):
    value: int


class Anything(BaseModel):
    thing: Any


class Text(BaseModel):
    text: str


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")


class Counts(RootModel[dict[str, int]]):
    pass


def tool(
    name: str, takes: type[BaseModel], gives: type[BaseModel], fn: Callable[[Any], Any], **more: Any
) -> chainweaver.Tool:
    return chainweaver.Tool(name=name, description="", input_schema=takes, output_schema=gives, fn=fn, **more)


def refuse(_: object) -> Any:
    raise ValueError("refused")


SLOW = tool("slow", Number, Value, lambda _: threading.Event().wait(0.1), timeout_seconds=0.01)
LARGE = tool("large", Number, Text, lambda given: {"text": "x" * given.number}, max_output_size=20)
TOOLS = [
    SLOW,
    LARGE,
    tool("calls_slow", Number, Value, lambda given: SLOW.run({"number": given.number})),
    tool("calls_large", Number, Text, lambda given: LARGE.run({"number": given.number})),
    tool("refuse", Number, Value, refuse),
    tool("lock", Number, Anything, lambda _: {"thing": [threading.Lock(), {"deep": 1}]}),
    tool("kind", Anything, Text, lambda given: {"text": type(given.thing[0]).__name__}),
    tool("keys", Open, Text, lambda given: {"text": ",".join(sorted(given.model_extra or ()))}),
    tool("counts", Number, Counts, lambda given: {"value": given.number}),
]


def both(steps: list[dict[str, Any]]) -> tuple[FlowExecutor, Flow[Any]]:
    """A flow in the reference, where it is called ``by_hand``, and in cwc."""
    flow = {"type": "Flow", "name": "by_hand", "version": "1.0", "description": "", "steps": steps}
    registry = FlowRegistry()
    registry.register_flow(flow_from_json(json.dumps(flow)))
    executor = FlowExecutor(registry=registry)
    for each in TOOLS:
        executor.register_tool(each)
    return executor, cwc.compile_flow(flow, TOOLS)


def outcomes(steps: list[dict[str, Any]], given: dict[str, Any]) -> list[tuple[Outcome, Outcome]]:
    """What the reference and cwc come to in each lane."""
    executor, compiled = both(steps)
    return [
        (
            run_reference(executor, "by_hand", dict(given), lane, None),
            run_cwc(compiled, dict(given), lane, None),
        )
        for lane in ("sync", "async")
    ]


def told(outcome: Outcome) -> list[dict[str, Any]]:
    """Records, with the number of failed calls in the place of what each system says of them."""
    return [{**record, "retry_errors": len(record["retry_errors"])} for record in outcome.records]


def number(name: str, **more: Any) -> dict[str, Any]:
    return {"tool_name": name, "input_mapping": {"number": "number"}, **more}


AGAIN = {"max_retries": 2, "backoff_seconds": 0}


@pytest.mark.parametrize(
    "steps",
    [
        [number("calls_slow")],
        [number("calls_large")],
        [number("calls_slow", on_error="skip", retry=AGAIN)],
        [number("slow", retry={**AGAIN, "retryable_errors": ["chainweaver.exceptions:ToolTimeoutError"]})],
        [number("slow", retry={**AGAIN, "retryable_errors": ["chainweaver:ChainWeaverError"]})],
        [number("slow", retry={**AGAIN, "retryable_errors": ["chainweaver:ToolOutputSizeError"]})],
        [number("calls_slow", retry={**AGAIN, "retryable_errors": ["chainweaver:ToolTimeoutError"]})],
        [number("refuse", retry={**AGAIN, "retryable_errors": ["chainweaver:ChainWeaverError"]})],
        [number("counts"), {"tool_name": "keys"}],
    ],
)
def test_calls_end_the_same(steps: list[dict[str, Any]]) -> None:
    for expected, actual in outcomes(steps, {"number": 40}):
        assert told(actual) == told(expected)
        assert actual.final_output == expected.final_output


@pytest.mark.parametrize(
    "step", [{"tool_name": "keys"}, {"tool_name": "kind", "input_mapping": {"thing": "thing"}}], ids=["whole", "mapped"]
)
def test_what_cannot_be_copied_is_handed_on(step: dict[str, Any]) -> None:
    for expected, actual in outcomes([number("lock"), step], {"number": 1}):
        assert [record["outputs"] for record in actual.records[1:]] == [
            record["outputs"] for record in expected.records[1:]
        ]
        assert actual.success is expected.success is True


@pytest.mark.parametrize(("written", "said"), [("value", "value"), ("/value", "/value"), ("/value/0", "/value")])
def test_a_missing_input_is_called_what_the_mapping_calls_it(written: str, said: str) -> None:
    skipped = number("refuse", on_error="skip")
    executor, flow = both([skipped, {"tool_name": "kind", "input_mapping": {"thing": written}}])
    results: list[Any] = [executor.execute_flow("by_hand", {"number": 1}), flow.run({"number": 1})]
    for result in results:
        last = result.execution_log[-1]
        assert last.error_type == "InputMappingError"
        assert f"'{said}'" in last.error_message
