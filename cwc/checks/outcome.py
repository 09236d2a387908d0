"""Does the flow end with what its output schema asks for? And which names are easily misread?"""

from __future__ import annotations

from cwc.checks.finding import StepFinding
from cwc.checks.types import Passed, Taker, TypeFinding
from cwc.diagnostics.model import Pointer, Report, define
from cwc.language.pointers import KeyLookup, read_mapping_value
from cwc.plan.flow_types import type_of
from cwc.plan.model import Plan

OUTPUT_GAP = define(
    "CWC408", "output_schema_gap", "error", "The flow ends without a key that its output schema requires"
)
SHADOWED = define(
    "CWC409", "shadowed_key", "warning", "An input is filled from another key than the one of its own name"
)

OUTPUT_MISMATCH = define(
    "CWC444", "output_type_mismatch", "error", "The flow ends with a value that its output schema does not take"
)


def check_output_schema(plan: Plan, report: Report) -> None:
    """The final context must hold every field that the output and context schemas require."""
    for field, model in (("output_schema_ref", plan.output_model), ("context_schema_ref", plan.context_model)):
        if model is None or model.open_input:
            continue
        finding = StepFinding(plan, report)
        for spec in model.fields:
            held = [plan.final_context.get(key) for key in spec.keys]
            is_sure = any(value is not None and value.presence == "sure" for value in held)
            if not spec.required or is_sure or plan.final_context.hides(*spec.keys):
                continue
            unknown = plan.final_context.unknown_keys == "maybe" or plan.input_model is None
            possible = unknown or any(value is not None for value in held)
            finding.add(
                OUTPUT_GAP,
                f"{model.name!r} requires {spec.keys[0]!r}, which "
                + ("may be missing when the flow ends" if possible else "the flow never produces"),
                finding.label(Pointer((field,))),
                field=spec.name,
                severity="note" if possible else "error",
            )


def check_output_types(plan: Plan, report: Report) -> None:
    """What is in the final context must be what the output and context schemas take."""
    for field, model in (("output_schema_ref", plan.output_model), ("context_schema_ref", plan.context_model)):
        if model is None:
            continue
        for spec in model.fields:
            held = [value for key in spec.keys if (value := plan.final_context.get(key)) is not None]
            for value in held if len(held) == 1 else ():
                shown = f"{value.key!r}, with which the flow ends,"
                place = plan.label(Pointer((field,)))
                passed = Passed(value.key, shown, type_of(plan, value)[0], place, value.writer)
                TypeFinding(StepFinding(plan, report), Taker(f"{model.name!r}", model, mismatch=OUTPUT_MISMATCH)).check(
                    passed
                )


def check_shadowing(plan: Plan, report: Report) -> None:
    """An input filled from another key although the context has one of the input's own name."""
    for step in plan.steps:
        finding = StepFinding(plan, report, step)
        for argument in step.arguments or ():
            match read_mapping_value(argument.lookup):
                case KeyLookup(key) if key != argument.target and step.before.get(argument.target) is not None:
                    finding.add(
                        SHADOWED,
                        f"input {argument.target!r} is filled from {key!r}, though the context has {argument.target!r}",
                        finding.label(argument.pointer),
                        field=argument.target,
                    )
                case _:
                    pass
