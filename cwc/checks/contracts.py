"""Can a step's inputs and outputs meet the contracts that the step names?"""

from __future__ import annotations

from dataclasses import replace

from cwc.checks.finding import StepFinding
from cwc.checks.types import COERCION, NARROWING
from cwc.diagnostics.model import Report, define
from cwc.plan.flow_types import type_of, type_of_argument
from cwc.plan.model import Contract, Fallback, Plan, StepPlan
from cwc.plan.tools import ToolSpec
from cwc.plan.types.model import Record, RecordField, Type
from cwc.plan.types.relation import relate
from cwc.plan.types.words import describe

MISMATCH = define(
    "CWC445", "contract_mismatch", "error", "A contract refuses what a step takes or gives", by_types=True
)


def check_contracts(plan: Plan, report: Report) -> None:
    """A contract that is not met fails the step, whatever its on_error (SEMANTICS B 8.1)."""
    for step in plan.steps:
        finding = StepFinding(plan, report, step)
        if step.input_contract is not None:
            _check(step.input_contract, "input_contract", "the inputs", _inputs(plan, step), finding)
        for tool in step.tools if step.output_contract is not None else ():
            if isinstance(tool, ToolSpec) and step.output_contract is not None:
                role = "fallback" if isinstance(step.on_error, Fallback) and tool is step.on_error.tool else "tool"
                given = f"what {role} {tool.name!r} gives"
                _check(step.output_contract, "output_contract", given, tool.output.gives, finding)


def _inputs(plan: Plan, step: StepPlan) -> Type:
    """The mapping of a step's resolved inputs."""
    if step.arguments is not None:
        fields = tuple(RecordField((each.target,), type_of_argument(plan, each), True) for each in step.arguments)
        return Record("inputs", fields)
    context = step.at_call
    known = tuple(
        RecordField((key,), type_of(plan, value)[0], value.presence == "sure") for key, value in context.values.items()
    )
    closed = context.unknown_keys == "never" and not context.blind
    return Record("context", known, "ignore" if closed else "allow")


def _check(contract: Contract, setting: str, what: str, given: Type, finding: StepFinding) -> None:
    relation = relate(given, contract.model.takes)
    if relation.verdict == "fits":
        return
    assert finding.step is not None
    name, refused = contract.model.name, str(relation)
    definition, message = {
        "mismatch": (MISMATCH, f"contract {name!r} refuses {what}: it would refuse {refused}"),
        "narrows": (NARROWING, f"contract {name!r} takes only a part of {what}: it would refuse {refused}"),
        "coerces": (COERCION, f"contract {name!r} takes {what} in another class: {refused}"),
    }[relation.verdict]
    label = finding.label(finding.step.pointer / setting)
    finding.add(definition, message, replace(label, message=f"takes `{describe(contract.model.takes)}`"), field=setting)
