"""Does a flow that a step runs get what it needs, and give what the step takes from it?"""

from __future__ import annotations

from difflib import get_close_matches

from cwc.checks.bindings import left_to_callers
from cwc.checks.finding import StepFinding
from cwc.diagnostics.model import Report, define
from cwc.plan.interface import FlowSpec
from cwc.plan.model import Plan, StepPlan

IGNORED = define("CWC330", "ignored_on_subflow", "warning", "A setting means nothing on a step that runs a flow")
UNKNOWN_TARGET = define("CWC331", "subflow_unknown_input", "error", "A step gives a flow an input that it refuses")
MISSING_INPUT = define("CWC332", "subflow_missing_input", "error", "A step leaves out an input that its flow requires")
UNKNOWN_OUTPUT = define(
    "CWC333", "subflow_unknown_output", "error", "A step maps a key that its flow does not end with"
)


def check_subflows(plan: Plan, report: Report) -> None:
    for step in plan.steps:
        if isinstance(step.tool, FlowSpec):
            finding = StepFinding(plan, report, step)
            _check_ignored(step, finding)
            _check_inputs(step, step.tool, finding)
            _check_outputs(step, step.tool, finding)


def _check_ignored(step: StepPlan, finding: StepFinding) -> None:
    for field in step.ignored:
        finding.add(
            IGNORED,
            f"{field!r} means nothing on a step that runs a flow",
            finding.label((step.pointer / field).at_key()),
            field=field,
            help=(f"set {field!r} on the steps of flow {step.tool.name!r}",),
        )


def _check_inputs(step: StepPlan, flow: FlowSpec, finding: StepFinding) -> None:
    if step.arguments is None:
        given = step.at_call
        lacking = [key for key in flow.required if given.get(key) is None and not given.hides(key)]
        if given.base > 0:
            lacking = []
    else:
        targets = {argument.target for argument in step.arguments} | set(finding.plan.dynamic_params)
        lacking = [key for key in flow.required if key not in targets]
        for argument in step.arguments if flow.refuses_extras else ():
            if argument.target not in flow.inputs:
                close = get_close_matches(argument.target, flow.inputs, n=1)
                finding.add(
                    UNKNOWN_TARGET,
                    f"flow {flow.name!r} takes no input {argument.target!r}",
                    finding.label(argument.pointer.at_key()),
                    field=argument.target,
                    help=(f"did you mean {close[0]!r}?",) if close else (),
                    fix=finding.corrected(
                        argument.pointer.at_key(), argument.target, [key for key in flow.inputs if key not in targets]
                    ),
                )
    opened = step.arguments is None and finding.plan.input_model is None
    for key in lacking:
        mapped = (f"add `{key}: <context key>` to the input mapping",)
        finding.add(
            MISSING_INPUT,
            f"flow {flow.name!r} requires the input {key!r}",
            finding.label(step.pointer / "flow_name"),
            field=key,
            help=left_to_callers(key, finding.plan) if opened else mapped,
            severity="warning" if opened else None,
        )


def _check_outputs(step: StepPlan, flow: FlowSpec, finding: StepFinding) -> None:
    shape = step.shape
    for key, output_key in step.output_mapping or ():
        if shape is None or not shape.lacks(output_key):
            continue
        close = get_close_matches(output_key, shape.keys, n=1)
        finding.add(
            UNKNOWN_OUTPUT,
            f"flow {flow.name!r} does not end with the key {output_key!r}",
            finding.label(step.pointer / "output_mapping" / key),
            field=output_key,
            help=(f"did you mean {close[0]!r}?",) if close else (),
            fix=finding.corrected(step.pointer / "output_mapping" / key, output_key, shape.keys),
        )
