"""Does every input that a step reads exist, and does the tool take it? Does every output that it maps exist?"""

from __future__ import annotations

from difflib import get_close_matches

from pydantic import BaseModel

from cwc.checks.constants import NO_TEXT, literal_number
from cwc.checks.finding import StepFinding
from cwc.checks.later import Later, written_later
from cwc.diagnostics.model import Edit, Label, Pointer, Report, Severity, define
from cwc.plan.model import Argument, Hole, Plan, Read, Skip, StepPlan
from cwc.plan.tools import ToolSpec
from cwc.plan.types.model import Record
from cwc.plan.values import FromStep, InBase, Value
from cwc.syntax.correcting import respelled, surely_meant

MISSING_KEY = define("CWC401", "missing_mapping_key", "error", "A step reads a context key that is never there")
UNKNOWN_TARGET = define("CWC402", "unknown_target_key", "error", "A step fills an input that its tool does not have")
MISSING_INPUT = define("CWC403", "missing_required_input", "error", "A step leaves out an input that its tool requires")
UNKNOWN_OUTPUT = define("CWC404", "unknown_output_key", "error", "A step maps an output that its tool does not give")
UNCHECKED_OUTPUT = define("CWC407", "unchecked_output_key", "note", "A mapped output may be missing at run time")
UNDECLARED_INPUT = define("CWC405", "undeclared_input", "warning", "A key that no step writes is taken for an input")
MAYBE_MISSING = define("CWC406", "maybe_missing_key", "note", "A step reads a context key that may be missing")


def check_bindings(plan: Plan, report: Report) -> None:
    for key, label in plan.undeclared_inputs:
        later = _later_than(label, key, plan)
        StepFinding(plan, report).add(
            UNDECLARED_INPUT,
            f"no step before this one writes {key!r}, so it is taken for an input of the flow",
            label,
            field=key,
            related=(later.label,) if later else (),
            help=(
                *(_of(later) or literal_number(key) or ((NO_TEXT,) if not key.isidentifier() else ())),
                f"declare {key!r} in a model and name that in input_schema_ref",
            ),
        )
    for step in plan.steps:
        finding = StepFinding(plan, report, step)
        for argument in step.arguments or ():
            _check_source(step, argument, finding)
        for tool in step.own_tools:
            if isinstance(tool, ToolSpec):
                _check_targets(step, tool, finding)
                _check_outputs(step, tool, finding)


def _check_source(step: StepPlan, argument: Argument, finding: StepFinding) -> None:
    match argument.source:
        case Read(Hole(key)) if not step.before.hides(key):
            later = written_later(key, step, finding.plan)
            help = _of(later) or _suggestions(key, step, finding.plan)
            finding.add(
                MISSING_KEY,
                f"key {key!r} is not there yet" if later else f"key {key!r} is never produced",
                finding.label(argument.pointer, "no step before this one writes it"),
                field=str(argument.lookup),
                related=(later.label,) if later else (),
                help=help or literal_number(key),
                general=() if help or literal_number(key) else (NO_TEXT,),
                fix=() if later else _fix(argument, key, step, finding),
            )
        case Read(Value(presence="maybe") as value):
            finding.add(
                MAYBE_MISSING,
                f"key {value.key!r} may be missing here; the step then fails with InputMappingError",
                finding.label(argument.pointer, _why_missing(value, finding.plan)),
                field=str(argument.lookup),
            )
        case _:
            pass


def _later_than(label: Label, key: str, plan: Plan) -> Later | None:
    """As `written_later`, of the step in which a label is."""
    for step in plan.steps:
        if isinstance(label.at, Pointer) and label.at.tokens[:2] == step.pointer.tokens:
            return written_later(key, step, plan)
    return None


def _of(later: Later | None) -> tuple[str, ...]:
    return () if later is None else (later.help,)


def _why_missing(value: Value, plan: Plan) -> str:
    """Where a key comes from that may be missing."""
    match value.origin:
        case FromStep(index):
            step = plan.step(index)
            may = "may be skipped" if isinstance(step.on_error, Skip) else "may not have written it"
            return f"{step.title} {may}"
        case InBase(0) if value.key in plan.dynamic_params:
            return "a dynamic parameter, which callers may leave out"
        case InBase(0):
            return "callers may leave it out: defaults of the input schema are not filled in"
        case _:
            return ""


def _fix(argument: Argument, key: str, step: StepPlan, finding: StepFinding) -> tuple[Edit, ...]:
    """The edit that puts the key that surely was meant into a lookup, plain or the first token of a pointer."""
    meant = surely_meant(key, step.before.values)
    lookup = str(argument.lookup)
    if meant is None or (meant.startswith("/") and not lookup.startswith("/")):
        return ()
    new = meant
    if lookup.startswith("/"):
        _, slash, rest = lookup[1:].partition("/")
        new = f"{Pointer((meant,))}{slash}{rest}"
    return respelled(finding.report, finding.label(argument.pointer), lookup, new)


def _check_targets(step: StepPlan, tool: ToolSpec, finding: StepFinding) -> None:
    if step.arguments is None:
        _check_whole_context(step, tool, finding)
        return
    targets = {argument.target for argument in step.arguments}
    model = tool.input
    for argument in step.arguments:
        if model.field(argument.target) is None and not model.open_input:
            refused = model.extra == "forbid"
            close = get_close_matches(argument.target, [spec.name for spec in model.fields], n=1)
            finding.add(
                UNKNOWN_TARGET,
                f"tool {tool.name!r} has no input {argument.target!r}" + ("" if refused else "; it ignores the value"),
                finding.label(argument.pointer.at_key()),
                field=argument.target,
                help=(*(f"did you mean {each!r}?" for each in close), *_in_one(tool, argument.target)),
                fix=finding.corrected(
                    argument.pointer.at_key(),
                    argument.target,
                    [spec.name for spec in model.fields if spec.name in spec.keys and targets.isdisjoint(spec.keys)],
                ),
                severity="error" if refused and step.on_error is None else "warning",
            )
    for spec in model.fields:
        if spec.required and not model.open_input and targets.isdisjoint(spec.keys):
            finding.add(
                MISSING_INPUT,
                f"tool {tool.name!r} requires the input {spec.keys[0]!r}",
                finding.label((step.pointer / "input_mapping").at_key(), "not filled here"),
                field=spec.name,
                help=(f"add `{spec.keys[0]}: <context key>` to the mapping", *_in_one(tool, *targets)),
                severity=_call_severity(step),
            )


def _check_whole_context(step: StepPlan, tool: ToolSpec, finding: StepFinding) -> None:
    """Without a mapping the tool takes its inputs from the context; with an open input it may find any key there."""
    if tool.input.open_input or step.before.base > 0:
        return
    for spec in tool.input.fields:
        missing = all(step.before.get(key) is None for key in spec.keys)
        if spec.required and missing and not step.before.hides(*spec.keys):
            later = written_later(spec.keys[0], step, finding.plan)
            finding.add(
                MISSING_INPUT,
                f"tool {tool.name!r} requires the input {spec.keys[0]!r}, and no step before this one writes that key",
                finding.label(step.pointer / "tool_name", "takes the whole context"),
                field=spec.name,
                related=(later.label,) if later else (),
                help=(
                    *_of(later),
                    *_suggestions(spec.keys[0], step, finding.plan),
                    *left_to_callers(spec.keys[0], finding.plan),
                    *_in_one(tool, *step.before.values),
                ),
                severity="warning" if finding.plan.input_model is None else _call_severity(step),
            )


def _in_one(tool: ToolSpec, *keys: str) -> tuple[str, ...]:
    """What helps whoever takes the fields of a tool's only input for its inputs, as those of a model would be."""
    names = [key for spec in tool.input.fields for key in spec.keys]
    taken = tool.input.input_type(names[0]) if len(names) == 1 else None
    if not isinstance(taken, Record) or (taken.cls is not None and issubclass(taken.cls, BaseModel)):
        return ()
    if not any(key in field.keys for field in taken.fields for key in keys):
        return ()
    name = names[0]
    return (f"{name!r} is one input, a whole {taken.name}: to have its fields as inputs, make it a pydantic model",)


def left_to_callers(key: str, plan: Plan) -> tuple[str, ...]:
    """What helps where a flow without an input schema leaves it to its callers to pass a key."""
    if plan.input_model is not None:
        return ()
    return (f"callers have to pass it: declare {key!r} in a model and name that in input_schema_ref",)


def _call_severity(step: StepPlan) -> Severity:
    """A call that always fails is an error, but of a step that goes on all the same."""
    return "error" if step.on_error is None else "warning"


def _check_outputs(step: StepPlan, tool: ToolSpec, finding: StepFinding) -> None:
    model = tool.output
    some_unknown = model.open_output or model.opaque_output
    for key, output_key in step.output_mapping or ():
        label_pointer = step.pointer / "output_mapping" / key
        label = finding.label(label_pointer)
        if output_key in model.dump_keys and not model.opaque_output:
            continue
        if some_unknown:
            finding.add(
                UNCHECKED_OUTPUT,
                f"tool {tool.name!r} may not give {output_key!r}; the run then ends with OutputMappingError",
                label,
                field=output_key,
            )
            continue
        close = get_close_matches(output_key, model.dump_keys, n=1)
        known = ", ".join(map(repr, model.dump_keys))
        help = f"did you mean {close[0]!r}?" if close else f"its outputs are {known or 'none'}"
        if key in model.dump_keys and not close:
            help = f"an output mapping is {{context key: output}}: write `{output_key}: {key}`"
        finding.add(
            UNKNOWN_OUTPUT,
            f"tool {tool.name!r} does not give {output_key!r}",
            label,
            field=output_key,
            help=(help,),
            fix=finding.corrected(label_pointer, output_key, model.dump_keys),
        )


def _suggestions(key: str, step: StepPlan, plan: Plan) -> tuple[str, ...]:
    """The key of the context that was perhaps meant, and who wrote it."""
    close = get_close_matches(key, step.before.values, n=1)
    if not close:
        return ()
    match step.before.values[close[0]].origin:
        case FromStep(index):
            writer = f"written by {plan.step(index).title}"
        case _:
            writer = "an input of the flow" if step.before.base == 0 else "written before"
    return (f"did you mean {close[0]!r}, {writer}?",)
