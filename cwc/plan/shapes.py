"""A Pydantic model class → what it takes and gives, read from the core schema that Pydantic itself runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from pydantic import BaseModel

from cwc.plan.annotations import declared_type
from cwc.plan.tools import Extra, FieldSpec, ModelSpec

Schema = Mapping[str, object]


def describe_model(model: type[BaseModel]) -> ModelSpec:
    """What ``model.model_validate(mapping)`` needs, and the keys that ``model_dump()`` without arguments gives.

    A field's annotation is as `declared_type` gives it. A field that is dumped only sometimes (``exclude_if``,
    ``MISSING``) counts as not dumped, and makes the output open. A root model takes and gives what cannot be told.
    After and wrap validators are trusted to return an instance of their model.

    Raises what Pydantic raises for a model that it cannot complete, e.g. for a forward reference that leads nowhere.
    """
    if not model.__pydantic_complete__:
        model.model_rebuild()
    layers = _Layers(model)
    config, own = layers.config, layers.fields
    extra = own.get("extra_behavior") or layers.extra or config.get("extra_fields_behavior") or "ignore"
    fields = tuple(
        _field(model, name, schema, layers) for name, schema in _part(own, "fields").items() if isinstance(name, str)
    )
    computed = dict(_computed_keys(own, by_alias=layers.dumps_by_alias))
    sometimes = any(map(layers.is_sometimes_dumped, _parts(own, "fields"))) or None in computed.values()
    dumped = [spec.dumped for spec in fields] + list(computed.values())
    return ModelSpec(
        name=model.__name__,
        model=model,
        fields=fields,
        extra=cast("Extra", extra) if own else "allow",
        open_input=layers.open_input or not own or not _has_pydantics(model, "model_validate"),
        open_output=extra == "allow" or sometimes or config.get("polymorphic_serialization") is True,
        opaque_output=layers.opaque_output or not own or not _has_pydantics(model, "model_dump"),
        dump_keys=tuple(dict.fromkeys(key for key in dumped if key is not None)),
    )


@dataclass(slots=True)
class _Layers:
    """The layers of a core schema: validators around the model, the model, validators around its fields, its fields.

    ``fields`` is empty where the layers lead to anything else, as those of a root model do.
    """

    model: type[BaseModel]
    config: Schema = field(default_factory=dict)
    fields: Schema = field(default_factory=dict)
    extra: object = None
    open_input: bool = False
    opaque_output: bool = False
    _definitions: dict[object, Schema] = field(default_factory=dict)

    def __post_init__(self) -> None:
        layer: Schema | None = cast("Schema", self.model.__pydantic_core_schema__)
        while layer:
            self.opaque_output |= _replaces_the_dump(_part(layer, "serialization"))
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
                return _part(layer, "schema")
            case "function-after":
                return _part(layer, "schema")
            case "model" if layer.get("cls") is self.model and not layer.get("root_model"):
                self.config, self.extra = _part(layer, "config"), layer.get("extra_behavior")
                # Its __init__ is called with the raw mapping.
                self.open_input |= bool(layer.get("custom_init"))
                return _part(layer, "schema")
            case "model-fields":
                self.fields = layer
        return None

    def resolved(self, schema: Schema) -> Schema:
        """The schema that a reference means; any other schema as it is."""
        while schema.get("type") in ("definitions", "definition-ref"):
            for definition in _parts(schema, "definitions"):
                self._definitions[definition.get("ref")] = definition
            below = _part(schema, "schema")
            schema = below or self._definitions.get(schema.get("schema_ref"), {})
        return schema

    def is_sometimes_dumped(self, model_field: Schema) -> bool:
        if model_field.get("serialization_exclude"):
            return False
        return "serialization_exclude_if" in model_field or self._may_be_missing(_part(model_field, "schema"))

    def _may_be_missing(self, schema: Schema) -> bool:
        """Whether ``MISSING``, which is never dumped, is a value of the field."""
        schema = self.resolved(schema)
        if schema.get("type") == "missing-sentinel":
            return True
        return any(map(self._may_be_missing, (*_parts(schema, "choices"), *filter(None, [_wrapped(schema)]))))


def _field(model: type[BaseModel], name: str, schema: object, layers: _Layers) -> FieldSpec:
    own = schema if isinstance(schema, dict) else {}
    value = layers.resolved(_part(own, "schema"))
    alias = own.get("serialization_alias")
    never = own.get("serialization_exclude") or layers.is_sometimes_dumped(own)
    dumped = alias if layers.dumps_by_alias and isinstance(alias, str) else name
    return FieldSpec(
        name=name,
        keys=_keys(name, own.get("validation_alias"), layers.config),
        required=value.get("type") != "chain" and not _has_default(value),
        annotation=declared_type(model, name),
        dumped=None if never else dumped,
    )


def _keys(name: str, alias: object, config: Schema) -> tuple[str, ...]:
    """The mapping keys that can fill a field: of a path into a value, the first."""
    by_name = config.get("validate_by_name", config.get("populate_by_name")) is True
    by_alias = config.get("validate_by_alias") is not False
    if alias is None or not (by_name or by_alias):
        return (name,)
    keys = ([name] if by_name else []) + (list(_first_keys(alias)) if by_alias else [])
    return tuple(dict.fromkeys(keys))


def _first_keys(alias: object) -> Iterator[str]:
    """A validation alias is a key, a path of keys and positions, or a list of such paths."""
    if isinstance(alias, str):
        yield alias
    elif isinstance(alias, list) and alias:
        for choice in alias if isinstance(alias[0], list) else [alias]:
            yield from _first_keys(choice[0])


def _has_default(schema: Schema) -> bool:
    return schema.get("type") == "default" and ("default" in schema or "default_factory" in schema)


def _computed_keys(fields: Schema, *, by_alias: bool) -> Iterator[tuple[str, str | None]]:
    """Each computed field and its key in the dump, None where it is dumped only sometimes."""
    for computed in _parts(fields, "computed_fields"):
        name, alias = computed.get("property_name"), computed.get("alias")
        key = alias if by_alias and isinstance(alias, str) else name
        if isinstance(name, str) and isinstance(key, str):
            yield name, None if "serialization_exclude_if" in computed else key


def _replaces_the_dump(serialization: Schema) -> bool:
    return bool(serialization) and not str(serialization.get("when_used", "always")).startswith("json")


def _has_pydantics(model: type[BaseModel], method: str) -> bool:
    """Whether a model has Pydantic's own method of that name."""
    own, pydantics = getattr(model, method), getattr(BaseModel, method)
    return getattr(own, "__func__", own) is getattr(pydantics, "__func__", pydantics)


def _wrapped(schema: Schema) -> Schema | None:
    """What a wrapper such as a default, a nullable or a validator function wraps."""
    kind = str(schema.get("type"))
    return _part(schema, "schema") if kind in ("default", "nullable") or kind.startswith("function-") else None


def _part(schema: Schema, key: str) -> Schema:
    part = schema.get(key)
    return part if isinstance(part, dict) else {}


def _parts(schema: Schema, key: str) -> list[Schema]:
    """The schemas in a list or a mapping of schemas. A choice of a union can be a pair of a schema and a label."""
    part = schema.get(key)
    items = list(part.values()) if isinstance(part, dict) else part if isinstance(part, list) else []
    items = [item[0] if isinstance(item, tuple) else item for item in items]
    return [item for item in items if isinstance(item, dict)]
