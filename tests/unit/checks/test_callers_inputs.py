"""Inputs that callers have to pass, or may leave out: what is told of them, and why a key may be missing."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass
class Point:
    x: int


@pytest.mark.parametrize(
    "step",
    [{"tool_name": "plot", "input_mapping": {"x": 1}}, {"tool_name": "double", "output_mapping": {"x": "value"}}],
)
def test_a_sole_parameter_that_is_no_model_is_one_input(step: dict[str, Any]) -> None:
    @cwc.tool(output_schema=Value)
    def plot(point: Point) -> dict[str, int]:
        return {"value": point.x}

    flow = {"type": "Flow", "name": "example", "description": "", "steps": [step, {"tool_name": "plot"}]}
    flow |= {"input_schema_ref": f"{__name__}:Number"}
    report = compile_in_memory(flow, [plot, *TOOLS]).report
    told = [each for each in report if each.slug in ("unknown_target_key", "missing_required_input")]
    help = "'point' is one input, a whole Point: to have its fields as inputs, make it a pydantic model"
    assert told
    assert help in told[0].help


def test_an_only_input_that_is_a_model_is_left_to_its_author() -> None:
    class Held(BaseModel):
        held: Number

    flow: dict[str, Any] = {
        "type": "Flow",
        "name": "example",
        "description": "",
        "input_schema_ref": f"{__name__}:Number",
    }
    flow |= {"steps": [{"tool_name": "hold"}]}
    report = compile_in_memory(flow, [_tool("hold", Held, Value)]).report
    assert [each.help for each in report if each.slug == "missing_required_input"] == [()]


class Place(BaseModel):
    place: Number


def test_why_a_pointer_into_an_input_may_lead_nowhere() -> None:
    step = {"tool_name": "double", "input_mapping": {"number": "/place/number"}}
    (told,) = found(step, input_schema_ref=f"{__name__}:Place")
    assert told.slug == "maybe_missing_pointer"
    assert told.primary is not None
    assert told.primary.message == "read as it was passed, which may be an object, or have no such place"
