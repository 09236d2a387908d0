"""Hypothesis strategies for pairs of types, a producer's and a consumer's, and the values that a type has."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import itertools
import math
import types
import typing
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Optional, Required, Union

from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Strict, create_model
from typing_extensions import TypedDict

from tests.more_types import MORE


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Size(str, enum.Enum):  # noqa: UP042
    BIG = "big"
    RED = "red"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Point(BaseModel):
    x: int
    y: int = 0


class Point3(Point):
    z: float = 0.0


class Named(BaseModel):
    x: str
    kind: Literal["named"] = "named"


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    x: int


class Opened(BaseModel):
    model_config = ConfigDict(extra="allow")
    x: int


class Tree(BaseModel):
    value: int
    kids: list[Tree] = []


class TextTree(BaseModel):
    value: str
    kids: list[TextTree] = []


class Whole(TypedDict):
    x: int


class Partly(TypedDict, total=False):
    x: Required[int]
    y: int


class Pair(NamedTuple):
    x: int
    y: str


@dataclasses.dataclass
class Box:
    x: int
    y: str = ""


SCALARS: tuple[Any, ...] = (
    None, bool, int, float, complex, decimal.Decimal, str, bytes, dt.date, dt.datetime, dt.time, dt.timedelta,
    uuid.UUID,
)  # fmt: skip
OTHERS: tuple[Any, ...] = (
    Any, Path, Colour, Size, Level, Literal["red"], Literal["red", "big", "other"], Literal[1, "red"], Literal[1, 2],
    Literal["5"], Literal[None, True], Literal[Colour.RED], Annotated[int, Strict()], Annotated[str, Strict()],
    Annotated[float, Strict()], Annotated[list[int], Strict()],
)  # fmt: skip
RECORDS: tuple[Any, ...] = (Point, Point3, Named, Closed, Opened, Tree, TextTree, Whole, Partly, Pair, Box, dict)
KEYS: tuple[Any, ...] = (str, str, str, int, Any, Colour, Literal["x", "y"], float)

VALUES: dict[Any, tuple[Any, ...]] = {
    None: (None,),
    bool: (True, False),
    int: (7, 0, 1, -3, 20240101, 2**70),
    float: (1.5, 0.0, 1.0, -2.5, 1e300, math.nan, math.inf),
    complex: (1j, 1 + 0j, 2.5 + 1j),
    decimal.Decimal: (decimal.Decimal("1.5"), decimal.Decimal(3), decimal.Decimal("1e500")),
    str: ("hello", "", "5", "1.5", "true", "red", "2024-01-01", "2024-01-01T00:00:00Z", "12:30", "P1D", "x", "1"),
    bytes: (b"hello", b"", b"5", b"\xff", b"true", b"2024-01-01", b"red"),
    dt.date: (dt.date(2024, 2, 3), dt.date(1, 1, 1)),
    dt.datetime: (dt.datetime(2024, 2, 3, 4), dt.datetime(2024, 2, 3), dt.datetime(2024, 1, 1, tzinfo=dt.UTC)),
    dt.time: (dt.time(12, 30), dt.time(0)),
    dt.timedelta: (dt.timedelta(1), dt.timedelta(0), dt.timedelta(days=999_999_999)),
    uuid.UUID: (uuid.UUID(int=5),),
    Path: (Path("x"), Path("5")),
    Any: (None, 5, "hello", [1], {"x": 1}),
    Point: (Point(x=1), Point(x=2, y=3)),
    Point3: (Point3(x=1), Point3(x=2, z=1.5)),
    Named: (Named(x="a"), Named(x="5")),
    Closed: (Closed(x=1),),
    Opened: (Opened(x=1), Opened.model_validate({"x": 1, "z": "text"})),
    Tree: (Tree(value=1), Tree(value=1, kids=[Tree(value=2)])),
    TextTree: (TextTree(value="a"), TextTree(value="5", kids=[TextTree(value="b")])),
    Whole: ({"x": 1},),
    Partly: ({"x": 1}, {"x": 1, "y": 2}),
    Pair: (Pair(1, "a"), Pair(1, "5")),
    Box: (Box(1), Box(1, "a")),
    dict: ({}, {"x": 1}, {1: 2}, {"x": "text"}),
}


def values(annotation: Any) -> list[Any]:
    """Values of a type, the odd ones among them; of a type of many parts each part's, one at a time."""
    if annotation in VALUES or annotation in MORE:
        return list(VALUES.get(annotation) or MORE[annotation])
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return list(annotation)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        return values(arguments[0])
    if origin is Literal:
        return list(arguments)
    if origin in (Union, types.UnionType):
        return [value for each in arguments for value in values(type(None) if each is None else each)]
    if annotation is type(None):
        return [None]
    if origin is tuple and arguments[-1] is not Ellipsis:
        return list(_one_at_a_time([values(each) for each in arguments], tuple))
    if origin in (list, tuple, set, frozenset):
        found = [each for each in values(arguments[0]) if origin in (list, tuple) or _is_hashable(each)]
        return [origin([each]) for each in found] + [origin(), origin(found[:3])]
    if origin is dict:
        keys = [each for each in values(arguments[0]) if _is_hashable(each)]
        filled = [{keys[0]: each} for each in values(arguments[1])]
        return [{}, *filled, *({each: values(arguments[1])[0]} for each in keys), *_known_keys(*arguments)]
    fields = dict(annotation.model_fields)
    return list(
        _one_at_a_time(
            [values(info.annotation) for info in fields.values()],
            lambda given: annotation.model_construct(**dict(zip(fields, given, strict=True))),
        )
    )


def _known_keys(key: Any, value: Any) -> Iterator[Any]:
    """Mappings with the keys that the models here have."""
    if key in (str, Any):
        yield from ({"x": each, "y": each, "value": each, "a": each, "b": each} for each in values(value))
        yield from ({name: each} for each in values(value) for name in ("a", "x"))


def _one_at_a_time(parts: list[list[Any]], make: Callable[[Any], Any]) -> Iterator[Any]:
    first = [part[0] for part in parts]
    yield make(first)
    for place, part in enumerate(parts):
        for value in part[1:]:
            yield make([*first[:place], value, *first[place + 1 :]])


def _is_hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


_NUMBERS = itertools.count()
leaves = st.sampled_from(SCALARS * 3 + OTHERS * 2 + RECORDS) | st.sampled_from(tuple(MORE))
hashables = st.sampled_from((*SCALARS, Colour, Level, Literal["red", "big"]))


@st.composite
def _models(draw: st.DrawFn, fields: dict[str, Any]) -> Any:
    extras: tuple[Literal["ignore", "forbid", "allow"], ...] = ("ignore", "ignore", "forbid", "allow")
    extra = draw(st.sampled_from(extras))
    given: dict[str, Any] = {}
    for name, annotation in fields.items():
        default = draw(st.sampled_from((..., ..., ..., values(annotation)[0])))
        given[name] = (annotation, default)
    return create_model(
        f"Made{next(_NUMBERS)}", __config__=ConfigDict(extra=extra, arbitrary_types_allowed=True), **given
    )


@st.composite
def pairs(draw: st.DrawFn, depth: int = 3) -> tuple[Any, Any]:
    """A producer's type and a consumer's that are more alike than chance would have it."""
    how = draw(st.integers(0, 15 if depth else 3))
    if how <= 3:
        left = draw(leaves)
        return left, left if how == 0 else draw(leaves)
    left, right = draw(pairs(depth - 1))
    other = draw(leaves)
    match how:
        case 4 | 5:
            kinds = st.sampled_from((list, list, tuple, set, frozenset))
            first, second = draw(kinds), draw(kinds)
            if first in (set, frozenset):
                left = draw(hashables)
            return _container(first, left), _container(second, right)
        case 6 | 7:
            return dict[draw(st.sampled_from(KEYS)), left], dict[draw(st.sampled_from(KEYS)), right]  # type: ignore[misc]
        case 8:
            return Optional[left], right  # noqa: UP045
        case 9:
            return left, Optional[right]  # noqa: UP045
        case 10:
            return Union[left, other], right  # noqa: UP007
        case 11:
            return left, Union[right, other]  # noqa: UP007
        case 12:
            first, second = draw(pairs(depth - 1))
            return tuple[left, first], draw(st.sampled_from((tuple[right, second], tuple[right, ...], list[right])))  # type: ignore[valid-type]
        case 13:
            return dict[draw(st.sampled_from(KEYS)), left], draw(_models({"a": right}))  # type: ignore[misc]
        case _:
            first, second = draw(pairs(depth - 1))
            theirs = draw(st.sampled_from(({"a": right, "b": second}, {"a": right}, {"a": right, "c": other})))
            consumer = draw(_models(theirs)) if draw(st.integers(0, 3)) else dict[str, right]  # type: ignore[valid-type]
            return draw(_models({"a": left, "b": first})), consumer


def _container(kind: Any, item: Any) -> Any:
    return tuple[item, ...] if kind is tuple else kind[item]
