"""The abstract context is sound and precise: what it announces can happen, and nothing else does."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import islice, product
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

import cwc
from cwc.diagnostics.model import Report
from cwc.driver.compile import Options
from cwc.driver.memory import compile_in_memory, load
from tests.dag_strategies import dag_flows
from tests.differential.reference import (
    CONSTRUCTS,
    Outcome,
    compiled,
    executor,
    reported,
    run_cwc,
    run_reference,
    schemas_of,
    tools_of,
)
from tests.strategies import FlowCase, linear_flows

WIRING = {"InputMappingError", "OutputMappingError", "ContextKeyCollisionError", "ToolNotFoundError"}
MAYBE = {"maybe_missing_key", "maybe_missing_pointer"}
REFUSALS = {"type_narrowing", "type_mismatch", "fallback_type_mismatch", "missing_required_input", "unknown_target_key",
            "invalid_literal", "output_schema_gap", "contract_mismatch", "refused_context_key"}  # fmt: skip
TYPE_ERRORS = {
    "type_mismatch",
    "fallback_type_mismatch",
    "output_type_mismatch",
    "invalid_literal",
    "contract_mismatch",
}
LANES = ("sync", "async")
DECIDED = ("True", "False")


@given(linear_flows(closed=True))
def test_a_flow_that_builds_goes_wrong_only_where_that_was_announced(case: FlowCase) -> None:
    _expect_only_what_was_announced(case)


@given(dag_flows(closed=True))
def test_a_dag_flow_that_builds_goes_wrong_only_where_that_was_announced(case: FlowCase) -> None:
    _expect_only_what_was_announced(case)


@given(linear_flows(closed=True, reliable=True, typed=True))
def test_in_a_typed_flow_that_builds_values_are_refused_only_where_that_was_announced(case: FlowCase) -> None:
    _expect_announced_refusals(case)


@given(dag_flows(closed=True, reliable=True, typed=True))
def test_in_a_typed_dag_flow_that_builds_values_are_refused_only_where_that_was_announced(case: FlowCase) -> None:
    _expect_announced_refusals(case)


@settings(max_examples=100)
@given(linear_flows(closed=True, reliable=True, typed=True, careful=True))
def test_well_wired_flows_go_wrong_nowhere_else(case: FlowCase) -> None:
    _expect_nothing_else(case)


@settings(max_examples=100)
@given(dag_flows(closed=True, reliable=True, typed=True, careful=True))
def test_well_wired_dag_flows_go_wrong_nowhere_else(case: FlowCase) -> None:
    _expect_nothing_else(case)


def _expect_nothing_else(case: FlowCase) -> None:
    """Neither wiring errors nor refused values that the build, made once, says nothing of."""
    with schemas_of(case) as flow:
        tools = tools_of(case)
        made = compile_in_memory(flow, tools, Options(async_constructs=CONSTRUCTS), case.others)
        if made.report.has_errors():
            event("rejected")
            return
        event("builds")
        ours, end = load(made, tools), len(flow["steps"])
        wiring, refusals = _announced_in(made.report), _refusals_in(made.report, end)
        for inputs in case.inputs:
            for lane in LANES:
                outcome = run_cwc(ours, inputs, lane, None)
                wrong, refused = _wiring_error(outcome), _refused(outcome)
                event(f"{'wiring error, announced' if wrong else 'refused, announced' if refused else 'nothing wrong'}")
                assert wrong is None or wrong in wiring, (wrong, wiring, inputs)
                assert refused <= refusals, (refused, refusals, inputs)


def _expect_announced_refusals(case: FlowCase) -> None:
    with schemas_of(case) as flow:
        try:
            ours = compiled(case, flow)
        except cwc.CompileError:
            event("rejected")
            return
        announced = _refusals_in(reported(case, flow), len(flow["steps"]))
        for inputs in case.inputs:
            for lane in LANES:
                refused = _refused(run_cwc(ours, inputs, lane, None))
                event("refused" if refused else "not refused")
                assert refused <= announced, (refused, announced, inputs)


def _refusals_in(report: Report, end: int) -> set[int]:
    """The steps of which a build says that a value may be refused; ``end``: the flow's schemas."""
    return {end if found.step_index is None else found.step_index for found in report if found.slug in REFUSALS}


def _refused(outcome: Outcome) -> set[int]:
    """The steps that failed by a value that a model refused; after the last step, the flow's schemas."""
    records = [record for record in outcome.records if record.get("error_type") == "SchemaValidationError"]
    return {record["step_index"] for record in records}


def _expect_only_what_was_announced(case: FlowCase) -> None:
    with schemas_of(case) as flow:
        try:
            ours = compiled(case, flow)
        except cwc.CompileError:
            event("rejected")
            return
        announced = _announced_in(reported(case, flow))
        for inputs in case.inputs:
            for lane in LANES:
                wrong = _wiring_error(run_cwc(ours, inputs, lane, None))
                event("wiring error" if wrong else "no wiring error")
                assert wrong is None or wrong in announced, (wrong, announced, inputs)


def _announced_in(report: Report) -> set[tuple[str, int | None]]:
    """(error class, step) of every residual that the build tells of; errors that leave a run have no step."""
    classes = {
        "unchecked_output_key": "OutputMappingError",
        "context_collision": "ContextKeyCollisionError",
    }
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
    _expect_a_witness(case)


@given(dag_flows(closed=True, reliable=True, composed=False))
def test_a_dag_flow_that_is_rejected_goes_wrong(case: FlowCase) -> None:
    _expect_a_witness(case)


@given(linear_flows(closed=True, reliable=True, typed=True))
def test_a_typed_flow_that_is_rejected_goes_wrong(case: FlowCase) -> None:
    _expect_a_witness(case)


@given(dag_flows(closed=True, reliable=True, typed=True, composed=False))
def test_a_typed_dag_flow_that_is_rejected_goes_wrong(case: FlowCase) -> None:
    _expect_a_witness(case)


@settings(max_examples=50)
@given(dag_flows(closed=True, reliable=True))
def test_a_dag_flow_that_runs_others_and_is_rejected_goes_wrong(case: FlowCase) -> None:
    _expect_a_witness(replace(case, decides=None))


@settings(max_examples=50)
@given(dag_flows(closed=True, reliable=True, typed=True))
def test_a_typed_dag_flow_that_runs_others_and_is_rejected_goes_wrong(case: FlowCase) -> None:
    _expect_a_witness(replace(case, decides=None))


@given(st.booleans().flatmap(lambda typed: dag_flows(closed=True, reliable=True, typed=typed, max_steps=1)))
def test_a_flow_that_others_run_goes_wrong_where_it_is_rejected(case: FlowCase) -> None:
    for name in case.passed:
        event(f"rejected: {_expect_a_witness(case.of_other(name))}")


def _expect_a_witness(case: FlowCase) -> bool:
    """Whether a flow is rejected; if so, it goes wrong."""
    with schemas_of(case) as flow:
        try:
            compiled(case, flow)
        except cwc.CompileError as error:
            errors = [found for found in error.report if (found.severity or found.definition.severity) == "error"]
        else:
            event("builds")
            return False
        rejected = {str(found.flow) for found in errors}
        if rejected == {flow["name"]}:
            _expect_one_goes_wrong(case, flow, {found.slug for found in errors})
    for name in rejected - {flow["name"]}:
        # Whoever runs it fails where it does.
        event("a flow that it runs is rejected")
        assert _expect_a_witness(case.of_other(name)), name
    return True


def _expect_one_goes_wrong(case: FlowCase, flow: dict[str, Any], slugs: set[str]) -> None:
    """A run of the reference does not succeed, whatever tools are chosen and predicates come to."""
    chosen = [each for one in (flow, *_decided_otherwise(flow)) for each in (one, *_with_tools_chosen(one))]
    tried = [(replace(case, flow=each), each) for each in chosen]
    if any(slug.startswith("fallback_") for slug in slugs):
        tried += [_with_failing_primaries(each, its) for each, its in tried]
    if "contract_mismatch" in slugs:
        tried += [(replace(case, flow=its), its) for its in (_with_fallbacks_alone(each) for _, each in tried)]
    event("rejected for a type" if slugs & TYPE_ERRORS else "rejected")
    outcomes = (
        run_reference(executor(each, its), flow["name"], inputs, "sync", None)
        for each, its in tried
        for inputs in each.inputs
    )
    assert any(outcome.success is not True for outcome in outcomes), slugs


def _with_failing_primaries(case: FlowCase, flow: dict[str, Any]) -> tuple[FlowCase, dict[str, Any]]:
    """The same flow where every step that has a fallback needs it: its own tool is one that always fails."""
    failing = tuple(replace(tool, name=f"{tool.name}_failing", behaviour="fails") for tool in case.tools)
    steps = [
        step | {"tool_name": f"{step['tool_name']}_failing", "decision_candidates": None}
        if step.get("on_error", "").startswith("fallback:")
        else step
        for step in flow["steps"]
    ]
    changed = flow | {"steps": steps}
    return replace(case, flow=changed, tools=(*case.tools, *failing)), changed


def _with_tools_chosen(flow: dict[str, Any]) -> list[dict[str, Any]]:
    """The same flow for each candidate that one of its decisions can choose."""
    flows = []
    for number, step in enumerate(flow["steps"]):
        for name in step.get("decision_candidates", ()):
            flows.append(json.loads(json.dumps(flow)))
            flows[-1]["steps"][number]["tool_name"] = name
            del flows[-1]["steps"][number]["decision_candidates"]
    return flows


def _with_fallbacks_alone(flow: dict[str, Any]) -> dict[str, Any]:
    """The same flow with fallbacks in their tools' places: the reference checks no contract after a fallback."""
    steps = [
        step
        | {"tool_name": step["on_error"].removeprefix("fallback:"), "on_error": "fail", "decision_candidates": None}
        if step.get("on_error", "").startswith("fallback:")
        else step
        for step in flow["steps"]
    ]
    return flow | {"steps": steps}


def _decided_otherwise(flow: dict[str, Any]) -> list[dict[str, Any]]:
    """The same flow for each way in which predicates over the context can turn out: values are the tools' to choose."""
    written = [branch["predicate"] for step in flow["steps"] for branch in step.get("branches", ())]
    choices = [(text,) if text in DECIDED else (text, *DECIDED) for text in written]
    flows = []
    for texts in islice(product(*choices), 3**5):
        flows.append(json.loads(json.dumps(flow)))
        branches = [branch for step in flows[-1]["steps"] for branch in step.get("branches", ())]
        for branch, text in zip(branches, texts, strict=True):
            branch["predicate"] = text
    return flows
