"""What branches come to by the types of what their predicates read, against what they come to when they are run."""

from __future__ import annotations

import ast
import datetime as dt
import enum
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, create_model

import cwc
from cwc.driver.memory import compile_in_memory
from cwc.plan.predicates import COMPARISONS
from cwc.plan.shapes import describe_model
from cwc.plan.types.predicates import outcomes
from tests.type_pairs import values


class Shade(enum.Enum):
    DARK = "dark"


class Given(BaseModel):
    number: int
    mode: Literal["fast", "slow"] = "fast"


TYPES: dict[str, Any] = {
    "flag": bool,
    "mode": Literal["fast", "slow"],
    "maybe": int | None,
    "number": int,
    "ratio": float,
    "text": str,
    "numbers": list[int],
    "names": set[str],
    "table": dict[str, int],
    "day": dt.date,
    "shade": Shade,
    "anything": Any,
}


def told(predicate: str) -> set[str]:
    return set(outcomes(ast.parse(predicate, mode="eval").body, types_of(TYPES)))


def types_of(annotations: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {name: (annotation, ...) for name, annotation in annotations.items()}
    spec = describe_model(create_model("Outputs", **fields))
    return {name: spec.output_type(name) for name in annotations}


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        ("flag", {"true", "false"}),
        ("flag == 2", {"false"}),
        ("mode == 'fast'", {"true", "false"}),
        ("mode == 'quick'", {"false"}),
        ("mode in ['fast', 'slow']", {"true"}),
        ("mode in ['quick', 'lazy']", {"false"}),
        ("mode not in ['quick']", {"true"}),
        ("mode == 'fast' or mode == 'slow' or number < 'x'", {"true", "fails"}),
        ("number == 'five'", {"false"}),
        ("number != 'five'", {"true"}),
        ("number < 'five'", {"fails"}),
        ("number < ratio", {"true", "false"}),
        ("maybe < 3", {"true", "false", "fails"}),
        ("maybe is None", {"true", "false"}),
        ("not flag", {"true", "false"}),
        ("not (number == 'five')", {"true"}),
        ("number > 1 and number == 'five'", {"false"}),
        ("number == 'five' and number < 'five'", {"false"}),
        ("1 < number < 'five'", {"false", "fails"}),
        ("text in number", {"fails"}),
        ("number in text", {"fails"}),
        ("text in names", {"true", "false"}),
        ("number in numbers", {"true", "false"}),
        ("numbers < table", {"fails"}),
        ("day < text", {"fails"}),
        ("shade == 'dark'", {"true", "false"}),
        ("anything < 3", {"true", "false"}),
        ("numbers[0] < 'x'", {"true", "false"}),
        ("number == -1", {"true", "false"}),
    ],
)
def test_what_a_predicate_can_come_to(predicate: str, expected: set[str]) -> None:
    assert told(predicate) == expected


OPERATORS = {"==": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, ">=": ast.GtE, "in": ast.In, "not in": ast.NotIn}
NAMES = tuple(name for name in TYPES if name != "anything")


@given(st.sampled_from(NAMES), st.sampled_from(tuple(OPERATORS)), st.sampled_from(NAMES))
def test_no_comparison_comes_to_anything_else(left: str, operator: str, right: str) -> None:
    expected = told(f"{left} {operator} {right}")
    for one in values(TYPES[left]):
        for other in values(TYPES[right]):
            try:
                found = "true" if COMPARISONS[OPERATORS[operator]](one, other) else "false"
            except TypeError:
                continue
            assert found in expected, (one, other)


def reported(predicate: str, *more: str) -> list[tuple[str, str]]:
    tool = cwc.Tool(
        name="tool",
        description="",
        input_schema=create_model("Inputs"),
        output_schema=create_model("Outputs", value=(int, ...)),
        fn=lambda given: {"value": 1},
    )
    branches = [{"target_step_id": "b", "predicate": each} for each in (predicate, *more)]
    steps = [
        {"step_id": "a", "tool_name": "tool", "branches": branches},
        {"step_id": "b", "tool_name": "tool", "depends_on": ["a"], "output_mapping": {}},
    ]
    flow = {"type": "DAGFlow", "name": "example", "version": "1", "description": "", "steps": steps}
    flow["input_schema_ref"] = f"{__name__}:Given"
    slugs = ("branch_never_taken", "branch_always_taken", "predicate_type_error")
    return [
        (each.slug, each.severity or each.definition.severity)
        for each in compile_in_memory(flow, [tool]).report
        if each.slug in slugs
    ]


def test_what_is_said_of_branches() -> None:
    assert reported("value > 1") == []
    assert reported("value == 'x'") == [("branch_never_taken", "warning")]
    assert reported("value != 'x'") == [("branch_always_taken", "note")]
    assert reported("value < 'x'") == [("predicate_type_error", "error")]
    assert reported("value > 1", "value < 'x'") == [("predicate_type_error", "warning")]
    assert reported("mode == 'quick'") == [("branch_never_taken", "warning")]


def test_numbers_of_the_caller_can_be_passed_as_texts() -> None:
    assert reported("number == 'x'") == []
    assert reported("number < 'x'") == []
