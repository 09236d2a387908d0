"""Branches whose predicate is decided by itself, and steps that therefore never run."""

from __future__ import annotations

from typing import Any

import pytest

import cwc
from cwc.driver.memory import compile_in_memory
from cwc.plan.predicates import Predicate, parse_predicate, truth
from tests.example_tools import double

TOOLS = [double]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("True", True),
        ("0", False),
        ("not ''", True),
        ("True or a", True),
        ("a or True", True),
        ("a and False", False),
        ("False and a", False),
        ("a or False", None),
        ("a and True", None),
        ("1 < 2", True),
        ("1 < 2 < 3", None),
        ("(1, 2) == [1, 2]", True),
        ("not (a and 0)", True),
        ("a", None),
        ("a == a", None),
    ],
)
def test_what_a_predicate_comes_to_wherever_it_comes_to_an_end(text: str, expected: bool | None) -> None:
    predicate = parse_predicate(text)
    assert isinstance(predicate, Predicate)
    assert truth(predicate) is expected


def branching(predicate: str, reads: str) -> dict[str, Any]:
    """``first`` chooses between ``left`` and ``right``; ``right`` reads a key, and writes what ``left`` writes."""
    steps = [
        {
            "step_id": "first",
            "tool_name": "double",
            "output_mapping": {"doubled": "value"},
            "branches": [{"target_step_id": "left", "predicate": predicate}],
            "default_next": "right",
        },
        {
            "step_id": "left",
            "tool_name": "double",
            "depends_on": ["first"],
            "input_mapping": {"number": "doubled"},
            "output_mapping": {"end": "value"},
        },
        {
            "step_id": "right",
            "tool_name": "double",
            "depends_on": ["first"],
            "input_mapping": {"number": reads},
            "output_mapping": {"end": "value"},
        },
    ]
    return {
        "type": "DAGFlow", "name": "branching", "version": "1.0", "description": "", "steps": steps,
        "input_schema_ref": "tests.example_tools:NumberInput",
    }  # fmt: skip


def test_a_flow_is_not_rejected_for_a_step_that_never_runs() -> None:
    flow = branching("True or doubled", reads="nothing_writes_this")
    ran = cwc.compile_flow(flow, TOOLS).run({"number": 1})
    assert ran.success
    assert ran.final_output == {"number": 1, "doubled": 2, "end": 4}
    assert [(record.skipped, record.inputs, record.outputs) for record in ran.execution_log] == [
        (False, {"number": 1}, {"value": 2}),
        (False, {"number": 2}, {"value": 4}),
        (True, {}, {}),
    ]


def test_what_is_wrong_in_a_step_that_never_runs_is_a_warning() -> None:
    report = compile_in_memory(branching("True", reads="nothing_writes_this"), TOOLS).report
    found = {(each.slug, each.severity or each.definition.severity) for each in report}
    assert {("unreachable_step", "warning"), ("missing_mapping_key", "warning")} <= found
    assert "error" not in {severity for _, severity in found}


def test_a_branch_that_never_holds_chooses_nothing() -> None:
    ran = cwc.compile_flow(branching("doubled and False", reads="doubled"), TOOLS).run({"number": 1})
    assert [record.skipped for record in ran.execution_log] == [False, True, False]


def test_what_a_step_that_never_runs_would_choose_passes_nothing_by() -> None:
    """``middle`` never runs, so that ``end`` runs with the other step that it waits for, and so does ``after``."""
    steps: list[dict[str, Any]] = [
        {"step_id": "first", "branches": [{"target_step_id": "left", "predicate": "True"}]},
        {"step_id": "other"},
        {"step_id": "left", "depends_on": ["first"]},
        {"step_id": "middle", "depends_on": ["first"], "branches": [{"target_step_id": "end", "predicate": "number"}]},
        {"step_id": "end", "depends_on": ["middle", "other"]},
        {"step_id": "after", "depends_on": ["end"]},
    ]
    for step in steps:
        step |= {"tool_name": "double", "output_mapping": {f"by_{step['step_id']}": "value"}}
        step["input_mapping"] = {"number": "number"}
    flow = {**branching("True", reads="number"), "steps": steps}
    ran = cwc.compile_flow(flow, TOOLS).run({"number": 1})
    assert [record.skipped for record in ran.execution_log] == [False, False, False, True, False, False]
    assert ran.final_output is not None
    assert ran.final_output.keys() == {"number", "by_first", "by_other", "by_left", "by_end", "by_after"}


def test_the_step_is_checked_where_it_may_run() -> None:
    with pytest.raises(cwc.CompileError) as caught:
        cwc.compile_flow(branching("doubled > 1", reads="nothing_writes_this"), TOOLS)
    found = {each.slug for each in caught.value.report if (each.severity or each.definition.severity) == "error"}
    assert found == {"missing_mapping_key"}
