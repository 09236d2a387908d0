"""The types of a flow's output, as far as a type checker can use them."""

from __future__ import annotations

from dataclasses import dataclass

from cwc.emit.code import Code
from cwc.plan.model import Plan
from cwc.plan.tools import ModelSpec, ToolSpec
from cwc.plan.values import FromStep, Value

_SCALARS = tuple(map(Code, ("bool", "int", "float", "str", "bytes")))


@dataclass(frozen=True, slots=True)
class OutputField:
    """One key of the final context and its type; keys that only may be there are left out of the type."""

    key: str
    type: Code


def output_fields(plan: Plan) -> list[OutputField]:
    """The keys that a successful run surely gives, with scalar types where the producer declares one."""
    return [
        OutputField(key, _type_of(plan, value))
        for key, value in plan.final_context.values.items()
        if value.presence == "sure"
    ]


def _type_of(plan: Plan, value: Value) -> Code:
    if isinstance(value.origin, FromStep) and value.origin.previous is None:
        tool = plan.step(value.origin.step).tool
        if isinstance(tool, ToolSpec):
            return _field_type(tool.output, value.origin.output_key)
    return Code("Any")


def _field_type(model: ModelSpec, key: str) -> Code:
    for spec in model.fields:
        if spec.dumped == key:
            return next((code for code in _SCALARS if spec.scalar == code), Code("Any"))
    return Code("Any")
