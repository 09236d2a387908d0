"""Keys that are written too late: which step writes them, and what to do."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, create_model

import cwc
from cwc.diagnostics.model import Diagnostic, Pointer
from cwc.driver.memory import compile_in_memory


class Start(BaseModel):
    start: int


def _tool(name: str, takes: str, gives: str) -> cwc.Tool:
    input, output = (create_model(f"{name}_{key}", **{key: (int, ...)}) for key in (takes, gives))  # type: ignore[call-overload]
    return cwc.Tool(name=name, description="", input_schema=input, output_schema=output, fn=lambda given: {})


TOOLS = [_tool("mail", "start", "m"), _tool("merge", "m", "all"), _tool("end", "all", "start")]
SCHEMAS = {"input_schema_ref": f"{__name__}:Start", "on_context_collision": "overwrite"}


def found(type: str, *steps: dict[str, Any], **fields: Any) -> list[Diagnostic]:
    flow = {"type": type, "name": "example", "description": "", "steps": [*steps], **fields}
    slugs = ("missing_mapping_key", "undeclared_input", "missing_required_input")
    return [each for each in compile_in_memory(flow, TOOLS).report if each.slug in slugs]


def step(name: str, *depends_on: str, **fields: Any) -> dict[str, Any]:
    return {"step_id": name, "tool_name": name, "depends_on": [*depends_on], **fields}


READS = {"input_mapping": {"m": "m"}}
STARTS = {"input_mapping": {"start": "start"}}


@pytest.mark.parametrize("steps", [
    [step("mail", **STARTS), step("merge", **READS)],
    [step("merge", **READS), step("mail", **STARTS)],
    [step("other", tool_name="end", input_mapping={"all": "start"}), step("mail", "other", **STARTS),
     step("merge", **READS)],
])  # fmt: skip
def test_a_dependency_that_was_left_out(steps: list[dict[str, Any]]) -> None:
    (told,) = found("DAGFlow", *steps, **SCHEMAS)
    assert (told.slug, told.field, told.message) == ("missing_mapping_key", "m", "key 'm' is not there yet")
    assert told.help == ("'m' is written by step 'mail', which need not run first: add 'mail' to depends_on",)
    (label,) = told.related
    assert isinstance(label.at, Pointer)
    assert label.at.tokens[1] == [each["step_id"] for each in steps].index("mail")


def test_the_place_is_that_of_the_mapping_which_writes_the_key() -> None:
    mail = step("mail", **STARTS, output_mapping={"letter": "m"})
    (told,) = found("DAGFlow", mail, step("merge", input_mapping={"m": "letter"}), **SCHEMAS)
    assert [label.at for label in told.related] == [Pointer(("steps", 0, "output_mapping", "letter"))]


def test_a_step_that_depends_on_the_reader_cannot_run_before_it() -> None:
    (told,) = found("DAGFlow", step("merge", **READS), step("mail", "merge", **STARTS), **SCHEMAS)
    assert (told.message, told.help, told.related) == ("key 'm' is never produced", (), ())


def test_what_a_step_itself_writes_is_no_help() -> None:
    (told,) = found("Flow", {"tool_name": "mail", "input_mapping": {"start": "m"}}, **SCHEMAS)
    assert (told.message, told.related) == ("key 'm' is never produced", ())


def test_steps_in_the_wrong_order() -> None:
    (told,) = found("Flow", {"tool_name": "merge", **READS}, {"tool_name": "mail", **STARTS}, **SCHEMAS)
    assert told.help == ("'m' is written later, by step 1 'mail': move that before this step",)
    assert [label.message for label in told.related] == ["step 1 'mail' writes it"]
    assert not told.fix


def test_without_an_input_schema() -> None:
    told = found("DAGFlow", step("mail", **STARTS), step("merge", **READS))
    (about,) = [each for each in told if each.field == "m"]
    assert about.slug == "undeclared_input"
    assert about.help[0] == "'m' is written by step 'mail', which need not run first: add 'mail' to depends_on"


def test_without_a_mapping() -> None:
    (told,) = found("DAGFlow", step("mail", **STARTS), step("merge"), **SCHEMAS)
    assert told.slug == "missing_required_input"
    assert told.help[0] == "'m' is written by step 'mail', which need not run first: add 'mail' to depends_on"


def test_a_step_that_takes_what_the_reader_writes_cannot_be_moved_before_it() -> None:
    steps: list[dict[str, Any]] = [
        {"tool_name": "merge"},
        {"tool_name": "end", "input_mapping": {"all": "all"}},
        {"tool_name": "mail"},
    ]
    (told,) = found("Flow", *steps)
    assert told.help == ("callers have to pass it: declare 'm' in a model and name that in input_schema_ref",)
