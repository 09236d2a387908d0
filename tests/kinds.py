"""Types of fields of every make: scalars, models, and what is made of them."""

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import ipaddress
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, TypeVar, Union

from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    AnyUrl,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Discriminator,
    Field,
    InstanceOf,
    Json,
    PlainSerializer,
    PlainValidator,
    PrivateAttr,
    RootModel,
    SecretStr,
    SerializeAsAny,
    SkipValidation,
    StringConstraints,
    Tag,
    WrapSerializer,
    WrapValidator,
    computed_field,
    field_serializer,
    model_validator,
)
from typing_extensions import TypedDict

T = TypeVar("T")


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Number(enum.IntEnum):
    ONE = 1
    TWO = 2


class Named(str, enum.Enum):  # noqa: UP042 -- both of the makes there are
    A = "a"


class Inner(BaseModel):
    count: int
    label: str = "none"


class InnerChild(Inner):
    more: int = 0


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    count: int = 0


class Shouting(BaseModel):
    word: str = "a"

    @field_serializer("word")
    def shout(self, value: str) -> str:
        return value.upper()


class Node(BaseModel):
    value: int
    rest: list[Node] = []


class Box(BaseModel, Generic[T]):
    held: T


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    bark: str = "wuff"


class Keyed(TypedDict):
    count: int
    label: NotRequired[str]


class Pair(NamedTuple):
    number: int
    label: str = "none"


@dataclass
class Plain:
    count: int
    items: list[int] = field(default_factory=list)


class Computing(BaseModel):
    count: int = 0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def doubled(self) -> int:
        return self.count * 2


class Lasting(BaseModel):
    """What is no field, and no part of the dump."""

    count: int = 0

    @cached_property
    def doubled(self) -> int:
        return self.count * 2

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


class Lying(BaseModel):
    count: int = 0

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name == "__dict__":
            return {**found, "count": 100}
        return 100 if name == "count" else found


class Forgetful(BaseModel):
    count: int = 0

    @model_validator(mode="after")
    def forget(self) -> Any:
        return None


class Hushed(BaseModel):
    word: str | None = "a"

    @field_serializer("word", when_used="unless-none")
    def shout(self, value: str) -> str:
        return value.upper()


class Ints(RootModel[list[int]]):
    pass


class Counted(BaseModel):
    count: int
    _seen: int = PrivateAttr(default=1)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def doubled(self) -> int:
        return self.count * 2


SCALARS: tuple[Any, ...] = (
    int, float, str, bool, bytes, None, datetime.date, datetime.datetime, datetime.time, datetime.timedelta,
    decimal.Decimal, uuid.UUID, Colour, Number, Named, Literal["red", 1, None], SecretStr,
    Annotated[int, Field(ge=0, le=10)], Annotated[str, Field(min_length=1, pattern="^[a-z]*$")],
    Annotated[float, Field(allow_inf_nan=False)], Annotated[int, Field(strict=True)],
    Annotated[str, Field(max_length=3)],
    Annotated[int, AfterValidator(lambda value: value + 1)], Annotated[str, BeforeValidator(str)],
    Annotated[int, PlainSerializer(lambda value: -value)],
    Annotated[int, PlainSerializer(lambda value: -value, when_used="json")],
    Annotated[int, WrapSerializer(lambda value, dump: dump(value))],
    Annotated[int, WrapValidator(lambda value, validate: validate(value))],
    Annotated[int, PlainValidator(lambda value: value)],
    Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True)],
    Annotated[decimal.Decimal, Field(max_digits=3, decimal_places=1)],
    SkipValidation[int], InstanceOf[Inner], SerializeAsAny[Inner], Path, AnyUrl, ipaddress.IPv4Address, ByteSize,
    Json[list[int]], list, dict, set, tuple,
)  # fmt: skip
MODELS: tuple[Any, ...] = (
    Inner, InnerChild, Open, Shouting, Node, Box[int], Box[Inner], Box[Any], Ints, Counted, Computing, Lasting, Lying,
    Forgetful, Hushed, Keyed, Pair, Plain, Annotated[Cat | Dog, Field(discriminator="kind")],
    Annotated[
        Annotated[Cat, Tag("cat")] | Annotated[Dog, Tag("dog")],
        Discriminator(lambda value: value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)),
    ],
)  # fmt: skip
HASHED: tuple[Any, ...] = (int, str, bool, Colour, Literal["red", 1])

PLAIN: tuple[Any, ...] = (
    int, float, str, bool, bytes, datetime.date, decimal.Decimal, Colour, Named, Inner, Lasting, Literal["red", 1],
    Annotated[int, Field(ge=0, le=10)], Annotated[str, Field(max_length=3)],
)  # fmt: skip
"""Types of which outputs are validated and dumped at once."""


def _of(generic: Any, *arguments: Any) -> Any:
    return generic[arguments if len(arguments) > 1 else arguments[0]]


def _either(left: Any, right: Any) -> Any:
    return Any if Any in (left, right) else Union.__getitem__((left, right))


def _over(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    hashed = st.sampled_from(HASHED)
    return st.one_of(
        inner.map(lambda each: _of(list, each)),
        inner.map(lambda each: _either(each, None)),
        st.tuples(hashed, inner).map(lambda pair: _of(dict, *pair)),
        st.lists(inner, min_size=1, max_size=2).map(lambda each: _of(tuple, *each)),
        inner.map(lambda each: _of(tuple, each, ...)),
        hashed.map(lambda each: _of(set, each)),
        hashed.map(lambda each: _of(frozenset, each)),
        inner.map(lambda each: _of(Sequence, each)),
        inner.map(lambda each: _of(Mapping, str, each)),
        inner.map(lambda each: _of(collections.deque, each)),
        st.builds(_either, st.sampled_from((int, float, str, bool, None)), st.sampled_from((int, str, bytes, Inner))),
    )


types: st.SearchStrategy[Any] = st.recursive(st.sampled_from((*SCALARS, *MODELS, Any)), _over, max_leaves=3)
plain_types: st.SearchStrategy[Any] = st.recursive(st.sampled_from(PLAIN), _over, max_leaves=2)
