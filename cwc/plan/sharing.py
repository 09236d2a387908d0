"""Could a tool change a value that the context still holds? Only if it gets that very object, and it can change."""

from __future__ import annotations

from dataclasses import replace

from cwc.plan.flow_types import type_of
from cwc.plan.interface import FlowSpec
from cwc.plan.model import Argument, Constant, Plan, Read, StepPlan
from cwc.plan.tools import FieldSpec, ModelSpec, ToolSpec
from cwc.plan.types.rebuilding import rebuilds, rebuilds_data
from cwc.plan.values import FromStep, Value


def isolates(model: ModelSpec, spec: FieldSpec | None) -> bool:
    """Whether validating a field gives the tool an object of its own, or one that cannot change.

    False where it cannot be told: ``Any``, arbitrary types, model instances, fields with validators of their own.
    """
    if spec is None:
        return model.extra != "allow"
    return spec.isolated and not model.open_input


def isolates_all(model: ModelSpec) -> bool:
    """Whether validating a whole mapping does so."""
    return model.extra != "allow" and all(isolates(model, spec) for spec in model.fields)


def must_detach(argument: Argument, tools: list[ToolSpec]) -> bool:
    """Whether a mapped input could reach one of the tools by reference and be changed by it, whatever it is."""
    if isinstance(argument.source, Constant):
        return False
    return not all(isolates(tool.input, tool.input.field(argument.target)) for tool in tools)


def without_needless_copies(plan: Plan) -> Plan:
    """A plan in which no input is detached, or not if it is data, that types show to be rebuilt."""
    levels = tuple(replace(level, steps=tuple(_shared(plan, step) for step in level.steps)) for level in plan.levels)
    return replace(plan, levels=levels)


def _shared(plan: Plan, step: StepPlan) -> StepPlan:
    if not any(argument.detach for argument in step.arguments or ()):
        return step
    return replace(step, arguments=tuple(_copied(plan, step, argument) for argument in step.arguments or ()))


def _copied(plan: Plan, step: StepPlan, argument: Argument) -> Argument:
    if not argument.detach:
        return argument
    if _is_rebuilt(plan, step, argument):
        return replace(argument, detach=False)
    models = [tool.input for tool in step.tools if isinstance(tool, ToolSpec)]
    rebuilt = all(not model.open_input and rebuilds_data(model.input_type(argument.target)) for model in models)
    return replace(argument, unless_data=rebuilt)


def _is_rebuilt(plan: Plan, step: StepPlan, argument: Argument) -> bool:
    match argument.source:
        case Read(Value() as value, tokens) if _is_dumped(plan, value):
            given, _ = type_of(plan, value, tokens)
            models = [tool.input for tool in step.tools if isinstance(tool, ToolSpec)]
            return all(not model.open_input and rebuilds(given, model.input_type(argument.target)) for model in models)
    return False


def _is_dumped(plan: Plan, value: Value) -> bool:
    """Whether a value is what a tool's output was dumped to, whichever step it comes from."""
    while isinstance(value.origin, FromStep) and not isinstance(plan.step(value.origin.step).tool, FlowSpec):
        if value.origin.previous is None:
            return True
        value = value.origin.previous
    return False
