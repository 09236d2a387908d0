"""Which output models have a twin: all that are plain, and none of the others."""

from __future__ import annotations

import datetime
import enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, PrivateAttr, RootModel, create_model

import cwc
from cwc.runtime.tools.binding import giver, returned_by
from cwc.runtime.tools.twins import NoTwin, twin_of, twin_schema


class Kind(enum.Enum):
    A = "a"


class Item(BaseModel):
    sku: str
    count: int = 1


class Own(BaseModel):
    count: int
    _seen: int = PrivateAttr(default=0)


class Root(RootModel[list[int]]):
    pass


class Tree(BaseModel):
    branches: list[Tree] = []


class Overridden(BaseModel):
    def model_dump(self, **options: Any) -> dict[str, Any]:
        return {}


class Priced(BaseModel):
    price: int

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        return found * 2 if name == "price" else found


TWINNED = [
    int, str, float, bool, bytes, Kind, datetime.date, Literal["a", 1], str | None, int | str, list[int],
    dict[str, Item],
    int | str | bool | float, str | datetime.date,
    Item, Item | None, list[Item], tuple[int, ...], tuple[int, Item], set[str], Annotated[int, Field(ge=0)],
]  # fmt: skip
OTHERS = [
    Any, list[Any], dict[str, Any], object, Own, Root, Tree, Overridden, Item | int, list[Item] | None | int,
    Annotated[int, AfterValidator(abs)], Annotated[int, PlainSerializer(str)], type[int], list[Own],
    Priced, int | datetime.date, Annotated[int | str, Field(union_mode="left_to_right")],
    Annotated[int, Field(ge=0)] | str,
]  # fmt: skip
SETTINGS = [
    ConfigDict(extra="allow"), ConfigDict(extra="forbid"), ConfigDict(strict=True), ConfigDict(from_attributes=True),
    ConfigDict(alias_generator=str.upper), ConfigDict(validate_default=True),
]  # fmt: skip


@pytest.mark.parametrize("kind", TWINNED, ids=str)
def test_plain_models_have_a_twin(kind: Any) -> None:
    assert twin_of(create_model("Made", a=(kind, ...), b=(list[str], []))) is not None


@pytest.mark.parametrize("kind", OTHERS, ids=str)
def test_other_fields_have_none(kind: Any) -> None:
    assert twin_of(create_model("Made", a=(kind, ...))) is None


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_settings_that_matter_have_none(settings: ConfigDict) -> None:
    assert twin_of(create_model("Made", __config__=settings, a=(int, 0))) is None


@pytest.mark.parametrize("field", [Field(alias="b"), Field(exclude=True), Field(default_factory=lambda: 1)], ids=str)
def test_fields_with_a_life_of_their_own_have_none(field: Any) -> None:
    assert twin_of(create_model("Made", a=(int, field))) is None


@pytest.mark.parametrize("kind", [Item, Item | None])
def test_a_default_that_would_be_dumped_with_a_warning_leaves_none(kind: Any) -> None:
    assert twin_of(create_model("Made", a=(kind, Field(default_factory=dict)))) is None
    assert twin_of(create_model("Made", a=(dict[str, kind], Field(default_factory=dict)))) is not None


def test_the_value_of_an_enum_that_is_taken_for_an_int_is_dumped_with_its_warning() -> None:
    """Pydantic makes an int of any member of an enum: its value, whatever that is."""
    made = create_model("Made", a=(int, ...), b=(int | str, ...))
    with pytest.warns(UserWarning, match="Expected `int`"):
        assert giver(made, "mapping")({"a": Kind.A, "b": 1}) == {"a": "a", "b": 1}
    assert giver(made, "mapping")({"a": "3", "b": True}) == made(a="3", b=True).model_dump()


def test_a_rebuilt_model_has_another_twin() -> None:
    made = create_model("Made", a=(int, 1))
    assert giver(made, "mapping")({}) == {"a": 1}
    made.model_fields["a"].default = 2
    made.model_rebuild(force=True)
    assert giver(made, "mapping")({}) == {"a": 2}


def test_why_there_is_none_can_be_asked() -> None:
    with pytest.raises(NoTwin, match="a node of the kind 'any'"):
        twin_schema(create_model("Made", a=(Any, ...)).__pydantic_core_schema__)


def test_what_a_twin_refuses_goes_the_plain_way() -> None:
    give = giver(create_model("Made", items=(list[int], ...), item=(Item, ...)))
    assert give({"items": iter("12"), "item": Item(sku="a")}) == {"items": [1, 2], "item": {"sku": "a", "count": 1}}


class Given(BaseModel):
    value: int


def _model(given: Given) -> Item:
    raise NotImplementedError


def _mapping(given: Given) -> dict[str, Any]:
    raise NotImplementedError


def _untold(given: Given):  # type: ignore[no-untyped-def]
    raise NotImplementedError


@pytest.mark.parametrize(("fn", "expected"), [(_model, "model"), (_mapping, "mapping"), (_untold, "unknown")])
def test_annotations_say_which_way_is_tried_first(fn: Any, expected: str) -> None:
    tool = cwc.Tool(name="t", description="", input_schema=Given, output_schema=Item, fn=fn)
    assert returned_by(tool) == expected
