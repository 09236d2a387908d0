"""Can a step's fallback take the step's inputs, and does it give what the step's output mapping names?"""

from __future__ import annotations

from difflib import get_close_matches

from cwc.checks.bindings import UNCHECKED_OUTPUT, left_to_callers
from cwc.checks.finding import StepFinding
from cwc.diagnostics.model import Label, Report, define
from cwc.plan.model import Fallback, Plan, StepPlan
from cwc.plan.tools import ToolSpec
from cwc.plan.types.relation import relate
from cwc.plan.types.words import describe

UNKNOWN_TARGET = define(
    "CWC420", "fallback_unknown_target_key", "error", "A step fills an input that its fallback does not have"
)
MISSING_INPUT = define(
    "CWC421", "fallback_missing_required_input", "error", "A step leaves out an input that its fallback requires"
)
MISSING_OUTPUT = define(
    "CWC422", "fallback_output_missing_mapped_key", "error", "A step maps an output that its fallback does not give"
)
DIVERGENCE = define(
    "CWC425", "fallback_output_shape_divergence", "warning", "A fallback does not give all that its step's tool gives"
)
OUTPUT_TYPE = define(
    "CWC424", "fallback_output_type_mismatch", "warning", "A fallback gives an output of another type than the tool"
)


def check_fallbacks(plan: Plan, report: Report) -> None:
    for step in plan.steps:
        if isinstance(step.on_error, Fallback) and isinstance(step.on_error.tool, ToolSpec):
            finding = StepFinding(plan, report, step, step.on_error.tool.name)
            _check_inputs(step, step.on_error.tool, finding)
            _check_outputs(step, step.on_error.tool, finding)
            if isinstance(step.tool, ToolSpec):
                _compare_outputs(step, step.tool, step.on_error.tool, finding)
            _check_shape(step, step.on_error.tool, finding)


def _check_inputs(step: StepPlan, fallback: ToolSpec, finding: StepFinding) -> None:
    model = fallback.input
    if model.open_input:
        return
    if step.arguments is None:
        _check_whole_context(step, fallback, finding)
        return
    for argument in step.arguments:
        if model.field(argument.target) is None:
            refused = model.extra == "forbid"
            finding.add(
                UNKNOWN_TARGET,
                f"fallback {fallback.name!r} has no input {argument.target!r}"
                + ("" if refused else "; it ignores the value"),
                finding.label(argument.pointer.at_key()),
                field=argument.target,
                related=(_setting(step, finding, "the fallback"),),
                severity="error" if refused else "warning",
            )
    targets = {argument.target for argument in step.arguments}
    for spec in model.fields:
        if spec.required and targets.isdisjoint(spec.keys):
            finding.add(
                MISSING_INPUT,
                f"fallback {fallback.name!r} requires the input {spec.keys[0]!r}",
                _setting(step, finding, "gets the step's inputs"),
                field=spec.name,
                related=(finding.label((step.pointer / "input_mapping").at_key(), "not filled here"),),
            )


def _check_whole_context(step: StepPlan, fallback: ToolSpec, finding: StepFinding) -> None:
    """Without a mapping the fallback takes its inputs from the context, as the step's tool does."""
    if step.before.base > 0:
        return
    for spec in fallback.input.fields:
        missing = all(step.before.get(key) is None for key in spec.keys)
        if spec.required and missing and not step.before.hides(*spec.keys):
            finding.add(
                MISSING_INPUT,
                f"fallback {fallback.name!r} requires the input {spec.keys[0]!r}, and nothing before writes that key",
                _setting(step, finding, "takes the whole context"),
                field=spec.name,
                help=left_to_callers(spec.keys[0], finding.plan),
                severity="warning" if finding.plan.input_model is None else None,
            )


def _check_outputs(step: StepPlan, fallback: ToolSpec, finding: StepFinding) -> None:
    model = fallback.output
    some_unknown = model.open_output or model.opaque_output
    for key, output_key in step.output_mapping or ():
        if output_key in model.dump_keys and not model.opaque_output:
            continue
        if some_unknown:
            finding.add(
                UNCHECKED_OUTPUT,
                f"fallback {fallback.name!r} may not give {output_key!r}; the run then ends with OutputMappingError",
                finding.label(step.pointer / "output_mapping" / key),
                field=output_key,
                related=(_setting(step, finding, "the fallback"),),
            )
        else:
            close = get_close_matches(output_key, model.dump_keys, n=1)
            finding.add(
                MISSING_OUTPUT,
                f"fallback {fallback.name!r} does not give {output_key!r}",
                finding.label(step.pointer / "output_mapping" / key),
                field=output_key,
                related=(_setting(step, finding, "the fallback"),),
                help=(f"did you mean {close[0]!r}?",) if close else (),
            )


def _check_shape(step: StepPlan, fallback: ToolSpec, finding: StepFinding) -> None:
    """Without an output mapping the keys that a step leaves depend on which of the two has run (SEMANTICS B 3.4)."""
    model = fallback.output
    if step.output_mapping is not None or model.open_output or model.opaque_output:
        return
    tools = [tool for tool in step.own_tools if isinstance(tool, ToolSpec) and not tool.output.opaque_output]
    for key in dict.fromkeys(key for tool in tools for key in tool.output.dump_keys):
        if key not in model.dump_keys:
            finding.add(
                DIVERGENCE,
                f"fallback {fallback.name!r} does not give {key!r}, so that the key may be missing after this step",
                _setting(step, finding, "the fallback"),
                field=key,
                help=("map the outputs that both give in output_mapping, or give the fallback this one too",),
            )


def _compare_outputs(step: StepPlan, tool: ToolSpec, fallback: ToolSpec, finding: StepFinding) -> None:
    """The types of outputs should not depend on which of the two ran (SEMANTICS B 3.4)."""
    if tool.output.opaque_output or fallback.output.opaque_output:
        return
    mapping = None if step.output_mapping is None else dict.fromkeys(key for _, key in step.output_mapping)
    for key in tool.output.dump_keys if mapping is None else mapping:
        if key in fallback.output.dump_keys:
            _compare_types(step, key, tool, fallback, finding)


def _compare_types(step: StepPlan, key: str, tool: ToolSpec, fallback: ToolSpec, finding: StepFinding) -> None:
    given, expected = fallback.output.output_type(key), tool.output.output_type(key)
    if relate(given, expected).verdict in ("mismatch", "narrows"):
        finding.add(
            OUTPUT_TYPE,
            f"fallback {fallback.name!r} gives `{describe(given)}` for {key!r}, and tool {tool.name!r} "
            f"`{describe(expected)}`",
            _setting(step, finding, f"{key!r} is then `{describe(given)}`"),
            field=key,
        )


def _setting(step: StepPlan, finding: StepFinding, message: str) -> Label:
    return finding.label(step.pointer / "on_error", message)
