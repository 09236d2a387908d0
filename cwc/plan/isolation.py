"""Does validating a field give the tool an object of its own, or one that cannot change?"""

from __future__ import annotations

import datetime
import decimal
import enum
import types
import typing
import uuid
from collections.abc import Iterable

from annotated_types import BaseMetadata
from pydantic import BaseModel
from pydantic.fields import FieldInfo

_IMMUTABLE = (
    bool, int, float, complex, str, bytes, type(None), decimal.Decimal, uuid.UUID,
    datetime.date, datetime.datetime, datetime.time, datetime.timedelta,
)  # fmt: skip
_REBUILT = (list, dict, set, frozenset, tuple)


def isolates_field(model: type[BaseModel], field: str, annotation: object) -> bool:
    """Whether a field, of a declared type, gives an object of its own, or one that cannot change.

    False where it cannot be told: ``Any``, arbitrary types, model instances, fields with validators of their own.
    """
    return not _has_own_validators(model, field) and _is_isolated(annotation)


def _has_own_validators(model: type[BaseModel], field: str) -> bool:
    decorators = model.__pydantic_decorators__.field_validators.values()
    if any(field in decorator.info.fields or "*" in decorator.info.fields for decorator in decorators):
        return True
    info = model.model_fields.get(field)
    return info is not None and not _are_constraints(info.metadata)


def _are_constraints(metadata: Iterable[object]) -> bool:
    return all(isinstance(entry, BaseMetadata | FieldInfo) for entry in metadata)


def _is_isolated(annotation: object) -> bool:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation in _IMMUTABLE or issubclass(annotation, enum.Enum)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return True
    if origin is typing.Annotated:
        return _are_constraints(arguments[1:]) and _is_isolated(arguments[0])
    if origin is typing.Union or origin is types.UnionType or origin in _REBUILT:
        return bool(arguments) and all(part is Ellipsis or _is_isolated(part) for part in arguments)
    return annotation is None
