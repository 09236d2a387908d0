"""The types that are read from models, against what Pydantic takes and dumps."""

from __future__ import annotations

import dataclasses
import datetime
import enum
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, TypeVar, cast

import pytest
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    RootModel,
    SerializeAsAny,
    Strict,
    computed_field,
    create_model,
    field_serializer,
    model_serializer,
    model_validator,
)
from typing_extensions import TypedDict

from cwc.plan.shapes import describe_model
from cwc.plan.types.model import (
    NONE,
    UNKNOWN,
    Checked,
    Choice,
    Fixed,
    Instance,
    Items,
    Mapping,
    Record,
    RecordField,
    Ref,
    Scalar,
    Type,
    Union,
)

T = TypeVar("T")
INT, STR = Scalar("int"), Scalar("str")


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Point(BaseModel):
    x: int
    y: int = 0


class Typed(TypedDict):
    a: int
    b: NotRequired[str]


class Pair(NamedTuple):
    left: int
    right: str


@dataclasses.dataclass
class Box:
    a: int
    b: list[int] = dataclasses.field(default_factory=list)


class Tree(BaseModel):
    value: int
    kids: list[Tree] = []


class Wrapped(BaseModel, Generic[T]):
    item: T


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"


def sides(annotation: Any, **config: Any) -> tuple[Type, Type, Type]:
    """What a field of that type takes, gives, and is passed by callers."""
    own = cast("ConfigDict", config)
    spec = describe_model(create_model("M", __config__=own, a=(annotation, ...)))
    return spec.input_type("a"), spec.output_type("a"), spec.passed_type("a")


def record(name: str, cls: type | None = None, **fields: tuple[Type, bool]) -> Record:
    found = tuple(RecordField((key,), type_, required) for key, (type_, required) in fields.items())
    return Record(name, found, cls=cls)


@pytest.mark.parametrize(
    ("annotation", "type_"),
    [
        (int, INT),
        (None, NONE),
        (datetime.datetime, Scalar("datetime")),
        (int | None, Union((INT, NONE))),
        (int | str | int, Union((INT, STR))),
        (int | Any, UNKNOWN),
        (list[int], Items("list", INT)),
        (tuple[int, ...], Items("tuple", INT)),
        (tuple[int, str], Fixed("tuple", (INT, STR))),
        (dict[str, int], Mapping(STR, INT)),
        (dict[str, Any], Mapping(STR, UNKNOWN)),
        (Typed, record("Typed", Typed, a=(INT, True), b=(STR, False))),
        (RootModel[list[int]], Items("list", INT)),
        (Annotated[int, Field(ge=1)], Scalar("int", bare=False)),
        (Annotated[int, Strict()], Scalar("int", strict=True)),
    ],
    ids=str,
)
def test_a_type_that_is_the_same_from_every_side(annotation: Any, type_: Type) -> None:
    assert sides(annotation) == (type_, type_, type_)


def test_what_models_and_dataclasses_lack_in_an_input_is_there_in_their_dump() -> None:
    takes, gives, passed = sides(Point)
    assert takes == passed == record("Point", Point, x=(INT, True), y=(INT, False))
    assert gives == record("Point", Point, x=(INT, True), y=(INT, True))
    takes, gives, passed = sides(Box)
    assert takes == passed == record("Box", Box, a=(INT, True), b=(Items("list", INT), False))
    assert gives == record("Box", Box, a=(INT, True), b=(Items("list", INT), True))


def test_named_tuples_are_tuples_and_can_be_given_by_name() -> None:
    takes, gives, passed = sides(Pair)
    assert gives == passed == Fixed("tuple", (INT, STR))
    named = (RecordField(("left",), INT, True), RecordField(("right",), STR, True))
    assert takes == Union((Fixed("tuple", (INT, STR)), Record("dict", named, "forbid")))


def test_enumerations_stay_members() -> None:
    for side in sides(Colour):
        assert isinstance(side, Choice)
        assert (side.values, side.enum) == (tuple(Colour), Colour)


def test_classes_that_pydantic_only_knows_by_name() -> None:
    takes, gives, _ = sides(Path)
    assert gives == Instance(Path)
    assert isinstance(takes, Union)
    assert takes.members == (Instance(Path), Checked(Scalar("str", strict=True)))


def test_generic_models() -> None:
    assert sides(Wrapped[int])[1] == record("Wrapped[int]", Wrapped[int], item=(INT, True))


def test_types_that_hold_themselves_end() -> None:
    gives = sides(Tree)[1]
    assert isinstance(gives, Ref)
    assert isinstance(gives.target, Record)
    kids = gives.target.fields[1].type
    assert isinstance(kids, Items)
    assert kids.item == gives
    assert isinstance(kids.item, Ref)
    assert kids.item.target is gives.target


def test_user_code_is_unknown_where_it_decides() -> None:
    assert sides(Annotated[int, AfterValidator(str)]) == (Checked(INT), UNKNOWN, INT)
    assert sides(Annotated[int, BeforeValidator(int)]) == (UNKNOWN, INT, UNKNOWN)
    assert sides(Annotated[int, PlainSerializer(str)])[1] == UNKNOWN
    assert sides(Annotated[int, PlainSerializer(str, when_used="json")])[1] == INT
    assert sides(SerializeAsAny[Point])[1] == UNKNOWN

    class Serialized(BaseModel):
        a: int

        @field_serializer("a")
        def text(self, a: int) -> str:
            return str(a)

    class Whole(BaseModel):
        a: int

        @model_serializer
        def text(self) -> str:
            return str(self.a)

    class Early(BaseModel):
        a: int

        @model_validator(mode="before")
        @classmethod
        def complete(cls, data: Any) -> Any:
            return data

    assert describe_model(Serialized).output_type("a") == UNKNOWN
    assert describe_model(Whole).gives == sides(Whole)[1] == UNKNOWN
    assert describe_model(Early).takes == describe_model(Early).passed == sides(Early)[0] == UNKNOWN
    assert describe_model(Early).output_type("a") == INT


def test_keys_are_those_of_the_side() -> None:
    class Renamed(BaseModel):
        a: int = Field(validation_alias="A", serialization_alias="S")
        b: int = Field(validation_alias=AliasChoices("b", "B"))
        c: int = Field(validation_alias=AliasPath("C", 0))
        d: int = Field(exclude=True)

        @computed_field
        def e(self) -> str:
            return ""

    takes, gives, passed = sides(Renamed)
    assert isinstance(takes, Record)
    assert isinstance(gives, Record)
    assert isinstance(passed, Record)
    assert [each.keys for each in takes.fields] == [("A",), ("b", "B"), ("C",), ("d",)]
    assert takes.fields[2].type == UNKNOWN
    assert [each.keys for each in gives.fields] == [("a",), ("b",), ("c",), ("e",)]
    assert [(each.keys, each.required) for each in passed.fields] == [
        (("A",), True), (("b",), False), (("B",), False), (("C",), True), (("d",), True),
    ]  # fmt: skip


def test_a_default_of_another_type_is_a_value_too() -> None:
    spec = describe_model(create_model("M", a=(int, None), b=(int, 3), c=(int, "x")))
    assert spec.output_type("a") == Union((INT, NONE))
    assert spec.output_type("b") == INT
    third = spec.output_type("c")
    assert isinstance(third, Union)
    assert isinstance(third.members[1], Choice)
    assert third.members[1].values == ("x",)


def test_a_tagged_union_asks_for_its_tag() -> None:
    takes, gives, _ = sides(Annotated[Cat | Dog, Field(discriminator="kind")])
    assert isinstance(takes, Union)
    assert isinstance(gives, Union)
    for member in takes.members:
        assert isinstance(member, Record)
        assert member.fields[0].required


def test_numbers_are_texts_where_the_model_says_so() -> None:
    takes, gives, _ = sides(str, coerce_numbers_to_str=True)
    assert isinstance(takes, Union)
    assert Scalar("int", strict=True) in takes.members
    assert gives == STR


@pytest.mark.parametrize(
    ("annotation", "config", "same"),
    [
        (int, {}, True),
        (str, {}, True),
        (bytes, {}, True),
        (None, {}, True),
        (Annotated[int, Strict()], {}, True),
        (Annotated[int, Field(ge=1)], {}, False),
        (Annotated[str, AfterValidator(str.strip)], {}, False),
        (str, {"str_strip_whitespace": True}, False),
        (str, {"coerce_numbers_to_str": True}, False),
        (float, {"allow_inf_nan": False}, False),
        (int | None, {}, False),
        (list[int], {}, False),
        (datetime.date, {}, False),
    ],
    ids=str,
)
def test_scalars_whose_validation_changes_nothing(annotation: Any, config: dict[str, Any], same: bool) -> None:
    taken = sides(annotation, **config)[0]
    unchanging = ("none", "bool", "int", "float", "str", "bytes")
    assert (isinstance(taken, Scalar) and taken.bare and taken.name in unchanging) is same
