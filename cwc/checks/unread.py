"""Which inputs and outputs does nobody read? Only where the flow says what it is to end with can that be told."""

from __future__ import annotations

from cwc.checks.finding import StepFinding
from cwc.diagnostics.model import Pointer, Report, define
from cwc.plan.interface import FlowSpec
from cwc.plan.model import Hole, Plan, Read, StepPlan
from cwc.plan.tools import ToolSpec
from cwc.plan.values import FromStep, Value

UNREAD_INPUT = define("CWC430", "unread_input", "note", "No step reads an input of the flow")
UNREAD_OUTPUT = define("CWC431", "unread_output", "note", "Nothing reads a key that a step writes")


def check_unread(plan: Plan, report: Report) -> None:
    """A flow without an output schema gives its whole context, so that every output of a step counts as read.

    Nothing is said of a flow that gives its whole context to another one.
    """
    if plan.holes:
        return
    if any(isinstance(step.tool, FlowSpec) and step.arguments is None for step in plan.steps):
        return
    read = {key for step in plan.steps for key in _keys_read(step)} | _asked_for(plan)
    _check_inputs(plan, read, report)
    if plan.output_model is not None:
        _check_outputs(plan, report)


def _keys_read(step: StepPlan) -> set[str]:
    return _keys_taken(step) | (set(step.choice.reads) if step.choice else set())


def _keys_taken(step: StepPlan) -> set[str]:
    if step.arguments is not None:
        sources = [argument.source for argument in step.arguments]
        return {_key(source.value) for source in sources if isinstance(source, Read)}
    tools = [tool for tool in step.tools if isinstance(tool, ToolSpec)]
    if any(tool.input.extra == "allow" or tool.input.open_input for tool in tools):
        return set(step.at_call.values)
    return {key for tool in tools for spec in tool.input.fields for key in spec.keys}


def _key(value: Value | Hole) -> str:
    return value.key if isinstance(value, Value) else value.name


def _asked_for(plan: Plan) -> set[str]:
    models = (plan.output_model, plan.context_model)
    return {key for model in models if model is not None for spec in model.fields for key in spec.keys}


def _check_inputs(plan: Plan, read: set[str], report: Report) -> None:
    model = plan.input_model
    for spec in model.fields if model is not None else ():
        if read.isdisjoint(spec.keys):
            StepFinding(plan, report).add(
                UNREAD_INPUT,
                f"no step reads the input {spec.keys[0]!r}",
                plan.label(Pointer(("input_schema_ref",))),
                field=spec.name,
            )


def _check_outputs(plan: Plan, report: Report) -> None:
    """A version of a key is read by the steps after its write, up to the next write, or at the end."""
    final, used = _asked_for(plan), _versions_read(plan)
    last = {(value.key, value.version) for value in plan.final.values}
    for step in (step for level in plan.levels if level.folded is None for step in level.steps):
        for write in step.writes:
            version = (write.key, write.value.version)
            if version not in used and not (version in last and write.key in final):
                StepFinding(plan, report, step).add(
                    UNREAD_OUTPUT,
                    f"nothing reads the key {write.key!r} that {step.title} writes",
                    plan.label(write.pointer),
                    field=write.key,
                    help=("leave it out of the context with an output_mapping that does not name it",),
                )


def _versions_read(plan: Plan) -> set[tuple[str, int]]:
    """The versions of keys that steps read, those that stand behind an optional write included."""
    behind: list[Value] = [value for level in plan.levels if level.folded for value in level.folded.values]
    for step in plan.steps:
        behind += [value for key in _keys_taken(step) if (value := step.at_call.get(key)) is not None]
        behind += [value for value in (step.choice.reads.values() if step.choice else ()) if isinstance(value, Value)]
    found: set[tuple[str, int]] = set()
    for start in behind:
        here: Value | None = start
        while here is not None:
            found.add((here.key, here.version))
            here = here.origin.previous if isinstance(here.origin, FromStep) else None
    return found
