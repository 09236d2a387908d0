"""Could a tool change a value that the context still holds? Only if it gets that very object, and it can change."""

from __future__ import annotations

from cwc.plan.model import Argument, Constant
from cwc.plan.tools import FieldSpec, ModelSpec, ToolSpec


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
    """Whether a mapped input could reach one of the tools by reference and be changed by it."""
    if isinstance(argument.source, Constant):
        return False
    return not all(isolates(tool.input, tool.input.field(argument.target)) for tool in tools)
