"""Steps that may call their tool's function with their inputs as they are: validating them would change nothing."""

from __future__ import annotations

import keyword
from collections.abc import Mapping

from cwc.plan.model import StepPlan
from cwc.plan.tools import ModelSpec, ToolSpec
from cwc.plan.types.model import Scalar, ScalarName

_EXACT: frozenset[ScalarName] = frozenset({"bool", "bytes", "float", "int", "str"})
"""Types of which an object of exactly that class is its own validation, where a field has no more to say."""


def direct_types(step: StepPlan) -> Mapping[str, ScalarName] | None:
    """The classes that a step's inputs are to have for a direct call, by target; None where there is none.

    They are in the order of the tool's fields. The tool unpacks its input model into arguments, and each input fills a
    field of a bare type by its name.
    """
    tool = step.tool
    if not isinstance(tool, ToolSpec) or not tool.unpacks or step.candidates or step.arguments is None:
        return None
    targets = [argument.target for argument in step.arguments]
    types = {target: name for target in targets if (name := _exact_type(tool.input, target)) is not None}
    complete = {spec.name for spec in tool.input.fields if spec.required} <= types.keys()
    if not complete or len(types) != len(targets):
        return None
    return {spec.name: types[spec.name] for spec in tool.input.fields if spec.name in types}


def _exact_type(model: ModelSpec, target: str) -> ScalarName | None:
    spec, taken = model.field(target), model.input_type(target)
    if spec is None or spec.name != target or not _is_argument_name(target) or not isinstance(taken, Scalar):
        return None
    return taken.name if taken.bare and taken.name in _EXACT else None


def _is_argument_name(name: str) -> bool:
    return name.isascii() and name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_")
