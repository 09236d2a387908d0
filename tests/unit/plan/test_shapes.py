"""What `describe_model` says of a model, against what Pydantic does with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    RootModel,
    Strict,
    ValidationError,
    computed_field,
    create_model,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from cwc.plan.shapes import describe_model
from cwc.plan.tools import FieldSpec, ModelSpec

T = TypeVar("T")


def fields_of(spec: ModelSpec) -> dict[str, FieldSpec]:
    return {field.name: field for field in spec.fields}


class Plain(BaseModel):
    number: int
    label: str = "x"
    items: list[int] = Field(default_factory=list)


def test_a_plain_model_takes_and_gives_its_fields() -> None:
    spec = describe_model(Plain)
    assert (spec.name, spec.model, spec.extra) == ("Plain", Plain, "ignore")
    assert (spec.open_input, spec.open_output, spec.opaque_output) == (False, False, False)
    assert spec.dump_keys == ("number", "label", "items")
    assert [(field.name, field.keys, field.required, field.annotation, field.dumped) for field in spec.fields] == [
        ("number", ("number",), True, int, "number"),
        ("label", ("label",), False, str, "label"),
        ("items", ("items",), False, list[int], "items"),
    ]


@pytest.mark.parametrize("extra", ["ignore", "allow", "forbid"])
def test_extra_decides_how_open_the_output_is(extra: Literal["ignore", "allow", "forbid"]) -> None:
    spec = describe_model(create_model("M", __config__=ConfigDict(extra=extra), a=(int, ...)))
    assert (spec.extra, spec.open_output) == (extra, extra == "allow")


@pytest.mark.parametrize(
    ("config", "alias", "keys"),
    [
        ({}, {"alias": "A"}, ("A",)),
        ({}, {"validation_alias": "V", "alias": "A"}, ("V",)),
        ({"populate_by_name": True}, {"alias": "A"}, ("a", "A")),
        ({"validate_by_name": True}, {"alias": "A"}, ("a", "A")),
        ({"validate_by_name": True, "validate_by_alias": False}, {"alias": "A"}, ("a",)),
        ({}, {"validation_alias": AliasChoices("A", "B")}, ("A", "B")),
        ({}, {"validation_alias": AliasPath("A", 0, "x")}, ("A",)),
        ({}, {"validation_alias": AliasChoices("B", AliasPath("A", 0), AliasPath("A", 1))}, ("B", "A")),
        ({}, {"serialization_alias": "S"}, ("a",)),
        ({"alias_generator": str.upper}, {}, ("A",)),
    ],
)
def test_the_keys_that_fill_a_field(config: ConfigDict, alias: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    spec = describe_model(create_model("M", __config__=config, a=(int, Field(**alias))))
    assert spec.fields[0].keys == keys
    assert spec.field(keys[0]) is spec.fields[0]


@pytest.mark.parametrize(
    ("config", "field", "key"),
    [
        ({}, {"alias": "A"}, "a"),
        ({"serialize_by_alias": True}, {"alias": "A"}, "A"),
        ({"serialize_by_alias": True}, {"alias": "A", "serialization_alias": "S"}, "S"),
        ({"serialize_by_alias": True}, {"validation_alias": "V"}, "a"),
        ({}, {"exclude": True}, None),
    ],
)
def test_the_key_that_a_field_is_dumped_under(config: ConfigDict, field: Mapping[str, Any], key: str | None) -> None:
    model = create_model("M", __config__=config, a=(int, Field(default=1, **field)))
    spec = describe_model(model)
    assert spec.fields[0].dumped == key
    assert set(spec.dump_keys) == set(model().model_dump())
    assert not spec.open_output


def test_computed_fields_are_dumped_and_fill_nothing() -> None:
    class M(BaseModel):
        model_config = ConfigDict(serialize_by_alias=True)
        a: int = 1

        @computed_field(alias="B")
        def b(self) -> int:
            return 2

        @computed_field
        def c(self) -> int:
            return 3

    spec = describe_model(M)
    assert set(spec.dump_keys) == set(M().model_dump()) == {"a", "B", "c"}
    assert [field.name for field in spec.fields] == ["a"]


def test_what_is_dumped_only_sometimes_makes_the_output_open() -> None:
    class M(BaseModel):
        a: int
        b: int = Field(exclude_if=lambda value: value == 0)

    spec = describe_model(M)
    assert (spec.dump_keys, spec.open_output, fields_of(spec)["b"].dumped) == (("a",), True, None)


def test_a_field_that_is_always_excluded_is_not_open() -> None:
    class M(BaseModel):
        a: int = Field(exclude=True, exclude_if=lambda value: value == 0)

    assert not describe_model(M).open_output


def test_a_field_that_may_be_missing_is_dumped_sometimes() -> None:
    pydantic = pytest.importorskip("pydantic", minversion="2.12")
    missing = getattr(pydantic, "MISSING", None)
    if missing is None:
        pytest.skip("MISSING is experimental in this Pydantic")
    spec = describe_model(create_model("M", a=(int | missing, missing), b=(int, 1)))
    assert (spec.dump_keys, spec.open_output) == (("b",), True)


def test_a_serializer_of_the_model_hides_its_keys() -> None:
    class Plain(BaseModel):
        a: int

        @model_serializer
        def dump(self) -> dict[str, int]:
            return {"z": self.a}

    class Child(Plain):
        b: int = 1

    class Json(BaseModel):
        a: int

        @model_serializer(when_used="json")
        def dump(self) -> dict[str, int]:
            return {"z": self.a}

    assert describe_model(Plain).opaque_output
    assert describe_model(Child).opaque_output
    assert not describe_model(Json).opaque_output
    assert Json(a=1).model_dump() == {"a": 1}


def test_overridden_methods_are_taken_into_account() -> None:
    class Dumps(BaseModel):
        a: int

        def model_dump(self, **options: Any) -> dict[str, Any]:
            return {"z": self.a}

    class Validates(BaseModel):
        a: int

        @classmethod
        def model_validate(cls, obj: Any, **options: Any) -> Validates:
            return cls(a=1)

    assert describe_model(Dumps).opaque_output
    assert not describe_model(Dumps).open_input
    assert describe_model(Validates).open_input


def test_a_root_model_says_nothing() -> None:
    spec = describe_model(RootModel[dict[str, int]])
    assert (spec.fields, spec.dump_keys, spec.open_input, spec.opaque_output) == ((), (), True, True)


def before_validator() -> type[BaseModel]:
    class M(BaseModel):
        a: int

        @model_validator(mode="before")
        @classmethod
        def complete(cls, data: Any) -> Any:
            return {"a": 1, **data}

    class Child(M):
        pass

    return Child


def wrap_validator() -> type[BaseModel]:
    class M(BaseModel):
        a: int

        @model_validator(mode="wrap")
        @classmethod
        def complete(cls, data: Any, handler: Any) -> Any:
            return handler({"a": 1, **data})

    return M


def own_init() -> type[BaseModel]:
    class M(BaseModel):
        a: int

        def __init__(self, **data: Any) -> None:
            super().__init__(**{"a": 1, **data})

    return M


def own_core_schema() -> type[BaseModel]:
    class M(BaseModel):
        a: int

        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
            return core_schema.no_info_before_validator_function(lambda data: {"a": 1, **data}, handler(source))

    return M


@pytest.mark.parametrize("make", [before_validator, wrap_validator, own_init, own_core_schema])
def test_what_sees_the_raw_mapping_opens_the_input(make: Callable[[], type[BaseModel]]) -> None:
    model = make()
    spec = describe_model(model)
    assert spec.open_input
    assert spec.dump_keys == ("a",)
    assert model.model_validate({}).model_dump() == {"a": 1}


def test_a_core_schema_of_another_kind_says_nothing() -> None:
    class M(BaseModel):
        a: int

        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
            return core_schema.no_info_plain_validator_function(lambda data: cls.model_construct(a=1))

    spec = describe_model(M)
    assert (spec.fields, spec.open_input, spec.opaque_output) == ((), True, True)


def test_an_after_validator_leaves_the_input_closed() -> None:
    class M(BaseModel):
        a: int

        @model_validator(mode="after")
        def check(self) -> M:
            return self

        @field_validator("a", mode="before")
        @classmethod
        def first(cls, value: Any) -> Any:
            return value

    spec = describe_model(M)
    assert (spec.open_input, spec.fields[0].required) == (False, True)


def test_a_default_in_the_core_schema_of_a_type_counts() -> None:
    class Lenient:
        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
            return core_schema.with_default_schema(core_schema.any_schema(), default=5)

    model = create_model("M", a=(Lenient, ...))
    assert model.model_validate({}).model_dump() == {"a": 5}
    assert not describe_model(model).fields[0].required


def test_inheritance_and_generics() -> None:
    class Base(BaseModel, Generic[T]):
        value: T

    class Child(Base[int]):
        model_config = ConfigDict(frozen=True)
        other: str = ""

    spec = describe_model(Child)
    assert spec.dump_keys == ("value", "other")
    assert fields_of(spec)["value"].annotation is int
    assert describe_model(Base[str]).fields[0].annotation is str


def test_a_recursive_model_is_described() -> None:
    class Node(BaseModel):
        value: int
        next: Node | None = None

    spec = describe_model(Node)
    assert spec.dump_keys == ("value", "next")
    assert [field.required for field in spec.fields] == [True, False]


def test_a_deferred_model_is_completed() -> None:
    class M(BaseModel):
        model_config = ConfigDict(defer_build=True)
        a: int

    assert describe_model(M).dump_keys == ("a",)


def test_a_forward_reference_that_leads_nowhere_raises() -> None:
    fields: dict[str, Any] = {"a": ("Nowhere", ...)}
    model = create_model("M", **fields)
    with pytest.raises(NameError, match="Nowhere"):
        describe_model(model)


def test_constraints_are_left_out_of_the_annotation_and_validators_are_not() -> None:
    def as_is(value: object) -> object:
        return value

    class M(BaseModel):
        bounded: int = Field(ge=0)
        strict: Annotated[int, Strict()]
        converted: Annotated[int, BeforeValidator(as_is)]
        decorated: int
        dumped: int

        @field_validator("decorated", mode="plain")
        @classmethod
        def _decorated(cls, value: Any) -> Any:
            return value

        @field_serializer("dumped")
        def _dumped(self, value: int) -> str:
            return str(value)

    annotations = {name: field.annotation for name, field in fields_of(describe_model(M)).items()}
    kinds = {name: tuple(type(arg).__name__ for arg in get_args(hint)[1:]) for name, hint in annotations.items()}
    assert annotations["bounded"] is int
    assert kinds == {
        "bounded": (),
        "strict": ("Strict",),
        "converted": ("BeforeValidator",),
        "decorated": ("PlainValidator",),
        "dumped": ("PlainSerializer",),
    }


NAMES = ("a", "b", "c")
ALIASES = ("A", "B", "C", "a", "b")
aliases = st.one_of(
    st.none(),
    st.sampled_from(ALIASES),
    st.builds(AliasPath, st.sampled_from(ALIASES), st.integers(0, 1)),
    st.builds(AliasChoices, st.sampled_from(ALIASES), st.sampled_from(ALIASES)),
)
field_options = st.fixed_dictionaries(
    {},
    optional={
        "default": st.integers(0, 3),
        "alias": st.sampled_from(ALIASES),
        "validation_alias": aliases,
        "serialization_alias": st.sampled_from(("S", "T", "a")),
        "exclude": st.booleans(),
        "exclude_if": st.sampled_from([None, lambda value: value == 1]),
    },
)
configs = st.builds(
    ConfigDict,
    extra=st.sampled_from(["ignore", "allow", "forbid"]),
    populate_by_name=st.booleans(),
    serialize_by_alias=st.booleans(),
    frozen=st.booleans(),
)


@st.composite
def models(draw: st.DrawFn) -> type[BaseModel]:
    fields: dict[str, Any] = {
        name: (Any, Field(**draw(field_options))) for name in draw(st.sets(st.sampled_from(NAMES)))
    }
    validators: dict[str, Any] = {}
    if draw(st.booleans()):
        filled = draw(st.dictionaries(st.sampled_from((*NAMES, *ALIASES)), st.just([7, 8]), max_size=2))
        validators["fill"] = model_validator(mode="before")(lambda data: {**filled, **data})
    if draw(st.booleans()):
        validators["keep"] = model_validator(mode="after")(lambda self: self)
    return create_model("M", __config__=draw(configs), __validators__=validators, **fields)


inputs = st.dictionaries(
    st.sampled_from((*NAMES, *ALIASES, "other")), st.one_of(st.integers(0, 3), st.just([1, 2])), max_size=5
)


@settings(max_examples=300, deadline=None)
@given(models(), st.lists(inputs, min_size=1, max_size=5))
def test_it_holds_of_generated_models(model: type[BaseModel], mappings: list[dict[str, Any]]) -> None:
    spec = describe_model(model)
    for mapping in mappings:
        try:
            instance = model.model_validate(mapping)
        except ValidationError as error:
            check_refusal(spec, error)
            continue
        check_input(spec, mapping)
        check_output(spec, set(instance.model_dump()))


def check_refusal(spec: ModelSpec, error: ValidationError) -> None:
    required = {key for field in spec.fields if field.required for key in (field.name, *field.keys)}
    for problem in error.errors():
        if problem["type"] == "missing":
            assert problem["loc"][0] in required
        else:
            assert (problem["type"], spec.extra) == ("extra_forbidden", "forbid")


def check_input(spec: ModelSpec, mapping: Mapping[str, Any]) -> None:
    if spec.open_input:
        return
    assert all(set(field.keys) & set(mapping) for field in spec.fields if field.required)
    if spec.extra == "forbid":
        assert all(spec.field(key) for key in mapping)


def check_output(spec: ModelSpec, dumped: set[str]) -> None:
    assert not spec.opaque_output
    assert set(spec.dump_keys) <= dumped
    assert spec.open_output or dumped == set(spec.dump_keys)
