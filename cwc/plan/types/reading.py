"""A Pydantic core schema → a type, seen from one of three sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Flag
from functools import partial
from typing import Literal, cast, get_args

from pydantic import BaseModel

from cwc.plan.schemas import Schema, part, parts, replaces_the_dump
from cwc.plan.types.model import (
    NONE,
    UNKNOWN,
    Checked,
    Choice,
    Container,
    Fixed,
    Instance,
    Items,
    Record,
    Ref,
    Scalar,
    ScalarName,
    Type,
    resolved,
    union_of,
)
from cwc.plan.types.model import Mapping as MappingType
from cwc.plan.types.records import Records

Side = Literal["input", "value", "raw"]
"""What a validator takes; what ``model_dump()`` makes of what it gives; or what people pass who mean the type: of the
forms that the validator takes, those that the type itself has, instances and dicts of models alike."""

_SCALARS: Mapping[str, ScalarName] = {name: name for name in get_args(ScalarName)}
_CONTAINERS: Mapping[str, Container] = {name: name for name in get_args(Container)}
_NO_CONSTRAINTS = frozenset({"type", "microseconds_precision", "ref", "metadata", "strict", "serialization"})
_PYDANTICS_CONSTRAINTS = "pydantic._internal._validators"


class Reader:
    """Reads the schemas of one model. What is no type of its own is unknown, as is all that user code decides."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.definitions: dict[object, Schema] = {}
        self.table: dict[str, Type] = {}

    def read(self, schema: Schema, config: Schema) -> Type:
        """The type of a schema. ``config`` is that of the model or dataclass around it."""
        if self.side == "value" and _is_users(part(schema, "serialization")):
            return UNKNOWN
        kind = str(schema.get("type"))
        if kind in _SCALARS:
            return self._scalar(_SCALARS[kind], schema, config)
        if kind in _CONTAINERS:
            return self._container(_CONTAINERS[kind], schema, config)
        if kind.startswith("function-"):
            return self._function(kind, schema, config)
        return self._other(kind, schema, config)

    def _other(self, kind: str, schema: Schema, config: Schema) -> Type:
        match kind:
            case "definitions":
                self.definitions.update((each.get("ref"), each) for each in parts(schema, "definitions"))
                return self._inner(schema, config)
            case "definition-ref":
                return self._reference(schema.get("schema_ref"), config)
            case "model" | "dataclass" | "typed-dict" | "named-tuple" | "model-fields":
                return Records(self).read(kind, schema, config)
            case "literal" | "enum":
                return self._choice(schema, config)
            case "is-instance":
                cls = schema.get("cls")
                return Instance(cls) if isinstance(cls, type) else UNKNOWN
            case "dict":
                key, value = part(schema, "keys_schema"), part(schema, "values_schema")
                return MappingType(self.read(key, config), self.read(value, config), is_strict(schema, config))
            case "nullable":
                return union_of([self._inner(schema, config), NONE])
            case "union" | "tagged-union":
                return self._union(kind, schema, config)
            case "default":
                return self._default(schema, config)
            case "chain":
                steps = parts(schema, "steps")
                return self._by_side(Checked(self.read(steps[0], config)), steps[-1], config)
            case "lax-or-strict":
                lax = self.side == "input" and not is_strict(schema, config)
                return self.read(part(schema, "lax_schema" if lax else "strict_schema"), config)
            case "json-or-python":
                return self.read(part(schema, "python_schema"), config)
            case "custom-error":
                return self._inner(schema, config)
            case _:
                return UNKNOWN

    def _inner(self, schema: Schema, config: Schema) -> Type:
        return self.read(part(schema, "schema"), config)

    def _by_side(self, input: Type, value: Schema, config: Schema) -> Type:
        return self.read(value, config) if self.side == "value" else input if self.side == "input" else UNKNOWN

    def _reference(self, ref: object, config: Schema) -> Type:
        if not isinstance(ref, str) or ref not in self.definitions:
            return UNKNOWN
        if ref not in self.table:
            self.table[ref] = UNKNOWN
            self.table[ref] = self.read(self.definitions[ref], config)
        return Ref(ref, self.table)

    def _scalar(self, name: ScalarName, schema: Schema, config: Schema) -> Type:
        changing = [key for key, setting in config.items() if key.startswith("str_") and setting]
        bare = _NO_CONSTRAINTS.issuperset(schema) and not (name == "str" and changing)
        bare &= not (name == "float" and config.get("allow_inf_nan") is False)
        scalar = Scalar(name, is_strict(schema, config), bare)
        converts = schema.get("coerce_numbers_to_str", config.get("coerce_numbers_to_str")) is True
        if self.side == "input" and name == "str" and converts and not scalar.strict:
            numbers: list[Type] = [Scalar("int", True), Scalar("float", True), Scalar("decimal", True)]
            return union_of([scalar, *numbers])
        return scalar

    def _container(self, kind: Container, schema: Schema, config: Schema) -> Type:
        strict = is_strict(schema, config)
        items = schema.get("items_schema")
        if kind != "tuple":
            return Items(kind, self.read(items if isinstance(items, dict) else {}, config), strict)
        read = tuple(self.read(item, config) for item in parts(schema, "items_schema"))
        variadic = schema.get("variadic_item_index")
        if variadic is None:
            return Fixed("tuple", read, strict)
        return Items("tuple", read[0], strict) if len(read) == 1 else UNKNOWN

    def _choice(self, schema: Schema, config: Schema) -> Type:
        if schema.get("type") == "literal":
            return Choice(tuple(cast("list[object]", schema.get("expected"))))
        cls, mixin = cast("type", schema.get("cls")), schema.get("sub_type")
        # Flags can be combined, to values that are none of their members.
        if issubclass(cls, Flag) or (self.side == "input" and schema.get("missing") is not None):
            return UNKNOWN
        members = tuple(cast("list[object]", schema.get("members")))
        return Choice(members, cls, mixin if isinstance(mixin, str) else None, is_strict(schema, config))

    def _union(self, kind: str, schema: Schema, config: Schema) -> Type:
        tag = schema.get("discriminator")
        members = [self.read(choice, config) for choice in parts(schema, "choices")]
        if kind == "union" or self.side != "input":
            return union_of(members)
        if not isinstance(tag, str):
            return Checked(union_of(members))
        return union_of([_requiring(member, tag) for member in members])

    def _default(self, schema: Schema, config: Schema) -> Type:
        inner = self._inner(schema, config)
        if self.side == "input" and schema.get("on_error") in ("default", "omit"):
            return UNKNOWN
        validated = schema.get("validate_default", config.get("validate_default")) is True
        if self.side != "value" or "default" not in schema or validated:
            return inner
        default = schema["default"]
        if default is None:
            return union_of([inner, NONE])
        mistyped = (
            isinstance(inner, Scalar)
            and isinstance(default, bool | int | str)
            and (type(default).__name__ != inner.name)
        )
        return union_of([inner, Choice((default,))]) if mistyped else inner

    def _function(self, kind: str, schema: Schema, config: Schema) -> Type:
        below = part(schema, "schema")
        if kind == "function-before" or (kind == "function-after" and self.side == "raw"):
            return self.read(below, config) if self.side == "value" or kind == "function-after" else UNKNOWN
        if kind == "function-after" and self.side == "input":
            return Checked(self.read(below, config))
        # Validators around a model are trusted to return an instance of it, and Pydantic's own constraints to return
        # what they were given.
        is_model = below.get("type") in ("model", "dataclass", "model-fields", "dataclass-args")
        if self.side == "value" and kind != "function-plain" and (is_model or _is_constraint(schema)):
            return self.read(below, config)
        return UNKNOWN


def type_of_model(model: type[BaseModel], side: Side) -> Type:
    """The type of a complete model: of the mappings it takes, or of its dumps."""
    return resolved(Reader(side).read(cast("Schema", model.__pydantic_core_schema__), {}))


def is_strict(schema: Schema, config: Schema) -> bool:
    return schema.get("strict", config.get("strict")) is True


def _requiring(member: Type, tag: str) -> Type:
    """A member of a tagged union, which must be given its tag even where it has a default."""
    if not isinstance(member, Record):
        return Checked(member)
    fields = tuple(replace(each, required=each.required or tag in each.keys) for each in member.fields)
    return replace(member, fields=fields)


def _function_of(schema: Schema) -> object:
    found = schema.get("function")
    found = found.get("function") if isinstance(found, dict) else found
    return found.func if isinstance(found, partial) else found


def _is_constraint(schema: Schema) -> bool:
    return getattr(_function_of(schema), "__module__", None) == _PYDANTICS_CONSTRAINTS and (
        schema.get("type") == "function-after"
    )


def _is_users(serialization: Schema) -> bool:
    """Whether a serializer decides of the dump that is not one of Pydantic's own, which keep what has no parts."""
    module = str(getattr(_function_of(serialization), "__module__", None))
    return replaces_the_dump(serialization) and not module.startswith("pydantic.")
