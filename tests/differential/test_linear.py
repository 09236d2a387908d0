"""Linear flows give the same results in cwc, in both lanes, as in ChainWeaver; every exception has a name here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import event, given

import cwc
from tests.differential.reference import (
    Outcome,
    compiled,
    executor,
    run_cwc,
    run_reference,
    schemas_of,
)
from tests.strategies import FlowCase, linear_flows


@given(linear_flows())
def test_both_lanes_agree_with_the_reference(case: FlowCase) -> None:
    with schemas_of(case) as flow:
        try:
            ours = compiled(case, flow)
        except cwc.CompileError:
            event("rejected by the build")
            return
        theirs = executor(case, flow)
        for inputs in case.inputs:
            for lane in ("sync", "async"):
                expected = run_reference(theirs, flow["name"], inputs, _reference_lane(flow, lane), case.dynamic)
                if case.dynamic and not ours._extras:
                    event("forbid-extra input: undeclared dynamic params are refused")
                    continue
                actual = run_cwc(ours, inputs, lane, case.dynamic)
                event("run compared")
                if ours.required and _missing(ours, inputs, case.dynamic):
                    _expect_missing_inputs(actual, expected)
                elif actual != expected:
                    exception = _decided_otherwise(flow, actual, expected)
                    assert exception, (lane, inputs, actual, expected)
                    event(exception)


def _reference_lane(flow: dict[str, Any], lane: str) -> str:
    """The reference does not apply context schemas on its async lane; cwc does, so its sync lane is the measure."""
    return "sync" if flow.get("context_schema_ref") else lane


def _missing(ours: Any, inputs: dict[str, Any], dynamic: dict[str, Any] | None) -> bool:
    return bool(ours.required - inputs.keys() - (dynamic or {}).keys())


def _expect_missing_inputs(actual: Outcome, expected: Outcome) -> None:
    """Undeclared inputs are tested before the first step; the reference fails at the first step that reads one."""
    event("missing inputs")
    assert actual.success is False
    assert [record["step_index"] for record in actual.records] == [-1]
    assert actual.records[0]["error_type"] == "InputMappingError"
    assert expected.success is not True


def _decided_otherwise(flow: dict[str, Any], actual: Outcome, expected: Outcome) -> str | None:
    """The name of the decision by which a difference is meant, or None."""
    steps = flow["steps"]
    if expected.raised == "OutputMappingError" and any(_skips_with_mapping(step) for step in steps):
        return "a skip with an output mapping is a skip"
    same_lines = sorted(actual.logs) == sorted(expected.logs)
    fell_back = any(record["fallback_used"] for record in actual.records)
    if fell_back and same_lines and replace(actual, logs=()) == replace(expected, logs=()):
        return "one step's collision lines follow the declared order, also where its fallback has another"
    last = actual.records[-1] if actual.records else {}
    if (
        last.get("fallback_used")
        and last.get("error_type") == "SchemaValidationError"
        and steps[last["step_index"]].get("output_contract")
        and actual.records[:-1] == expected.records[: len(actual.records) - 1]
    ):
        return "fallback outputs are checked against the output contract"
    return None


def _skips_with_mapping(step: dict[str, Any]) -> bool:
    return step.get("on_error") == "skip" and bool(step.get("output_mapping"))
