"""The verdicts of SEMANTICS A 5, one by one, and the words for what would be refused."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Optional

import pydantic
import pytest
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict, create_model

from cwc.plan.shapes import describe_model
from cwc.plan.types.model import Ref, Scalar, Type
from cwc.plan.types.relation import Relation, relate
from cwc.plan.types.words import describe
from tests.type_pairs import Box, Closed, Colour, Level, Named, Opened, Pair, Partly, Point, Size, TextTree, Tree, Whole


class Base(BaseModel):
    x: int


class Derived(Base):
    y: int


class Owner(BaseModel):
    point: Point
    names: list[str | None]


class OwnerOfTexts(BaseModel):
    point: Named
    names: list[str]


class FromAttributes(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    x: int


@pydantic.dataclasses.dataclass(config=ConfigDict(strict=True))
class StrictBox:
    x: int


class Marker:
    pass


def related(producer: Any, consumer: Any) -> Relation:
    config = ConfigDict(arbitrary_types_allowed=True)
    gives = describe_model(create_model("Gives", __config__=config, a=(producer, ...)))
    takes = describe_model(create_model("Takes", __config__=config, a=(consumer, ...)))
    return relate(gives.output_type("a"), takes.input_type("a"))


@pytest.mark.parametrize(
    ("producer", "consumer", "verdict"),
    [
        (int, int, "fits"),
        (int, float, "fits"),
        (int, decimal.Decimal, "fits"),
        (Derived, Base, "fits"),
        (Base, dict, "fits"),
        (Base, dict[str, int], "fits"),
        (list[int], list[float], "fits"),
        (Size, str, "fits"),
        (Level, int, "fits"),
        (Tree, Tree, "fits"),
        (Whole, Point, "fits"),
        (Point, Whole, "fits"),
        (Box, Point | Box, "fits"),
        (Literal["red"], Colour, "fits"),
        (Literal["2024-01-01"], dt.date, "coerces"),
        (bool, int, "coerces"),
        (list[bool], list[int], "coerces"),
        (list[int], tuple[int, ...], "coerces"),
        (set[int], list[int], "coerces"),
        (dt.date, dt.datetime, "coerces"),
        (Optional[int], int, "narrows"),  # noqa: UP045
        (int | str, int, "narrows"),
        (list[int | None], list[int], "narrows"),
        (str, Literal["a", "b"], "narrows"),
        (str, Colour, "narrows"),
        (int, Level, "narrows"),
        (bool, Literal[True], "narrows"),
        (Colour, Literal[Colour.RED], "narrows"),
        (Base, Derived, "narrows"),
        (dict[str, int], Base, "narrows"),
        (Partly, Derived, "narrows"),
        (Opened, Closed, "narrows"),
        (float, decimal.Decimal, "narrows"),
        (tuple[int, ...], tuple[int, int], "narrows"),
        (str, int, "mismatch"),
        (float, int, "mismatch"),
        (list[int], int, "mismatch"),
        (int, str, "mismatch"),
        (str, dt.datetime, "mismatch"),
        (dt.datetime, dt.date, "mismatch"),
        (str, uuid.UUID, "mismatch"),
        (uuid.UUID, str, "mismatch"),
        (Path, str, "mismatch"),
        (int, Colour, "mismatch"),
        (Colour, int | None, "coerces"),
        (Base, str, "mismatch"),
        (list[str], list[int], "mismatch"),
        (list[int], dict[str, int], "mismatch"),
        (dict[str, int], list[str], "mismatch"),
        (dict[str, str], Base, "mismatch"),
        (dict[int, int], Base, "mismatch"),
        (Point, Closed, "mismatch"),
        (Point, Named, "mismatch"),
        (Tree, TextTree, "mismatch"),
        (list[list[int]], set[Any], "mismatch"),
        (int, Marker, "mismatch"),
        (Marker, int, "mismatch"),
        (int, Annotated[float, Strict()], "fits"),
        (decimal.Decimal, Annotated[float, Strict()], "coerces"),
        (bool, Annotated[int, Strict()], "mismatch"),
        (list[int], Annotated[tuple[int, ...], Strict()], "mismatch"),
        (Base, Annotated[Base, Strict()], "fits"),
        (Box, StrictBox, "mismatch"),
        (int, Any, "fits"),
        (Any, int, "fits"),
        (list[Any], list[int], "fits"),
        (int, Annotated[int, Field(ge=1)], "fits"),
        (str, Annotated[str, AfterValidator(str.strip)], "fits"),
        (int, Annotated[str, AfterValidator(str.strip)], "mismatch"),
        (int, Annotated[str, BeforeValidator(str)], "fits"),
        (str, Path, "fits"),
        (str, Sequence[int], "fits"),
        (Marker, FromAttributes, "fits"),
        (Whole, Pair, "mismatch"),
    ],
    ids=str,
)
def test_verdict(producer: Any, consumer: Any, verdict: str) -> None:
    assert related(producer, consumer).verdict == verdict


@pytest.mark.parametrize(
    ("producer", "consumer", "words"),
    [
        (Optional[int], int, "`None`"),  # noqa: UP045
        (int | str | None, int, "`str`, `None`"),
        (list[str], list[int], "`str` at []"),
        (Owner, OwnerOfTexts, "`int` at .point.x"),
        (Literal["a", "b", "c"], Literal["a"], "`Literal['b']`, `Literal['c']`"),
        (Colour, Literal[Colour.RED], "`Colour`"),
        (dict[str, int], Base, "`dict[str, int]` without 'x'"),
        (Whole, Derived, "`Whole`, which has no 'y'"),
        (Point, Closed, "`Point`, for 'Closed' has no 'y'"),
    ],
    ids=str,
)
def test_what_would_be_refused(producer: Any, consumer: Any, words: str) -> None:
    assert str(related(producer, consumer)) == words


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (dict[str, list[int | None]], "dict[str, list[int | None]]"),
        (tuple[int, ...], "tuple[int, ...]"),
        (tuple[int, str], "tuple[int, str]"),
        (Literal[1, "a", None], "Literal[1, 'a', None]"),
        (Literal[1, 2, 3, 4, 5, 6], "Literal[1, 2, 3, 4, …]"),
        (list[Colour], "list[Colour]"),
        (Tree, "Tree"),
        (Point, "Point"),
        (Any, "Any"),
        (decimal.Decimal, "Decimal"),
    ],
    ids=str,
)
def test_types_in_words(annotation: Any, words: str) -> None:
    spec = describe_model(create_model("M", a=(annotation, ...)))
    assert describe(spec.output_type("a")) == words


def test_a_type_that_is_only_itself_is_unknown() -> None:
    table: dict[str, Type] = {}
    table["a"] = Ref("a", table)
    assert relate(table["a"], Scalar("int")).verdict == "fits"
