"""Branches whose predicates are settled before any run, or by the branches before them."""

from __future__ import annotations

import pytest

from cwc.driver.memory import compile_in_memory
from cwc.plan.predicates import Predicate, parse_predicate
from tests.unit.checks.test_unreadable_steps import DOUBLE


def found(*predicates: str, default: bool = False) -> list[tuple[str, str]]:
    """Slug and pointer of what is said of the branches of one step."""
    targets = [f"t{number}" for number in range(len(predicates) + 1)]
    branches = [{"target_step_id": t, "predicate": p} for t, p in zip(targets, predicates, strict=False)]
    first: dict[str, object] = {"step_id": "a", "tool_name": "double", "output_mapping": {}, "branches": branches}
    if default:
        first["default_next"] = targets[-1]
    others = [{"step_id": t, "tool_name": "double", "output_mapping": {}, "depends_on": ["a"]} for t in targets]
    steps = [first, *others]
    flow = {"type": "DAGFlow", "name": "example", "version": "1.0", "description": "", "steps": steps}
    report = compile_in_memory(flow, [DOUBLE]).report
    slugs = ("branch_never_taken", "branch_always_taken")
    return [(entry.slug, str(entry.primary.at)) for entry in report if entry.slug in slugs and entry.primary]


def place(number: int) -> str:
    return f"/steps/0/branches/{number}/predicate"


def test_branches_that_depend_on_the_context_are_left_alone() -> None:
    assert found("number > 1", "number > 0", default=True) == []


def test_a_predicate_that_is_always_false() -> None:
    assert found("number > 1 and 1 > 2") == [("branch_never_taken", place(0))]


def test_what_stands_behind_a_branch_that_is_always_taken() -> None:
    assert found("1 < 2", "number > 1", default=True) == [
        ("branch_always_taken", place(0)),
        ("branch_never_taken", place(1)),
        ("branch_never_taken", "/steps/0/default_next"),
    ]


def test_the_same_predicate_twice() -> None:
    assert found("number > 1", "number > 1") == [("branch_never_taken", place(1))]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("True", True),
        ("0", False),
        ("a", None),
        ("a or 1", True),
        ("a and 0", False),
        ("a and 1", None),
        ("a or 0", None),
        ("not (a and '')", True),
        ("not a", None),
        ("1 < 2 and 'x' in ['x']", True),
        ("1 < 2 < 3", None),
        ("a in []", False),
        ("a not in ()", True),
        ("a[0] in []", None),
        ("a in [b]", None),
    ],
)
def test_outcomes(text: str, outcome: bool | None) -> None:
    predicate = parse_predicate(text)
    assert isinstance(predicate, Predicate)
    assert predicate.outcome is outcome
