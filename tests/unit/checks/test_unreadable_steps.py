"""Steps that cannot be read do not keep the checks from the steps after them."""

from __future__ import annotations

from pydantic import BaseModel

import cwc
from cwc.driver.memory import compile_in_memory


class Number(BaseModel):
    number: int


class Value(BaseModel):
    value: int


DOUBLE = cwc.Tool(
    name="double", description="", input_schema=Number, output_schema=Value, fn=lambda given: {"value": 1}
)


def test_findings_after_an_unreadable_step() -> None:
    steps = [
        "not a step",
        {"tool_name": ""},
        {"tool_name": "double", "input_mapping": {"number": 1}},
        {"tool_name": "double", "input_mapping": {"number": "/value/deeper"}},
    ]
    flow = {"type": "Flow", "name": "example", "description": "", "steps": steps}
    report = compile_in_memory(flow, [DOUBLE]).report
    found = {(diagnostic.slug, diagnostic.step_index) for diagnostic in report}
    assert {("wrong_type", 0), ("empty_name", 1), ("dead_pointer", 3)} <= found


def test_the_nearest_writer_is_named() -> None:
    steps = [
        {"tool_name": "double", "input_mapping": {"number": 1}, "output_mapping": {"first_value": "value"}},
        {"tool_name": "double", "input_mapping": {"number": "first_valeu"}},
    ]
    flow = {
        "type": "Flow",
        "name": "example",
        "description": "",
        "input_schema_ref": f"{__name__}:Number",
        "steps": steps,
    }
    report = compile_in_memory(flow, [DOUBLE]).report
    found = next(diagnostic for diagnostic in report if diagnostic.slug == "missing_mapping_key")
    assert found.help == ("did you mean 'first_value', written by step 0 'double'?",)
