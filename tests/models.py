"""Generated Pydantic models of every make, with what a tool may return for one."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    create_model,
    field_validator,
    model_serializer,
    model_validator,
)

from tests.kind_values import defaults, fitting, fresh, values
from tests.kinds import Computing, Counted, Forgetful, Hushed, Inner, Lasting, Lying, Open, plain_types, types


@dataclass(frozen=True, slots=True)
class Case:
    """A model, and what a tool may return for it."""

    model: type[BaseModel]
    raw: Any

    def __repr__(self) -> str:
        return f"Case({self.model.__pydantic_fields__}, {self.model.model_config}, {self.raw!r})"


CONFIGS: tuple[ConfigDict, ...] = (
    ConfigDict(extra="allow"), ConfigDict(extra="forbid"), ConfigDict(extra="ignore"),
    ConfigDict(frozen=True), ConfigDict(strict=True), ConfigDict(use_enum_values=True), ConfigDict(str_to_lower=True),
    ConfigDict(coerce_numbers_to_str=True), ConfigDict(from_attributes=True), ConfigDict(validate_default=True),
    ConfigDict(revalidate_instances="always"), ConfigDict(ser_json_inf_nan="null"), ConfigDict(title="Other"),
    ConfigDict(str_strip_whitespace=True), ConfigDict(populate_by_name=True), ConfigDict(serialize_by_alias=True),
    ConfigDict(validate_assignment=True), ConfigDict(allow_inf_nan=False), ConfigDict(defer_build=True),
    ConfigDict(alias_generator=str.upper), ConfigDict(str_max_length=2), ConfigDict(hide_input_in_errors=True),
    ConfigDict(validate_by_name=True, validate_by_alias=False), ConfigDict(ser_json_bytes="hex"),
    ConfigDict(val_json_bytes="hex"), ConfigDict(revalidate_instances="subclass-instances"),
    ConfigDict(regex_engine="python-re"), ConfigDict(plugin_settings={"a": 1}), ConfigDict(strict=False),
)  # fmt: skip


def _positive(cls: type[BaseModel], value: Any) -> Any:
    if value == 3:
        raise ValueError("three")
    return value


@classmethod  # type: ignore[misc]
def _with_default(cls: type[BaseModel], value: Any) -> Any:
    return {"a": 1, **value} if isinstance(value, Mapping) else value


def _itself(self: Any) -> Any:
    return self


def _nothing(self: Any) -> Any:
    return None


@classmethod  # type: ignore[misc]
def _other(cls: type[BaseModel], value: Any, validate: Any) -> Any:
    made = validate(value)
    return dict(made) if made.a == 1 else made


EXTRAS: tuple[dict[str, Any], ...] = (
    {"check": field_validator("a", check_fields=False)(_positive)},
    {"check": model_validator(mode="before")(_with_default)},
    {"check": model_validator(mode="after")(_itself)},
    {"check": model_validator(mode="after")(_nothing)},
    {"check": model_validator(mode="wrap")(_other)},
    {"dump": model_serializer(lambda self: [1])},
    {"dump": model_serializer(mode="wrap")(lambda self, handler: {**handler(self), "more": 1})},
)


class Initialised(BaseModel):
    def __init__(self, **given: Any) -> None:
        super().__init__(**{"a": 1, **given})


class Dumped(BaseModel):
    def model_dump(self, **options: Any) -> dict[str, Any]:
        return {"own": 1}


class Validated(BaseModel):
    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Any:
        return super().model_validate({"a": 2, **obj} if isinstance(obj, dict) else obj, **options)


class Posted(BaseModel):
    _count: int = PrivateAttr(default=0)

    def model_post_init(self, context: Any) -> None:
        self._count += 1
        if hasattr(self, "a") and isinstance(self.a, int):
            object.__setattr__(self, "a", self.a + 1)


BASES: tuple[type[BaseModel], ...] = (
    Initialised, Dumped, Validated, Posted, Counted, Computing, Open, Lasting, Lying, Forgetful, Hushed,
)  # fmt: skip


@st.composite
def fields(draw: st.DrawFn, kind: Any, *, plain: bool) -> tuple[Any, Any]:
    options: dict[str, Any] = {}
    match draw(st.integers(9, 14) if plain else st.integers(-1, 13)):
        case -1:
            options["exclude_if"] = lambda value: value in (1, None)
        case 0:
            options["alias"] = "other"
        case 1:
            options["validation_alias"] = AliasChoices("other", "a")
        case 2:
            options["serialization_alias"] = "shown"
        case 3:
            options["exclude"] = True
        case 4:
            options["default_factory"] = draw(st.sampled_from((lambda: 5, Inner, dict, lambda data: len(data))))
        case 5:
            options |= {"default": draw(defaults), "validate_default": True}
        case 6 | 7:
            options["default"] = draw(defaults)
        case 9:
            options["frozen"] = True
        case 10:
            options["default_factory"] = draw(st.sampled_from((list, dict, set)))
        case 11:
            options["default"] = draw(st.one_of(fitting(kind), st.none()))
        case _:
            pass
    return kind, Field(**options)


@st.composite
def cases(draw: st.DrawFn, of: st.SearchStrategy[Any] | None = None) -> Case:
    """A model of up to three fields, and a raw output: a mapping with them, an instance, or something else.

    ``of`` are the types of the fields, by default those of every make.
    """
    plain = draw(st.integers(0, 2)) > 0
    names = draw(st.sampled_from((("a",), ("a", "b"), ("a", "b", "c"))))
    kinds = {name: draw(of if of is not None else plain_types if plain else types) for name in names}
    definition: Any = {name: draw(fields(kind, plain=plain)) for name, kind in kinds.items()}
    base = None if plain else draw(st.sampled_from((None,) * 8 + BASES))
    config = ConfigDict() if plain else draw(st.sampled_from((*[ConfigDict()] * 6, *CONFIGS)))
    made: dict[str, Any] = {"__base__": base} if base else {"__config__": config}
    extras: Any = {} if plain else draw(st.sampled_from((*[{}] * 6, *EXTRAS)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model: type[BaseModel] = create_model("Generated", __validators__=extras, **made, **definition)
    raw = st.fixed_dictionaries(
        {}, optional={**{name: fitting(kind) for name, kind in kinds.items()}, "other": values, "A": values}
    )
    whole = st.fixed_dictionaries({name: fitting(kind) for name, kind in kinds.items()})
    wrong = st.fixed_dictionaries(dict.fromkeys(names, values))
    output = st.one_of(whole, whole, whole, raw, wrong, values, whole.map(lambda raw: _instance(model, raw)))
    return Case(model, draw(output))


def _instance(model: type[BaseModel], raw: Any) -> Any:
    """An instance of a model if it can be made, else one that nothing has validated."""
    try:
        return model.model_validate(fresh(raw))
    except Exception:
        return model.model_construct(**{key: value for key, value in raw.items() if key in model.model_fields})
