"""The abstract context is sound and precise: what it announces can happen, and nothing else does."""

from __future__ import annotations

from typing import Any

from hypothesis import event, given

import cwc
from tests.differential.reference import Outcome, compiled, executor, reported, run_cwc, run_reference, schemas_of
from tests.strategies import FlowCase, linear_flows

WIRING = {"InputMappingError", "OutputMappingError", "ContextKeyCollisionError", "ToolNotFoundError"}
MAYBE = {"maybe_missing_key", "maybe_missing_pointer"}
LANES = ("sync", "async")


@given(linear_flows(closed=True))
def test_a_flow_that_builds_goes_wrong_only_where_that_was_announced(case: FlowCase) -> None:
    with schemas_of(case) as flow:
        try:
            ours = compiled(case, flow)
        except cwc.CompileError:
            event("rejected")
            return
        announced = _announced(case, flow)
        for inputs in case.inputs:
            for lane in LANES:
                wrong = _wiring_error(run_cwc(ours, inputs, lane, None))
                event("wiring error" if wrong else "no wiring error")
                assert wrong is None or wrong in announced, (wrong, announced, inputs)


def _announced(case: FlowCase, flow: dict[str, Any]) -> set[tuple[str, int | None]]:
    """(error class, step) of every residual that the build tells of; errors that leave a run have no step."""
    classes = {
        "unchecked_output_key": "OutputMappingError",
        "context_collision": "ContextKeyCollisionError",
    }
    report = reported(case, flow)
    raised: set[tuple[str, int | None]] = {(classes[found.slug], None) for found in report if found.slug in classes}
    return raised | {("InputMappingError", found.step_index) for found in report if found.slug in MAYBE}


def _wiring_error(outcome: Outcome) -> tuple[str, int | None] | None:
    if outcome.raised is not None:
        return (outcome.raised, None)
    last = outcome.records[-1] if outcome.records else {}
    if last.get("error_type") in WIRING:
        return (last["error_type"], last["step_index"])
    return None


@given(linear_flows(closed=True, reliable=True))
def test_a_flow_that_is_rejected_goes_wrong(case: FlowCase) -> None:
    with schemas_of(case) as flow:
        try:
            compiled(case, flow)
        except cwc.CompileError as error:
            slugs = {found.slug for found in error.report if (found.severity or found.definition.severity) == "error"}
        else:
            event("builds")
            return
        if all(slug.startswith("fallback_") for slug in slugs):
            event("rejected for its fallback, which reliable tools never need")
            return
        event("rejected")
        theirs = executor(case, flow)
        outcomes = [run_reference(theirs, flow["name"], inputs, "sync", None) for inputs in case.inputs]
        assert any(outcome.success is not True for outcome in outcomes), slugs
