"""Inputs that callers have to pass, or may leave out: what is told of them, and why a key may be missing."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

import cwc
from cwc.diagnostics.model import Diagnostic
from cwc.driver.memory import compile_in_memory


class Number(BaseModel):
    number: int


class Value(BaseModel):
    value: int


def _tool(name: str, takes: type[BaseModel], gives: type[BaseModel]) -> cwc.Tool:
    return cwc.Tool(name=name, description="", input_schema=takes, output_schema=gives, fn=lambda given: {})


TOOLS = [_tool("double", Number, Value), _tool("number", Value, Number)]


def found(*steps: dict[str, Any], **fields: Any) -> list[Diagnostic]:
    flow = {"type": "Flow", "name": "example", "description": "", "steps": [*steps], **fields}
    return list(compile_in_memory(flow, TOOLS).report)


def test_a_step_without_a_mapping_needs_what_callers_have_to_pass() -> None:
    (told,) = found({"tool_name": "double"}, {"tool_name": "number", "on_error": "fallback:number"})
    assert (told.slug, told.severity, told.step_index, told.tool, told.field) == (
        "missing_required_input", "warning", 0, "double", "number"
    )  # fmt: skip
    assert told.help == ("callers have to pass it: declare 'number' in a model and name that in input_schema_ref",)


def test_a_key_that_a_mapping_has_asked_for_is_told_of_once() -> None:
    told = found({"tool_name": "double", "input_mapping": {"number": "number"}}, {"tool_name": "double"})
    assert [(each.slug, each.field) for each in told if each.slug != "context_collision"] == [
        ("undeclared_input", "number")
    ]


def test_a_fallback_without_a_mapping() -> None:
    told = found({"tool_name": "double", "input_mapping": {}, "on_error": "fallback:number", "output_mapping": {}})
    assert {(each.slug, each.severity, each.field) for each in told} == {
        ("missing_required_input", "warning", "number"),
        ("fallback_missing_required_input", "warning", "value"),
    }


def test_a_flow_that_a_step_runs_with_the_whole_context() -> None:
    inner = {"type": "Flow", "name": "inner", "description": "", "input_schema_ref": f"{__name__}:Number", "steps": []}
    outer = {"type": "Flow", "name": "outer", "description": "", "steps": [{"flow_name": "inner"}]}
    report = compile_in_memory(outer, TOOLS, flows=[inner]).report
    told = [each for each in report if each.slug == "subflow_missing_input"]
    assert [(each.severity, each.field) for each in told] == [("warning", "number")]


@pytest.mark.parametrize(
    ("first", "fields", "why"),
    [
        ({"tool_name": "double", "on_error": "skip"}, {}, "step 0 'double' may be skipped"),
        (
            {"tool_name": "double", "on_error": "fallback:number"},
            {},
            "step 0 'double' may not have written it",
        ),
        (None, {"dynamic_params": ["value"]}, "a dynamic parameter, which callers may leave out"),
        (None, {"input_schema_ref": f"{__name__}:Choice"}, "callers may leave it out"),
    ],
)
def test_why_a_key_may_be_missing(first: dict[str, Any] | None, fields: dict[str, Any], why: str) -> None:
    steps = [first] if first else []
    told = found(*steps, {"tool_name": "number", "input_mapping": {"value": "value"}}, **fields)
    (label,) = [each.primary for each in told if each.slug == "maybe_missing_key"]
    assert label is not None
    assert label.message.startswith(why)


class Choice(BaseModel):
    value: int = 1
