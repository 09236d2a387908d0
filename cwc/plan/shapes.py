"""A Pydantic model class → what it takes and gives, read from the core schema that Pydantic itself runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from pydantic import BaseModel

from cwc.plan.annotations import declared_type
from cwc.plan.isolation import isolates_field
from cwc.plan.schemas import Schema, computed_keys, has_default, keys_of, part, parts, replaces_the_dump
from cwc.plan.tools import Extra, FieldSpec, ModelSpec
from cwc.plan.types.model import UNKNOWN
from cwc.plan.types.reading import type_of_model
from cwc.plan.validators import plain_validator


def describe_model(model: type[BaseModel]) -> ModelSpec:
    """What ``model.model_validate(mapping)`` needs, and the keys that ``model_dump()`` without arguments gives.

    A field's annotation is as `declared_type` gives it. A field that is dumped only sometimes (``exclude_if``,
    ``MISSING``) counts as not dumped, and makes the output open. A root model takes and gives what cannot be told.
    After and wrap validators are trusted to return an instance of their model.

    Raises what Pydantic raises for a model that it cannot complete, e.g. for a forward reference that leads nowhere.
    """
    if not model.__pydantic_complete__:
        model.model_rebuild()
    layers = Layers(model)
    config, own = layers.config, layers.fields
    extra = own.get("extra_behavior") or layers.extra or config.get("extra_fields_behavior") or "ignore"
    fields = tuple(
        _field(model, name, schema, layers) for name, schema in part(own, "fields").items() if isinstance(name, str)
    )
    computed = dict(computed_keys(own, by_alias=layers.dumps_by_alias))
    sometimes = any(map(layers.is_sometimes_dumped, parts(own, "fields"))) or None in computed.values()
    dumped = [spec.dumped for spec in fields] + list(computed.values())
    open_input = layers.open_input or not own or not _has_pydantics(model, "model_validate")
    opaque_output = layers.opaque_output or not own or not _has_pydantics(model, "model_dump")
    return ModelSpec(
        name=model.__name__,
        model=model,
        fields=fields,
        extra=cast("Extra", extra) if own else "allow",
        open_input=open_input,
        open_output=extra == "allow" or sometimes or config.get("polymorphic_serialization") is True,
        opaque_output=opaque_output,
        dump_keys=tuple(dict.fromkeys(key for key in dumped if key is not None)),
        takes=UNKNOWN if open_input else type_of_model(model, "input"),
        gives=UNKNOWN if opaque_output else type_of_model(model, "value"),
        passed=UNKNOWN if open_input else type_of_model(model, "raw"),
    )


@dataclass(slots=True)
class Layers:
    """The layers of a core schema: validators around the model, the model, validators around its fields, its fields.

    ``fields`` is empty where the layers lead to anything else, as those of a root model do.
    """

    model: type[BaseModel]
    config: Schema = field(default_factory=dict)
    fields: Schema = field(default_factory=dict)
    extra: object = None
    open_input: bool = False
    opaque_output: bool = False
    definitions: dict[object, Schema] = field(default_factory=dict)

    def __post_init__(self) -> None:
        layer: Schema | None = cast("Schema", self.model.__pydantic_core_schema__)
        while layer:
            self.opaque_output |= replaces_the_dump(part(layer, "serialization"))
            layer = self._below(layer)

    @property
    def dumps_by_alias(self) -> bool:
        return self.config.get("serialize_by_alias") is True

    def _below(self, layer: Schema) -> Schema | None:
        """The layer below, or None at the end."""
        match layer.get("type"):
            case "definitions" | "definition-ref":
                return self.resolved(layer)
            case "function-before" | "function-wrap":
                self.open_input = True
                return part(layer, "schema")
            case "function-after":
                return part(layer, "schema")
            case "model" if layer.get("cls") is self.model and not layer.get("root_model"):
                self.config, self.extra = part(layer, "config"), layer.get("extra_behavior")
                # Its __init__ is called with the raw mapping.
                self.open_input |= bool(layer.get("custom_init"))
                return part(layer, "schema")
            case "model-fields":
                self.fields = layer
        return None

    def resolved(self, schema: Schema) -> Schema:
        """The schema that a reference means; any other schema as it is."""
        while schema.get("type") in ("definitions", "definition-ref"):
            for definition in parts(schema, "definitions"):
                self.definitions[definition.get("ref")] = definition
            below = part(schema, "schema")
            schema = below or self.definitions.get(schema.get("schema_ref"), {})
        return schema

    def is_sometimes_dumped(self, model_field: Schema) -> bool:
        if model_field.get("serialization_exclude"):
            return False
        return "serialization_exclude_if" in model_field or self._may_be_missing(part(model_field, "schema"))

    def _may_be_missing(self, schema: Schema) -> bool:
        """Whether ``MISSING``, which is never dumped, is a value of the field."""
        schema = self.resolved(schema)
        if schema.get("type") == "missing-sentinel":
            return True
        return any(map(self._may_be_missing, (*parts(schema, "choices"), *filter(None, [_wrapped(schema)]))))


def _field(model: type[BaseModel], name: str, schema: object, layers: Layers) -> FieldSpec:
    own = schema if isinstance(schema, dict) else {}
    value = layers.resolved(part(own, "schema"))
    alias = own.get("serialization_alias")
    never = own.get("serialization_exclude") or layers.is_sometimes_dumped(own)
    dumped = alias if layers.dumps_by_alias and isinstance(alias, str) else name
    declared = declared_type(model, name)
    return FieldSpec(
        name=name,
        keys=keys_of(name, own.get("validation_alias"), layers.config),
        required=value.get("type") != "chain" and not has_default(value),
        dumped=None if never else dumped,
        isolated=isolates_field(model, name, declared),
        validator=plain_validator(own, layers.config, layers.definitions),
        annotation=declared,
    )


def _has_pydantics(model: type[BaseModel], method: str) -> bool:
    """Whether a model has Pydantic's own method of that name."""
    own, pydantics = getattr(model, method), getattr(BaseModel, method)
    return getattr(own, "__func__", own) is getattr(pydantics, "__func__", pydantics)


def _wrapped(schema: Schema) -> Schema | None:
    """What a wrapper such as a default, a nullable or a validator function wraps."""
    kind = str(schema.get("type"))
    return part(schema, "schema") if kind in ("default", "nullable") or kind.startswith("function-") else None
