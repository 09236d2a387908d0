"""The declared type of a model's field, with the validators and serializers that decorators give it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Protocol, TypeVar

from annotated_types import BaseMetadata
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    PlainSerializer,
    PlainValidator,
    Strict,
    WrapSerializer,
    WrapValidator,
)

_VALIDATORS: Mapping[str, Callable[..., object]] = {
    "before": BeforeValidator,
    "after": AfterValidator,
    "wrap": WrapValidator,
    "plain": PlainValidator,
}
_SERIALIZERS: Mapping[str, Callable[..., object]] = {"plain": PlainSerializer, "wrap": WrapSerializer}


def declared_type(model: type[BaseModel], field: str) -> object:
    """The type of a field as it is declared, in its class or a base; ``Any`` for a name that is no field.

    Where the field takes or gives values of another type, by validators or serializers in its type or of its class,
    it is ``Annotated`` with those. Constraints such as ``ge`` are left out, they only refuse values; ``Strict`` stays.
    """
    info = model.model_fields.get(field)
    if info is None:
        return Any
    own = model.__pydantic_decorators__
    metadata: list[object] = [item for item in info.metadata if not _is_constraint(item)]
    metadata += [_VALIDATORS[entry.info.mode](entry.func) for entry in _of(field, own.field_validators)]
    metadata += [PlainValidator(entry.func) for entry in _of(field, own.validators)]
    metadata += [_SERIALIZERS[entry.info.mode](entry.func) for entry in _of(field, own.field_serializers)]
    annotated: object = operator.getitem(Annotated, (info.annotation, *metadata)) if metadata else info.annotation
    return annotated


class _Info(Protocol):
    @property
    def fields(self) -> tuple[str, ...]: ...


class _Decorator(Protocol):
    @property
    def info(self) -> _Info: ...


Decorator = TypeVar("Decorator", bound=_Decorator)


def _of(field: str, decorators: Mapping[str, Decorator]) -> list[Decorator]:
    """The decorators that are for a field."""
    return [entry for entry in decorators.values() if not {field, "*"}.isdisjoint(entry.info.fields)]


def _is_constraint(item: object) -> bool:
    return isinstance(item, BaseMetadata) and not isinstance(item, Strict)
