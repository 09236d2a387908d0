"""A step without a mapping passes the whole context: does what it calls refuse a key of it, or lack one?"""

from __future__ import annotations

from collections.abc import Iterator

from cwc.checks.bindings import MISSING_INPUT
from cwc.checks.finding import StepFinding
from cwc.diagnostics.model import Report, Severity, define
from cwc.plan.context import AbstractContext
from cwc.plan.interface import FlowSpec
from cwc.plan.model import Fallback, Plan, StepPlan
from cwc.plan.tools import ModelSpec, ToolSpec

REFUSED = define(
    "CWC446", "refused_context_key", "error", "A step passes the whole context to an input that refuses other keys"
)


def check_whole_contexts(plan: Plan, report: Report) -> None:
    for step in plan.steps:
        if step.arguments is None:
            finding = StepFinding(plan, report, step)
            for title, model, severity in _takers(step):
                _check_refused(step, title, model, severity, finding)
                _check_perhaps_missing(step, title, model, finding)


def _takers(step: StepPlan) -> Iterator[tuple[str, ModelSpec, Severity]]:
    """Who takes the inputs, and how much it weighs if they are refused."""
    for tool in step.own_tools:
        if isinstance(tool, ToolSpec):
            yield f"tool {tool.name!r}", tool.input, "error" if step.on_error is None else "warning"
    if isinstance(step.on_error, Fallback) and isinstance(step.on_error.tool, ToolSpec):
        yield f"fallback {step.on_error.tool.name!r}", step.on_error.tool.input, "error"
    if isinstance(step.tool, FlowSpec) and step.tool.input_model is not None:
        yield f"flow {step.tool.name!r}", step.tool.input_model, "error"


def _check_refused(step: StepPlan, title: str, model: ModelSpec, severity: Severity, finding: StepFinding) -> None:
    if model.extra != "forbid" or model.open_input:
        return
    others = {key: value for key, value in step.at_call.values.items() if model.field(key) is None}
    surely = [key for key, value in others.items() if value.presence == "sure"]
    if not surely and (step.at_call.blind or (not others and step.at_call.unknown_keys == "never")):
        return
    named = ", ".join(map(repr, surely or others)) or "keys that the flow does not declare"
    verb = "refuses" if surely else "would refuse"
    finding.add(
        REFUSED,
        f"{title} gets the whole context and {verb} {named}",
        finding.label(step.pointer / ("flow_name" if isinstance(step.tool, FlowSpec) else "tool_name")),
        field=next(iter(surely or others), None),
        help=("name the inputs that it takes in input_mapping",),
        severity=severity if surely else "note",
    )


def _check_perhaps_missing(step: StepPlan, title: str, model: ModelSpec, finding: StepFinding) -> None:
    """Of inputs that are never there other checks tell."""
    for spec in model.fields if finding.plan.input_model is not None and not model.open_input else ():
        if spec.required and not step.at_call.hides(*spec.keys) and _may_be_missing(step.at_call, spec.keys):
            finding.add(
                MISSING_INPUT,
                f"{title} requires the input {spec.keys[0]!r}, and that key may be missing here",
                finding.label(step.pointer / ("flow_name" if isinstance(step.tool, FlowSpec) else "tool_name")),
                field=spec.name,
                severity="note",
            )


def _may_be_missing(context: AbstractContext, keys: tuple[str, ...]) -> bool:
    held = [context.get(key) for key in keys]
    if any(value is not None and value.presence == "sure" for value in held):
        return False
    return any(value is not None for value in held) or context.base > 0
