"""What the build says of a flow, against ChainWeaver's check, by (step, tool, field, slug); differences have names."""

from __future__ import annotations

from typing import Any

from chainweaver.compiler import compile_flow as reference_check
from chainweaver.serialization import flow_from_dict
from hypothesis import event, given
from hypothesis import strategies as st

from cwc.diagnostics.model import Severity
from tests.differential.reference import reported, schemas_of, tools_of
from tests.strategies import FlowCase, linear_flows

SHARED = {
    "missing_mapping_key", "unknown_target_key", "missing_required_input", "unknown_output_key", "output_schema_gap",
    "context_collision", "shadowed_key", "fallback_unknown_target_key", "fallback_missing_required_input",
    "fallback_output_missing_mapped_key", "missing_tool", "missing_fallback_tool",
}  # fmt: skip
"""The slugs that both have. Types are the reference's alone for now."""

DOUBTED = {
    "missing_mapping_key", "unknown_output_key", "missing_required_input", "fallback_missing_required_input",
    "fallback_output_missing_mapped_key",
}  # fmt: skip
"""What an open output may hold after all."""

LACKING = {"missing_required_input", "fallback_missing_required_input"}

Finding = tuple[int | None, str | None, str | None, str]


@given(linear_flows(closed=True))
def test_the_same_findings(case: FlowCase) -> None:
    with schemas_of(case) as flow:
        ours = _ours(case, flow)
        theirs = _theirs(case, flow)
        agreed = ours.keys() & theirs
        for finding in ours.keys() ^ theirs:
            name = _difference(finding, ours.get(finding), case, flow) or _consequence(finding, agreed)
            assert name, (
                finding,
                "only ours" if finding in ours else "only theirs",
                sorted(map(str, ours.keys() | theirs)),
            )
            event(name)
        for finding in agreed:
            event(f"both: {finding[3]}")


@given(linear_flows(closed=True), st.sets(st.integers(0, 5)))
def test_inputs_that_callers_have_to_pass(case: FlowCase, mapped: set[int]) -> None:
    """Without an input schema a tool that takes the whole context may lack an input: an error there, a warning here."""
    if any(tool.output_extra == "allow" for tool in case.tools):
        return
    with schemas_of(case) as flow:
        flow.pop("input_schema_ref", None)
        flow["steps"] = [
            step if index in mapped else {**step, "input_mapping": {}} for index, step in enumerate(flow["steps"])
        ]
        theirs = _theirs(case, flow)
        ours = {finding: severity for finding, severity in _ours(case, flow).items() if finding[3] in LACKING}
        taken = {found.field for found in reported(case, flow) if found.slug == "undeclared_input"}
        for finding in {each for each in theirs if each[3] in LACKING} ^ ours.keys():
            told_before = finding[2] in taken and finding not in ours
            assert told_before or ours.get(finding) == "note" or _consequence(finding, theirs), finding
        for step, tool, field, slug in ours.keys() & theirs:
            severity = ours[step, tool, field, slug]
            assert step is not None
            assert severity == "warning" or flow["steps"][step].get("input_mapping"), (step, tool, field, slug)
            event(severity)


def _ours(case: FlowCase, flow: dict[str, Any]) -> dict[Finding, Severity]:
    end = len(flow["steps"])
    return {
        (
            end if found.step_index is None else found.step_index,
            found.tool or flow["name"],
            found.field,
            found.slug,
        ): found.severity or found.definition.severity
        for found in reported(case, flow)
        if found.slug in SHARED
    }


def _theirs(case: FlowCase, flow: dict[str, Any]) -> set[Finding]:
    tools: Any = {tool.name: tool for tool in tools_of(case)}
    result = reference_check(flow_from_dict(flow), tools)
    issues: list[Any] = [*result.errors, *result.warnings]
    return {
        (issue.step_index, issue.tool_name, issue.field_name, issue.issue_type)
        for issue in issues
        if issue.issue_type in SHARED
    }


def _difference(finding: Finding, severity: Severity | None, case: FlowCase, flow: dict[str, Any]) -> str | None:
    """Why only one of the two reports a finding, or None if there is no reason; it has a severity if it is ours."""
    step, _, _, slug = finding
    is_ours = severity is not None
    opened = any(tool.output_extra == "allow" for tool in case.tools)
    if opened and not is_ours and slug in DOUBTED:
        return "an open output may hold any key: a note here, an error there"
    if opened and slug in ("context_collision", "shadowed_key", "output_schema_gap"):
        return "an open output may hold any key"
    if severity == "note" and slug == "missing_required_input":
        return "an input that may be missing: a note here, nothing there"
    before = flow["steps"][: step + 1] if step is not None else []
    fell_back = any(str(entry.get("on_error")).startswith("fallback:") for entry in before)
    if is_ours and fell_back and slug in ("context_collision", "shadowed_key"):
        return "a fallback's outputs may be there"
    if not is_ours and fell_back and slug == "missing_mapping_key":
        return "a key that only a fallback gives: a note here, an error there"
    if slug == "output_schema_gap" and is_ours:
        return "the context schema, and keys that may be missing, are checked too"
    if slug == "output_schema_gap":
        return "only required fields of the output schema are asked for"
    return None


def _consequence(finding: Finding, agreed: set[Finding]) -> str | None:
    """A flow that both reject for an output that does not exist: the reference goes on without the key, cwc with it."""
    if any(slug == "unknown_output_key" for _, _, _, slug in agreed):
        return "the context after an output that does not exist"
    return None


def test_tools_that_are_not_there() -> None:
    steps = [{"tool_name": "none", "on_error": "fallback:neither"}, {"tool_name": "none"}]
    flow: dict[str, Any] = {"type": "Flow", "name": "flow", "version": "1.0", "description": "", "steps": steps}
    case = FlowCase(flow=flow, tools=(), inputs=())
    with schemas_of(case) as given_flow:
        theirs = _theirs(case, given_flow)
        assert theirs == {(0, "none", None, "missing_tool"), (1, "none", None, "missing_tool")}
        assert theirs <= _ours(case, given_flow).keys()
