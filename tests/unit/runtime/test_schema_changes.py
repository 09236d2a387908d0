"""Every kind of change of a schema is classified as documented, and as Pydantic sees it."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any, Literal, NotRequired

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from typing_extensions import TypedDict

from cwc.runtime.registry.schema_changes import schema_changes
from cwc.runtime.registry.schema_terms import Term, describe

REGISTRY_PAGE = (Path(__file__).parents[3] / "docs" / "registry.md").read_text("utf-8")


def model(config: ConfigDict | None = None, /, **fields: Any) -> type[BaseModel]:
    whole: dict[str, Any] = {
        name: field if isinstance(field, tuple) else (field, ...) for name, field in fields.items()
    }
    return create_model("Model", __config__=config, **whole)


class Inner(BaseModel):
    x: int


class InnerMore(BaseModel):
    x: int
    y: str


class InnerWide(BaseModel):
    x: float


class Part(TypedDict):
    x: int


class PartOptional(TypedDict):
    x: NotRequired[int]


A = model(a=int)
ALLOW, FORBID = ConfigDict(extra="allow"), ConfigDict(extra="forbid")
BREAKS: dict[str, tuple[type[BaseModel], type[BaseModel], str, bool, bool]] = {
    # what changed: old, new, its kind, whether that breaks an input, whether that breaks an output
    "required field added": (A, model(a=int, b=int), "required_field_added", True, False),
    "optional field added": (A, model(a=int, b=(int, 0)), "optional_field_added", False, False),
    "field removed": (model(a=int, b=str), A, "field_removed", True, True),
    "field renamed": (A, model(b=int), "field_renamed", True, True),
    "field replaced": (A, model(b=str), "field_removed", True, True),
    "became required": (model(a=(int, 1)), A, "became_required", True, False),
    "became optional": (A, model(a=(int, 1)), "became_optional", False, False),
    "type widened to a union": (A, model(a=int | str), "type_widened", False, True),
    "type narrowed from a union": (model(a=int | str), A, "type_narrowed", True, False),
    "null allowed": (A, model(a=int | None), "type_widened", False, True),
    "null refused": (model(a=int | None), A, "type_narrowed", True, False),
    "int became float": (A, model(a=float), "type_widened", False, True),
    "float became int": (model(a=float), A, "type_narrowed", True, False),
    "bool became int": (model(a=bool), A, "type_widened", False, True),
    "type changed": (A, model(a=str), "type_changed", True, True),
    "a value became a list": (A, model(a=list[int]), "type_changed", True, True),
    "anything became something": (model(a=Any), A, "type_narrowed", True, False),
    "something became anything": (A, model(a=Any), "type_widened", False, True),
    "constraint added": (A, model(a=(int, Field(ge=1))), "constraint_added", True, False),
    "constraint removed": (model(a=(int, Field(ge=1))), A, "constraint_removed", False, True),
    "constraint tightened": (
        model(a=(int, Field(ge=1))), model(a=(int, Field(ge=2))), "constraint_tightened", True, False,
    ),
    "constraint loosened": (
        model(a=(int, Field(le=1))), model(a=(int, Field(le=2))), "constraint_loosened", False, True,
    ),
    "pattern changed": (
        model(a=(str, Field(pattern="a"))), model(a=(str, Field(pattern="b"))), "constraint_changed", True, True,
    ),
    "length limited": (model(a=str), model(a=(str, Field(max_length=2))), "constraint_added", True, False),
    "format changed": (model(a=str), model(a=datetime.date), "keyword_changed", True, True),
    "enum value removed": (model(a=Literal["x", "y"]), model(a=Literal["x"]), "enum_value_removed", True, False),
    "enum value added": (model(a=Literal["x"]), model(a=Literal["x", "y"]), "enum_value_added", False, True),
    "enum became a type": (model(a=Literal["x"]), model(a=str), "type_widened", False, True),
    "a type became an enum": (model(a=str), model(a=Literal["x"]), "type_narrowed", True, False),
    "default changed": (model(a=(int, 1)), model(a=(int, 2)), "default_changed", False, False),
    "nested field added": (model(a=Inner), model(a=InnerMore), "required_field_added", True, False),
    "nested type widened": (model(a=Inner), model(a=InnerWide), "type_widened", False, True),
    "nested in a list": (model(a=list[Inner]), model(a=list[InnerMore]), "required_field_added", True, False),
    "nested in a mapping": (model(a=dict[str, int]), model(a=dict[str, str]), "type_changed", True, True),
    "nested key became optional": (model(a=Part), model(a=PartOptional), "became_optional", False, True),
    "items of a tuple": (model(a=tuple[int, int]), model(a=tuple[int, str]), "type_changed", True, True),
    "a longer tuple": (model(a=tuple[int, int]), model(a=tuple[int, int, int]), "type_changed", True, True),
    "extras forbidden": (A, model(FORBID, a=int), "extras_forbidden", True, False),
    "extras no longer forbidden": (model(FORBID, a=int), A, "extras_allowed", False, False),
    "extras kept": (A, model(ALLOW, a=int), "extras_allowed", False, True),
    "extras dropped": (model(ALLOW, a=int), A, "extras_dropped", False, True),
    "wording": (A, model(a=(int, Field(description="a number"))), "wording_changed", False, False),
}  # fmt: skip


@pytest.mark.parametrize("what", BREAKS)
def test_a_change_is_classified_as_documented(what: str) -> None:
    old, new, kind, input_breaks, output_breaks = BREAKS[what]
    before, after = old.model_json_schema(), new.model_json_schema()
    for side, breaks in (("input", input_breaks), ("output", output_breaks)):
        changes = schema_changes(side, before, after)  # type: ignore[arg-type]
        assert kind in {change.kind for change in changes}
        assert any(change.breaking for change in changes) is breaks, changes
        assert all(f"`{change.kind}`" in REGISTRY_PAGE for change in changes)


SAMPLES: list[Any] = [
    0, 1, 2, 3, 1.5, -4, True, "x", "y", "abc", "a", "b", None, [1], [1, 2], [1, "x"], [1, 2, 3], ["x"],
    {"x": 1}, {"x": 1, "y": "z"}, {"x": 1.5}, {"k": 1}, {"k": "v"}, [{"x": 1}], [{"x": 1, "y": "z"}], {},
    datetime.date(2020, 1, 1), (1, 2), (1, "x"), (1, 2, 3),
]  # fmt: skip
MAPPINGS = [
    {name: value for name, value in (("a", a), ("b", b), *more) if value != "absent"}
    for a in [*SAMPLES, "absent"]
    for b in [1, "x", "absent"]
    for more in [(), (("extra", 1),)]
]


def accepts(kind: type[BaseModel], value: Any) -> bool:
    try:
        kind.model_validate(value, strict=True)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("what", BREAKS)
def test_pydantic_agrees_that_a_compatible_change_is_one(what: str) -> None:
    """An input that was taken is still taken; an output that is given would have been one before."""
    old, new, _, input_breaks, output_breaks = BREAKS[what]
    declared = {*old.model_fields, "extra"}
    taken = [value for value in MAPPINGS if accepts(old, value) and value.keys() <= declared]
    given = [new.model_validate(value, strict=True) for value in MAPPINGS if accepts(new, value)]
    assert taken
    assert given
    if not input_breaks:
        assert [value for value in taken if not _accepts_loosely(new, value)] == []
    if not output_breaks:
        outputs = [output.model_dump(include=set(old.model_fields)) for output in given]
        assert [value for value in outputs if not _accepts_loosely(old, value)] == []


def _accepts_loosely(kind: type[BaseModel], value: Any) -> bool:
    try:
        kind.model_validate(value)
    except ValidationError:
        return False
    return True


def test_schemas_that_lead_into_themselves_are_compared() -> None:
    class Tree(BaseModel):
        children: list[Tree]
        size: int

    before = Tree.model_json_schema()

    class Other(BaseModel):
        children: list[Other]
        size: str

    (change,) = schema_changes("input", before, Other.model_json_schema())
    assert (change.pointer, change.kind) == ("/size", "type_changed")


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}},
        {"anyOf": [{"$ref": "#/$defs/a"}] * 2, "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}] * 2}}},
        {"type": 3, "properties": 4, "required": "x", "enum": 5},
        {"$ref": "elsewhere"},
    ],
)
def test_odd_schemas_are_compared_in_bounded_time(schema: dict[str, Any]) -> None:
    assert schema_changes("input", schema, {"type": "object"})
    assert schema_changes("output", {"type": "object"}, schema)
    assert schema_changes("input", schema, schema) == ()


def test_unions_of_unions_are_given_up_on() -> None:
    def union(depth: int, leaf: str) -> dict[str, Any]:
        if not depth:
            return {"type": leaf}
        return {"type": "object", "properties": {k: {"anyOf": [union(depth - 1, leaf), {"type": "object",
            "properties": {"z": {"type": leaf}}}]} for k in "abc"}}  # fmt: skip

    changes = schema_changes("input", union(3, "string"), union(3, "array"))
    assert any(change.breaking for change in changes)


def test_schemas_in_words() -> None:
    schema = model(a=list[int | str]).model_json_schema()["properties"]["a"]
    assert describe(Term(schema, schema)) == "array of integer or string"
