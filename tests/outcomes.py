"""What comes of a validation, in a shape that compares by all there is to see; and what in values could change."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import decimal
import enum
import uuid
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel, SecretStr

from tests.kind_values import Listed, Mapped, Token, fresh


def outcome(give: Callable[[Any], Any], raw: Any) -> tuple[Any, ...]:
    """What came of an output: the value with all its types, or the error with all its words; and the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            given = fresh(raw if isinstance(raw, BaseModel) else copy.deepcopy(raw))
            result: tuple[Any, ...] = ("gives", shape(give(given)))
        except Exception as error:
            result = ("raises", type(error), str(error))
    return (*result, sorted(str(each.message) for each in caught))


def shape(value: Any) -> Any:
    """A value as something that compares by types as well, whatever the order of keys; nan equals itself."""
    if isinstance(value, dict):
        own = sorted(((shape(key), shape(each)) for key, each in value.items()), key=repr)
        return (type(value), own, getattr(value, "more", None))
    if isinstance(value, list | tuple):
        return (type(value), [shape(each) for each in value], getattr(value, "more", None))
    if isinstance(value, set | frozenset):
        return (type(value), sorted(map(shape, value), key=repr))
    return (type(value), repr(value))


def plainly(model: type[BaseModel]) -> Callable[[Any], Any]:
    """Validating and dumping as a model does it, where the outcome is an instance of it and a mapping."""

    def give(raw: Any) -> Any:
        validated: Any = model.model_validate(raw)
        if not isinstance(validated, model):
            made = type(validated).__name__
            raise TypeError(f"the validators of '{model.__name__}' give a {made}, which is no instance of it")
        dumped: Any = validated.model_dump()
        if not isinstance(dumped, dict):
            raise TypeError(f"'{model.__name__}' is dumped to a {type(dumped).__name__}, and outputs are a dict")
        return dumped

    return give


UNCHANGING = (
    type(None), bool, int, float, complex, str, bytes, decimal.Decimal, uuid.UUID, datetime.date, datetime.time,
    datetime.timedelta, enum.Enum, PurePath, SecretStr,
)  # fmt: skip


def changing(value: Any) -> Iterator[int]:
    """The identities of all objects in a value that can change."""
    if isinstance(value, UNCHANGING):
        return
    if not isinstance(value, tuple | frozenset):
        yield id(value)
    if isinstance(value, Token | Listed | Mapped):
        yield from changing(vars(value))
    if isinstance(value, dict):
        parts = [*value, *value.values()]
    elif isinstance(value, list | tuple | set | frozenset | deque):
        parts = list(value)
    elif isinstance(value, BaseModel):
        parts = [*vars(value).values(), *(value.__pydantic_extra__ or {}).values()]
    elif dataclasses.is_dataclass(value):
        parts = list(vars(value).values())
    else:
        parts = []
    for each in parts:
        yield from changing(each)
