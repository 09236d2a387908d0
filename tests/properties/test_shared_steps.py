"""Steps that share a function do what each of them is to do, whatever of them is alike."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

import cwc


class Numbers(BaseModel):
    x: int
    y: int = 1


class Value(BaseModel):
    value: int


def answer(base: int, x: int, y: int) -> dict[str, int]:
    if x % 5 == 4:
        raise ValueError(f"{base} refuses {x}")
    return {"value": base + 3 * x - y}


def hundred(given: Numbers) -> dict[str, int]:
    return answer(100, given.x, given.y)


async def thousand(given: Numbers) -> dict[str, int]:
    return answer(1000, given.x, given.y)


@cwc.tool(blocking=False)
def ten(x: int, y: int = 1) -> Value:
    return Value(**answer(10, x, y))


@cwc.tool(blocking=False)
def twenty(x: int, y: int = 1) -> Value:
    return Value(**answer(20, x, y))


BASES = {"ten": 10, "twenty": 20, "hundred": 100, "thousand": 1000}
TOOLS = [
    ten,
    twenty,
    cwc.Tool(name="hundred", description="", input_schema=Numbers, output_schema=Value, fn=hundred),
    cwc.Tool(name="thousand", description="", input_schema=Numbers, output_schema=Value, fn=thousand),
]


@st.composite
def flows(draw: st.DrawFn) -> dict[str, Any]:
    """Linear flows of steps that differ in little, each of which writes a key of its own."""
    tools = draw(st.lists(st.sampled_from(sorted(BASES)), min_size=1, max_size=2, unique=True))
    steps: list[dict[str, Any]] = []
    for number in range(draw(st.integers(2, 6))):
        source = st.sampled_from(["x", *(f"k{earlier}" for earlier in range(number) if not steps[earlier]["on_error"])])
        mapping = {"x": draw(source)} | draw(st.sampled_from(({}, {}, {"y": 1}, {"y": 2}, {"y": "x"})))
        on_error = draw(st.sampled_from(("", "", "", "skip", f"fallback:{draw(st.sampled_from(sorted(BASES)))}")))
        steps.append({"tool_name": draw(st.sampled_from(tools)), "input_mapping": mapping, "on_error": on_error})
    for number, step in enumerate(steps):
        step |= {"on_error": step["on_error"] or "fail", "output_mapping": {f"k{number}": "value"}}
    return {"type": "Flow", "name": "alike", "description": "", "steps": steps}


def expected(flow: dict[str, Any], x: int) -> tuple[dict[str, int] | None, list[str]]:
    """The context at the end, None where a step fails, and what failed."""
    context, errors = {"x": x}, []
    for step in flow["steps"]:
        inputs = {"y": 1} | {to: context.get(of, of) for to, of in step["input_mapping"].items()}
        for name in (step["tool_name"], step["on_error"].partition("fallback:")[2]):
            if not name:
                continue
            try:
                context[next(iter(step["output_mapping"]))] = answer(BASES[name], **inputs)["value"]
            except ValueError as error:
                errors.append(str(error))
            else:
                break
        else:
            if step["on_error"] != "skip":
                return None, errors
    return context, errors


@given(flows(), st.integers(-3, 12))
def test_steps_that_are_alike_do_what_each_is_to_do(flow: dict[str, Any], x: int) -> None:
    ours = cwc.compile_flow(flow, TOOLS)
    for result in (ours.run({"x": x}), asyncio.run(ours.run_async({"x": x}))):
        context, errors = expected(flow, x)
        assert result.final_output == context
        told = [text for record in result.execution_log for text in (*record.retry_errors, record.error_message or "")]
        assert all(any(error in text for text in told) for error in errors)
        failed = [record for record in result.execution_log if record.error_message]
        assert all(f"Step {record.step_index} " in str(record.error_message) for record in failed)
        assert [record.tool_name for record in result.execution_log] == [
            step["tool_name"] for step in flow["steps"][: len(result.execution_log)]
        ]
