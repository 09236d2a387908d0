"""DAG flows give the same results as in ChainWeaver; every exception has a name here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import event, given

import cwc
from tests.dag_strategies import dag_flows
from tests.differential.reference import Outcome, compiled, executor, run_cwc, run_reference, schemas_of
from tests.differential.test_linear import _decided_otherwise, _expect_missing_inputs, _missing
from tests.strategies import FlowCase


@given(dag_flows())
def test_the_lanes_agree_with_the_reference(case: FlowCase) -> None:
    with schemas_of(case) as flow:
        try:
            ours = compiled(case, flow)
        except cwc.CompileError:
            event("rejected by the build")
            return
        theirs = executor(case, flow)
        decide = case.decide if case.decides else None
        for inputs in case.inputs:
            if case.dynamic and not ours._extras:
                event("forbid-extra input: undeclared dynamic params are refused")
                continue
            expected = run_reference(theirs, flow["name"], inputs, "sync", case.dynamic)
            actual = run_cwc(ours, inputs, "sync", case.dynamic, decide=decide)
            if ours.required and _missing(ours, inputs, case.dynamic):
                _expect_missing_inputs(actual, expected)
            elif actual != expected:
                exception = _decided(case, flow, actual, expected)
                assert exception, (inputs, actual, expected)
                event(exception)
            else:
                event(f"agrees: {_kind(flow, actual)}")
            for limit in (1, 4):
                found = run_cwc(ours, inputs, "async", case.dynamic, decide=decide, limit=limit)
                if _has_flaky_tools(case):
                    continue
                if actual.success is not True:
                    # Siblings behind a failing step run there, and flows that they run log what they overwrite.
                    found, actual = replace(found, logs=()), replace(actual, logs=())
                assert found == actual, (limit, inputs, found, actual)


def _kind(flow: dict[str, Any], outcome: Outcome) -> str:
    used = ["branches", "decision_candidates", "flow_name"]
    constructs = [name for name in used if any(name in step for step in flow["steps"])]
    return f"{outcome.raised or outcome.success} {' '.join(constructs)}"


def _has_flaky_tools(case: FlowCase) -> bool:
    """Tools that count their calls: in the async lane more steps may call them, and in another order."""
    return any(tool.behaviour == "flaky" for tool in case.tools)


def _decided(case: FlowCase, flow: dict[str, Any], actual: Outcome, expected: Outcome) -> str | None:
    last = actual.records[-1] if actual.records else {}
    if last.get("error_type") == "PredicateEvaluationError" and expected.raised is not None:
        return "what a predicate raises fails its step"
    if expected.raised == "OutputMappingError" and any(map(_skips, (flow, *case.others))):
        return "a skip with an output mapping is a skip"
    inner = [record for record in actual.records if record["sub_result"]]
    if _child_lacks_inputs(actual, expected):
        return "inputs that a composed flow lacks are missed before its first step"
    if inner and sorted(actual.logs) == sorted(expected.logs) and actual.records == expected.records:
        return "one step's collision lines follow the declared order, also where its fallback has another"
    return _decided_otherwise(flow, actual, expected)


def _skips(flow: dict[str, Any]) -> bool:
    return any(step.get("on_error") == "skip" and step.get("output_mapping") for step in flow["steps"])


def _child_lacks_inputs(actual: Outcome, expected: Outcome) -> bool:
    def deepest(outcome: Outcome) -> tuple[Any, ...]:
        records: Any = outcome.records
        while records and records[-1]["sub_result"] is not None:
            records = records[-1]["sub_result"][3]
        return tuple(records)

    ours = deepest(actual)
    return bool(
        ours and ours[-1]["step_index"] == -1 and ours[-1]["error_type"] == "InputMappingError"
        and expected.success is not True
    )  # fmt: skip
