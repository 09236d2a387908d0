"""What a change of a flow is said to mean; a change of the text alone means nothing."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cwc
from cwc.driver.comparing import FORMS, Comparison, compare
from cwc.driver.comparing.changes import Version
from cwc.driver.memory import compile_in_memory
from tests.unit.driver.test_views import ROUTE, TOOLS, Number, Value, a_tool

Json = dict[str, Any]

LINEAR: Json = {
    "type": "Flow",
    "name": "flow",
    "version": "1.0",
    "description": "",
    "input_schema_ref": f"{Number.__module__}:Number",
    "steps": [
        {"tool_name": "double", "input_mapping": {"number": "number"}, "output_mapping": {"a": "value"}},
        {"tool_name": "triple", "input_mapping": {"number": "a"}, "output_mapping": {"b": "value"}},
        {"tool_name": "add", "input_mapping": {"left": "a", "right": 1}, "output_mapping": {"c": "value"}},
    ],
}
DAG: Json = {"type": "DAGFlow", "name": "flow", "version": "1.0", "description": "", "steps": ROUTE}
READER = cwc.Tool(
    name="read",
    description="",
    input_schema=Number,
    output_schema=Value,
    fn=lambda given: {"value": 1},
    read_only=True,
    idempotent=True,
)


def version(flow: Json) -> Version:
    compiled = compile_in_memory(flow, [*TOOLS, READER, a_tool("other")])
    made = compiled.flows[0]
    return Version(made.document, made.plan, tuple(compiled.report))


def changed(flow: Json, change: Callable[[Json], object]) -> Comparison:
    new = copy.deepcopy(flow)
    change(new)
    return compare(version(flow), version(new))


def told(flow: Json, change: Callable[[Json], object]) -> set[tuple[str, str, str, str | None, str | None]]:
    return {(entry.area, entry.subject, entry.what, entry.old, entry.new) for entry in changed(flow, change).changes}


@pytest.mark.parametrize("flow", [LINEAR, DAG], ids=["linear", "dag"])
def test_a_flow_is_the_same_as_itself(flow: Json) -> None:
    comparison = changed(flow, lambda new: None)
    assert comparison.changes == ()
    assert FORMS["text"](comparison).endswith("nothing changes\n")
    assert json.loads(FORMS["json"](comparison))["identical"] is True
    assert FORMS["markdown"](comparison).endswith("Nothing changes.\n")


def test_another_source_of_an_input() -> None:
    assert told(LINEAR, lambda new: new["steps"][2]["input_mapping"].update(left="b")) == {
        ("wiring", "step 2 add", "input left", "a of double", "b of triple"),
    }


def test_another_literal() -> None:
    assert told(LINEAR, lambda new: new["steps"][2]["input_mapping"].update(right=2)) == {
        ("wiring", "step 2 add", "input right", "constant 1", "constant 2"),
    }


def test_a_step_that_comes_in_moves_the_others_and_changes_them_not() -> None:
    step = {"tool_name": "other", "input_mapping": {"number": "a"}, "output_mapping": {"d": "value"}}
    found = told(LINEAR, lambda new: new["steps"].insert(1, step))
    assert {entry for entry in found if entry[0] != "findings"} == {
        ("steps", "step 1 other", "runs", None, "tool other"),
        ("flow", "the flow", "key d at the end", None, "always there"),
        ("effects", "the flow", "calls tool other", None, "effects not declared"),
    }


def test_a_step_that_goes() -> None:
    found = told(LINEAR, lambda new: new["steps"].pop(1))
    assert ("steps", "step 1 triple", "runs", "tool triple", None) in found
    assert ("flow", "the flow", "key b at the end", "always there", None) in found
    assert not {entry for entry in found if entry[0] == "wiring"}


def test_another_tool_with_other_effects() -> None:
    found = told(LINEAR, lambda new: new["steps"][1].update(tool_name="read"))
    assert ("steps", "step 1 read", "runs", "tool triple", "tool read") in found
    assert ("effects", "the flow", "calls tool read", None, "read-only, idempotent") in found


def test_collisions_types_and_findings() -> None:
    found = told(LINEAR, lambda new: new["steps"][2].update(output_mapping={"a": "value"}))
    assert ("collisions", "step 2 add", "overwrites a", None, "yes") in found
    assert any(entry[0] == "findings" and entry[2].startswith("CWC410 context_collision") for entry in found)
    found = told(LINEAR, lambda new: new.pop("input_schema_ref"))
    assert ("types", "step 0 double", "input number", "int", "Any") in found
    assert any(entry[0] == "findings" and entry[2].startswith("CWC405 undeclared_input") for entry in found)


def test_handling_of_failures_and_what_it_leaves_to_the_run() -> None:
    found = told(LINEAR, lambda new: new["steps"][1].update(on_error="skip", retry={"max_retries": 2}))
    assert ("effects", "step 1 triple", "is skipped when it fails", None, "yes") in found
    assert ("effects", "step 1 triple", "waits between tries", None, "1 s, times 2") in found
    assert ("flow", "the flow", "key b at the end", "always there", "may be missing") in found
    steps = [dict(LINEAR["steps"][1], retry={"backoff_seconds": seconds}) for seconds in (1, 2)]
    before = {**LINEAR, "steps": [LINEAR["steps"][0], steps[0]]}
    assert told(before, lambda new: new["steps"].__setitem__(1, steps[1])) == {
        ("effects", "step 1 triple", "waits between tries", "1 s, times 2", "2 s, times 2"),
    }


def test_the_flow_itself() -> None:
    change = {"version": "2.0", "on_context_collision": "error", "status": "disabled", "dynamic_params": ["x"]}
    assert told(LINEAR, lambda new: new.update(change, safety={"side_effects": "write"})) >= {
        ("flow", "the flow", "version", "1.0", "2.0"),
        ("flow", "the flow", "on collision", "warn", "error"),
        ("flow", "the flow", "status", "active", "disabled"),
        ("flow", "the flow", "dynamic param x", None, "declared"),
        ("effects", "the flow", "safety side_effects", None, "write"),
    }


def test_branches_dependencies_and_lanes() -> None:
    first = DAG["steps"][0]["branches"][0]
    found = told(DAG, lambda new: new["steps"][0].update(branches=[{**first, "predicate": "doubled > 11"}]))
    assert found == {("wiring", "step first", "branch 1", "to large if doubled > 10", "to large if doubled > 11")}
    found = told(DAG, lambda new: new["steps"][3].update(depends_on=["large"]))
    assert ("wiring", "step join", "waits for small", "yes", None) in found
    assert ("steps", "step join", "not in every run", None, "yes") in found
    found = told(DAG, lambda new: [new["steps"][0].pop(name) for name in ("branches", "default_next")])
    assert any(area == "lanes" and old == "yes" and "'branches'" in what for area, _, what, old, _ in found)


def test_steps_of_dag_flows_go_by_their_ids() -> None:
    def reorder(new: Json) -> None:
        new["steps"][1:3] = new["steps"][2:0:-1]

    assert {entry[0] for entry in told(DAG, reorder)} <= {"findings"}


@pytest.mark.parametrize("flow", [LINEAR, DAG], ids=["linear", "dag"])
@pytest.mark.parametrize("form", list(FORMS))
def test_every_form_tells_every_change(flow: Json, form: str) -> None:
    comparison = changed(flow, lambda new: [new["steps"].pop(), new.update(name="other")])
    shown = FORMS[form](comparison)
    assert shown.endswith("\n")
    assert comparison.changes
    for change in comparison.changes:
        assert json.dumps(change.what)[1:-1] in shown or change.what in shown


@settings(max_examples=25)
@given(st.text(max_size=30))
def test_no_text_of_a_flow_breaks_out(text: str) -> None:
    comparison = changed(LINEAR, lambda new: new.update(name=f"x{text}", description=text))
    shown = FORMS["text"](comparison)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", shown)
    markdown = FORMS["markdown"](comparison)
    for line in markdown.splitlines():
        assert not re.search(
            r"[<\[*_\\]", re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", line.removeprefix("* ")).replace("**", "")
        )
    assert json.loads(FORMS["json"](comparison))["new"]["name"] == f"x{text}"
