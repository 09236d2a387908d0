"""Types of every other make than those of `type_pairs`, with values of each: constraints, aliases, tagged unions, …"""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import ipaddress
import re
import uuid
from collections.abc import Callable, Hashable, Iterable, Mapping, MutableMapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, NotRequired, TypeVar

import annotated_types as at
import pydantic
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Json,
    OnErrorOmit,
    PlainSerializer,
    RootModel,
    SecretBytes,
    SecretStr,
    SkipValidation,
    Strict,
    StringConstraints,
    Tag,
    computed_field,
    field_serializer,
    model_serializer,
    model_validator,
)
from typing_extensions import TypeAliasType, TypedDict

T = TypeVar("T")


class Named(str, enum.Enum):  # noqa: UP042
    BIG = "big"
    FIVE = "5"


class Text(enum.StrEnum):
    RED = "red"
    ONE = "1"


class Rights(enum.IntFlag):
    READ = 1
    WRITE = 2


class Loose(enum.Flag):
    A = 1
    B = 2


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    name: str


class Stamped(BaseModel):
    when: dt.datetime
    id: uuid.UUID
    price: decimal.Decimal


class Aliased(BaseModel):
    x: int = Field(alias="ex")


class Both(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    x: int = Field(alias="ex")


class Dumping(BaseModel):
    model_config = ConfigDict(serialize_by_alias=True)
    x: int = Field(serialization_alias="ex")


class Checked(BaseModel):
    x: int = Field(default="5", validate_default=True)


class Unchecked(BaseModel):
    x: int = "5"  # type: ignore[assignment]


class StrictField(BaseModel):
    x: int = Field(strict=True)


class StrictModel(BaseModel):
    model_config = ConfigDict(strict=True)
    x: float


class ByValue(BaseModel):
    model_config = ConfigDict(use_enum_values=True)
    x: Named


class Counted(BaseModel):
    x: int

    @computed_field  # type: ignore[prop-decorator]
    @property
    def y(self) -> int:
        return self.x


class Excluding(BaseModel):
    x: int
    y: int = Field(default=1, exclude=True)


class Shown(BaseModel):
    x: int

    @field_serializer("x")
    def _show(self, value: int) -> str:
        return f"<{value}>"


class Whole(BaseModel):
    x: int

    @model_serializer
    def _dump(self) -> dict[str, Any]:
        return {"y": self.x}


class Filled(BaseModel):
    x: int

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, given: Any) -> Any:
        return {"x": 1, **given} if isinstance(given, dict) else given


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)
    x: int


class Texts(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)
    x: str


class Crowd(BaseModel):
    x: list["Crowd"] = []  # noqa: UP037
    y: "Crowd | None" = None  # noqa: UP037


class Wrapped(BaseModel, Generic[T]):
    x: T
    more: list[T] = []


class Numbers(RootModel[list[int]]):
    pass


class Number(RootModel[int]):
    pass


class ByKey(RootModel[dict[str, Frozen]]):
    pass


class Partial(TypedDict):
    x: int
    y: NotRequired[str]


class Shut(TypedDict):
    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]
    x: int


class Half(NamedTuple):
    x: int
    y: str = "y"


@dataclasses.dataclass(frozen=True)
class Held:
    x: int
    y: int = 3


@pydantic.dataclasses.dataclass
class Kept:
    x: int
    hidden: dataclasses.InitVar[int] = 0


@pydantic.dataclasses.dataclass(config=ConfigDict(strict=True))
class StrictBox:
    x: int


class StrictOwner(BaseModel):
    model_config = ConfigDict(strict=True)
    x: Held


UserId = NewType("UserId", int)
Title = NewType("Title", str)
Ints = TypeAliasType("Ints", list[int])
Deep = TypeAliasType("Deep", "int | str | list[Deep] | dict[str, Deep]")
DeepInts = TypeAliasType("DeepInts", "int | list[DeepInts]")
Listed = TypeAliasType("Listed", list[T], type_params=(T,))
Animal = Annotated[Cat | Dog, Discriminator("kind")]


def _kind_of(given: Any) -> Any:
    return given.get("kind") if isinstance(given, dict) else getattr(given, "kind", None)


Chosen = Annotated[Annotated[Cat, Tag("cat")] | Annotated[Dog, Tag("dog")], Discriminator(_kind_of)]


def _same(value: Any) -> Any:
    return value


def _spelt(value: Any) -> str:
    return str(value)


MORE: dict[Any, tuple[Any, ...]] = {
    Annotated[int, at.Ge(0), at.Le(5)]: (0, 3, 5),
    Annotated[int, at.Gt(100)]: (101, 2**70),
    Annotated[int, at.Lt(0)]: (-1, -(2**70)),
    Annotated[int, at.MultipleOf(5)]: (0, 5, -10),
    Annotated[float, at.Ge(0.5), at.Lt(1)]: (0.5, 0.75),
    pydantic.PositiveInt: (1, 7),
    pydantic.StrictBool: (True, False),
    pydantic.StrictBytes: (b"x", b"5", b"\xff"),
    Annotated[str, at.MinLen(2)]: ("ab", "12", "red"),
    Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True)]: (" AB ", "red"),
    Annotated[str, StringConstraints(pattern="^r")]: ("red", "r"),
    Annotated[list[int], at.Len(1, 2)]: ([1], [1, 2]),
    Annotated[dict[str, int], at.MinLen(1)]: ({"x": 1}, {"a": 1, "x": 2}),
    Annotated[decimal.Decimal, at.Ge(0)]: (decimal.Decimal(3), decimal.Decimal("1.5")),
    Annotated[dt.date, at.Ge(dt.date(2000, 1, 1))]: (dt.date(2024, 1, 1),),
    Annotated[dt.datetime, Strict()]: (dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 1, 2)),
    Annotated[dt.date, Strict()]: (dt.date(2024, 1, 1),),
    Annotated[uuid.UUID, Strict()]: (uuid.UUID(int=5),),
    Annotated[bool, Strict()]: (True, False),
    Annotated[tuple[int, ...], Strict()]: ((), (1,)),
    Annotated[set[int], Strict()]: (set(), {1}),
    Annotated[dict[str, int], Strict()]: ({}, {"x": 1}),
    Annotated[Frozen, Strict()]: (Frozen(x=1),),
    pydantic.AwareDatetime: (dt.datetime(2024, 1, 1, 2, tzinfo=dt.UTC),),
    pydantic.NaiveDatetime: (dt.datetime(2024, 1, 1, 2),),
    pydantic.UUID4: (uuid.UUID("12345678-1234-4234-8234-123456789012"),),
    pydantic.Base64Bytes: (b"aGVsbG8=",),
    pydantic.HttpUrl: ("https://example.org/a",),
    ipaddress.IPv4Address: ("127.0.0.1",),
    re.Pattern: (re.compile("a"),),
    fractions.Fraction: (fractions.Fraction(1, 2), fractions.Fraction(3)),
    SecretStr: ("red", "5"), SecretBytes: (b"red",),
    Json: ("[1]", "5", '"red"', "null"), Json[list[int]]: ("[1, 2]", "[]"), Json[dict[str, int]]: ('{"x": 1}',),
    Named: tuple(Named), Text: tuple(Text), Rights: (Rights.READ, Rights.WRITE), Loose: (Loose.A, Loose.B),
    Literal[Text.RED]: (Text.RED,), Literal[b"red"]: (b"red",), Literal[True, 0]: (True, 0), Literal["1", 1]: ("1", 1),
    UserId: (7, 0, 20240101, -(2**70)), Title: ("red", "5"), Ints: ([], [1]),
    Deep: (1, "red", [1, ["a"]], {"x": [1]}), DeepInts: (1, [], [1, [2]]), Listed[int]: ([], [1]),
    Listed[str]: ([], ["red"]),
    Animal: (Cat(kind="cat"), Dog(name="rex")), Chosen: (Cat(kind="cat"), Dog(name="rex")),
    Cat: (Cat(kind="cat"), Cat(kind="cat", lives=1)), Dog: (Dog(name="rex"),),
    Stamped: (Stamped(when=dt.datetime(2024, 1, 1), id=uuid.UUID(int=5), price=decimal.Decimal(1)),),
    Aliased: (Aliased(ex=1),), Both: (Both(ex=1),), Dumping: (Dumping(x=1),), Checked: (Checked(), Checked(x=1)),
    Unchecked: (Unchecked(), Unchecked(x=1)), StrictField: (StrictField(x=1),), StrictModel: (StrictModel(x=1.5),),
    ByValue: (ByValue(x=Named.BIG), ByValue(x=Named.FIVE)), Counted: (Counted(x=1),), Excluding: (Excluding(x=1),),
    Shown: (Shown(x=1),), Whole: (Whole(x=1),), Filled: (Filled(x=2),), Frozen: (Frozen(x=1),), Texts: (Texts(x="a"),),
    Crowd: (Crowd(), Crowd(x=[Crowd()], y=Crowd())),
    Wrapped[int]: (Wrapped[int](x=1), Wrapped[int](x=1, more=[2])), Wrapped[str]: (Wrapped[str](x="red", more=["5"]),),
    Wrapped[Wrapped[int]]: (Wrapped[Wrapped[int]](x=Wrapped[int](x=1)),),
    Numbers: (Numbers([1]), Numbers([])), Number: (Number(1), Number(7), Number(-(2**70))),
    ByKey: (ByKey({"x": Frozen(x=1)}), ByKey({})),
    Partial: ({"x": 1}, {"x": 1, "y": "a"}), Shut: ({"x": 1},),
    Half: (Half(1), Half(1, "5")), Held: (Held(1),), Kept: (Kept(1), Kept(1, 2)),
    StrictBox: (StrictBox(1),), StrictOwner: (StrictOwner(x=Held(1)),),
    Sequence[int]: ([1], (1,), []), Sequence[str]: (["red"], ("5",)), Mapping[str, int]: ({}, {"x": 1}),
    MutableMapping[str, Any]: ({}, {"x": "red"}), AbstractSet[int]: ({1}, set()), Iterable[int]: ([1],),
    collections.OrderedDict[str, int]: ({"x": 1},), collections.defaultdict[str, int]: ({"x": 1}, {}),
    collections.deque[int]: ([1], []), collections.Counter[str]: ({"x": 1},),
    tuple[()]: ((),), list: ([], [1, "red"]),
    tuple: ((), (1, "red")), set: (set(), {1, "red"}), object: (None, 5, "red"), Hashable: (5, "red", dt.time(1)),
    type[int]: (int, bool), Callable: (len,), Path: (Path("x"), Path("5")),
    SkipValidation[int]: (7, "red"), list[OnErrorOmit[int]]: ([1, "red", 2], []),
    Annotated[int, AfterValidator(_same)]: (7,), Annotated[int, BeforeValidator(_same)]: (7,),
    Annotated[int, PlainSerializer(_spelt)]: (7,), Annotated[int, PlainSerializer(_spelt, when_used="json")]: (7,),
    Annotated[str, PlainSerializer(_spelt, return_type=str)]: ("red",),
}  # fmt: skip
"""Each type with what is validated to get values of it."""
