"""An input that is not copied before it is validated shares nothing that can change with the value it was made of."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import uuid
import warnings
from collections import deque
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from hypothesis import event, given
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError, create_model
from pydantic_core import PydanticSerializationError

from cwc.plan.shapes import describe_model
from cwc.plan.types.rebuilding import rebuilds
from tests.kinds import types
from tests.models import Case, cases
from tests.type_pairs import pairs, values

CONFIG = ConfigDict(arbitrary_types_allowed=True)
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


def judge(gives: type[BaseModel], takes: type[BaseModel], made: BaseModel) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dumped = made.model_dump()
        except (AttributeError, PydanticSerializationError):
            return
        if "a" not in dumped or describe_model(takes).open_input:
            return
        own = set(changing(dumped["a"]))
        if not rebuilds(describe_model(gives).output_type("a"), describe_model(takes).input_type("a")):
            event("copied")
            return
        event("shared, and could change" if own else "shared, and cannot change")
        try:
            taken = takes.model_validate({"a": dumped["a"]})
        except ValidationError:
            return
        assert not own & set(changing(taken)), dumped


@given(pairs())
def test_what_another_tool_gave(pair: tuple[Any, Any]) -> None:
    producer, consumer = pair
    gives = create_model("Gives", __config__=CONFIG, a=(producer, ...))
    takes = create_model("Takes", __config__=CONFIG, a=(consumer, ...))
    for value in values(producer):
        judge(gives, takes, gives.model_construct(a=value))


@given(cases())
def test_what_the_same_tool_gave(case: Case) -> None:
    try:
        made = case.model.model_validate(case.raw)
    except (ValidationError, TypeError):
        return
    if isinstance(made, case.model):
        judge(case.model, case.model, made)


@given(cases(), types)
def test_what_a_tool_of_any_make_gave(case: Case, consumer: Any) -> None:
    try:
        made = case.model.model_validate(case.raw)
    except (ValidationError, TypeError):
        return
    takes = create_model("Takes", __config__=CONFIG, a=(consumer, ...))
    judge(case.model, takes, made)
