"""Can a JSON pointer into a context value be followed? Decided by the declared type of the value."""

from __future__ import annotations

import datetime
import decimal
import enum
import types
import typing
import uuid
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel

from cwc.checks.finding import StepFinding
from cwc.diagnostics.model import Report, define
from cwc.plan.model import Plan, Read, StepPlan
from cwc.plan.tools import ModelSpec, ToolSpec
from cwc.plan.values import FromStep, InBase, Value

DEAD_POINTER = define("CWC415", "dead_pointer", "error", "A pointer leads into a value that has no such place")
OPEN_POINTER = define("CWC416", "maybe_missing_pointer", "note", "A pointer may lead nowhere at run time")

Verdict = Literal["sure", "maybe", "never"]

_SCALARS = (
    bool, int, float, complex, str, bytes, type(None), decimal.Decimal, uuid.UUID,
    datetime.date, datetime.datetime, datetime.time, datetime.timedelta,
)  # fmt: skip
_NEVER_ENTERED = (tuple, set, frozenset)


def check_pointers(plan: Plan, report: Report) -> None:
    for step in plan.steps:
        finding = StepFinding(plan, report, step)
        for argument in step.arguments or ():
            match argument.source:
                case Read(Value() as value, tokens) if tokens:
                    verdict = _verdict(plan, value, tokens)
                    if verdict == "never":
                        finding.add(
                            DEAD_POINTER,
                            f"the value of {value.key!r} has no place {'/' + '/'.join(tokens)!r}",
                            finding.label(argument.pointer, "the step then fails with InputMappingError"),
                            field=argument.target,
                        )
                    elif verdict == "maybe":
                        finding.add(
                            OPEN_POINTER,
                            f"the value of {value.key!r} may have no place {'/' + '/'.join(tokens)!r}; "
                            "the step then fails with InputMappingError",
                            finding.label(argument.pointer),
                            field=argument.target,
                        )
                case _:
                    pass


def _verdict(plan: Plan, value: Value, tokens: tuple[str, ...]) -> Verdict:
    """What becomes of a pointer, whichever way its value came about."""
    match value.origin:
        case InBase(0) if plan.input_model is not None and value.key not in plan.dynamic_params:
            return _into_raw(plan.input_model, value.key)
        case FromStep(step, output_key, previous) if isinstance(plan.step(step).tool, ToolSpec):
            verdicts = [_into_dumped(_annotation(model, output_key), tokens) for model in _models(plan.step(step))]
            if previous is not None:
                verdicts.append(_verdict(plan, previous, tokens))
            return _joined(verdicts)
        case _:
            return "maybe"


def _models(step: StepPlan) -> list[ModelSpec]:
    return [tool.output for tool in step.tools if isinstance(tool, ToolSpec)]


def _into_raw(model: ModelSpec, key: str) -> Verdict:
    """The caller's values stay as they are: lax validation takes many shapes, but a scalar is none with places."""
    spec = model.field(key)
    if spec is None or model.open_input or model.model.__pydantic_decorators__.field_validators:
        return "maybe"
    return "never" if spec.annotation in (bool, int, float, str) else "maybe"


def _annotation(model: ModelSpec, output_key: str) -> object:
    """The type that an output is dumped from, or Any where a serializer may give another."""
    decorators = model.model.__pydantic_decorators__
    if model.opaque_output or decorators.field_serializers or decorators.model_serializers:
        return typing.Any
    return next((spec.annotation for spec in model.fields if spec.dumped == output_key), typing.Any)


def _into_dumped(annotation: object, tokens: tuple[str, ...]) -> Verdict:
    if not tokens:
        return "sure"
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return "maybe"
    if origin is typing.Union or origin is types.UnionType:
        return _joined(_into_dumped(member, tokens) for member in arguments)
    kind = origin or annotation
    if origin is typing.Literal or kind in _SCALARS or kind in _NEVER_ENTERED:
        return "never"
    if not isinstance(kind, type):
        return "maybe"
    if issubclass(kind, enum.Enum):
        return "never" if kind.__mro__[1] is enum.Enum else "maybe"
    if kind is list and not _could_be_index(tokens[0]):
        return "never"
    if kind in (list, dict) and arguments:
        inner = _into_dumped(arguments[-1], tokens[1:])
        return "maybe" if inner == "sure" else inner
    if issubclass(kind, BaseModel) and _dumps_plainly(kind):
        return _into_model(kind, tokens)
    return "maybe"


def _into_model(model: type[BaseModel], tokens: tuple[str, ...]) -> Verdict:
    field = model.model_fields.get(tokens[0])
    return "never" if field is None else _into_dumped(field.annotation, tokens[1:])


def _dumps_plainly(model: type[BaseModel]) -> bool:
    """Whether every dump of a model's instances is a mapping with exactly its fields."""
    decorators = model.__pydantic_decorators__
    custom = decorators.field_serializers or decorators.model_serializers or decorators.computed_fields
    fields = model.model_fields.values()
    renamed = any(field.exclude or field.serialization_alias or field.alias for field in fields)
    return not (custom or renamed or model.model_config.get("extra") == "allow" or model.__pydantic_root_model__)


def _could_be_index(token: str) -> bool:
    try:
        return int(token) >= 0
    except ValueError:
        return False


def _joined(verdicts: Iterable[Verdict]) -> Verdict:
    found = set(verdicts)
    return found.pop() if len(found) == 1 else "maybe"
