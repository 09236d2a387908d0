"""Are the values that stand in the flow file itself taken by the inputs that they are for?"""

from __future__ import annotations

from cwc.checks.finding import StepFinding
from cwc.diagnostics.model import Report, Severity, define
from cwc.plan.interface import FlowSpec
from cwc.plan.literals import refusal_of
from cwc.plan.model import Argument, Constant, Fallback, Plan, StepPlan
from cwc.plan.tools import ModelSpec, ToolSpec

INVALID_LITERAL = define("CWC443", "invalid_literal", "error", "An input refuses a value that the flow file gives it")


def check_literals(plan: Plan, report: Report) -> None:
    for step in plan.steps:
        finding = StepFinding(plan, report, step)
        for argument in step.arguments or ():
            if isinstance(argument.source, Constant):
                _check(step, argument, argument.source.value, finding)


def _check(step: StepPlan, argument: Argument, value: object, finding: StepFinding) -> None:
    for title, model, severity in _takers(step):
        reason = refusal_of(model, argument.target, value)
        if reason is not None:
            finding.add(
                INVALID_LITERAL,
                f"{title} refuses this value for {argument.target!r}: {reason}",
                finding.label(argument.pointer),
                field=argument.target,
                severity=severity,
            )


def _takers(step: StepPlan) -> list[tuple[str, ModelSpec, Severity]]:
    """Who takes the inputs, and how much it weighs if a value is refused: nothing follows for a step that goes on."""
    own: Severity = "error" if step.on_error is None else "warning"
    found = [(f"tool {tool.name!r}", tool.input, own) for tool in step.own_tools if isinstance(tool, ToolSpec)]
    if isinstance(step.on_error, Fallback) and isinstance(step.on_error.tool, ToolSpec):
        found.append((f"fallback {step.on_error.tool.name!r}", step.on_error.tool.input, "error"))
    if isinstance(step.tool, FlowSpec) and step.tool.input_model is not None:
        found.append((f"flow {step.tool.name!r}", step.tool.input_model, "error"))
    return found
