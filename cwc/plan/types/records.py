"""The core schemas of models, dataclasses, typed dicts and named tuples → types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, cast

from pydantic import BaseModel
from pydantic_core import SchemaValidator, core_schema

from cwc.plan.schemas import Schema, computed_keys, has_default, is_path, keys_of, part, parts
from cwc.plan.types.model import UNKNOWN, Extra, Fixed, Instance, Record, RecordField, Type, Union

if TYPE_CHECKING:
    from cwc.plan.types.reading import Reader


@dataclass(frozen=True, slots=True)
class Records:
    """Reads for a reader of one side."""

    reader: Reader

    def read(self, kind: str, schema: Schema, config: Schema) -> Type:
        """The type of a schema of one of these kinds; ``config`` is that of what is around it."""
        match kind:
            case "named-tuple":
                return self._named_tuple(schema, config)
            case "model" | "dataclass":
                return self._class(schema, part(schema, "config") or config)
            case _:
                return self._record(schema, part(schema, "config") or config, schema)

    def _named_tuple(self, schema: Schema, config: Schema) -> Type:
        entries = [(str(each.get("name")), part(each, "schema")) for each in parts(schema, "fields")]
        read = tuple((name, self.reader.read(each, config), has_default(each)) for name, each in entries)
        types = tuple(type_ for _, type_, _ in read)
        if self.reader.side != "input":
            return Fixed("tuple", types)
        optional = sum(optional for *_, optional in read)
        positional = [Fixed("tuple", types[:length]) for length in range(len(types), len(types) - optional - 1, -1)]
        named = tuple(RecordField((name,), type_, not optional) for name, type_, optional in read)
        return Union((*positional, Record("dict", named, "forbid")))

    def _class(self, schema: Schema, config: Schema) -> Type:
        """A model or a dataclass, whose fields stand below validators, if it has any."""
        side, cls = self.reader.side, schema.get("cls")
        if side != "value" and schema.get("custom_init"):
            return UNKNOWN
        if schema.get("type") == "model":
            strict = schema.get("strict") is True and not _strict_models_take_dicts()
        else:
            strict = schema.get("strict", config.get("strict")) is True
        if side != "value" and strict and isinstance(cls, type):
            return Record(cls.__name__, (), cls=cls, instances_only=True) if side == "input" else Instance(cls)
        below = part(schema, "schema")
        if schema.get("root_model"):
            return self.reader.read(below, config)
        while str(below.get("type")) in ("function-before", "function-after", "function-wrap"):
            if side != "value" and below.get("type") != "function-after":
                return UNKNOWN
            below = part(below, "schema")
        if below.get("type") in ("definitions", "definition-ref"):
            return self.reader.read(below, config)
        return self._record(below, config, schema)

    def _record(self, fields: Schema, config: Schema, outer: Schema) -> Type:
        if fields.get("type") not in ("model-fields", "dataclass-args", "typed-dict"):
            return UNKNOWN
        cls = outer.get("cls")
        extra = (
            fields.get("extra_behavior")
            or outer.get("extra_behavior")
            or config.get("extra_fields_behavior")
            or "ignore"
        )
        sometimes = None in dict(computed_keys(fields, by_alias=False)).values()
        if self.reader.side == "value" and (sometimes or config.get("polymorphic_serialization") is True):
            extra = "allow"
        found = self._dumped(fields, config) if self.reader.side == "value" else self._taken(fields, config)
        name = cls.__name__ if isinstance(cls, type) else "dict"
        return Record(
            name,
            tuple(found),
            cast("Extra", extra),
            cls if isinstance(cls, type) else None,
            attributes=config.get("from_attributes") is True,
        )

    def _taken(self, fields: Schema, config: Schema) -> Iterator[RecordField]:
        """The keys that are read of a mapping."""
        for name, entry in _named(fields):
            if entry.get("init") is False:
                continue
            value, alias = part(entry, "schema"), entry.get("validation_alias")
            keys = keys_of(name, alias, config)
            type_ = UNKNOWN if is_path(alias) else self.reader.read(value, config)
            required = entry.get("required") is not False and not self._is_optional(value)
            if self.reader.side == "input" or len(keys) == 1:
                yield RecordField(keys, type_, required)
            else:
                # What stands under the key that does not come first is never looked at.
                yield from (RecordField((key,), UNKNOWN, False) for key in keys)

    def _dumped(self, fields: Schema, config: Schema) -> Iterator[RecordField]:
        """The keys of the dump."""
        by_alias = config.get("serialize_by_alias") is True
        for name, entry in _named(fields):
            if entry.get("serialization_exclude") or entry.get("init_only"):
                continue
            alias = entry.get("serialization_alias")
            sometimes = "serialization_exclude_if" in entry or self._may_be_missing(part(entry, "schema"))
            key = alias if by_alias and isinstance(alias, str) else name
            required = entry.get("required") is not False and not sometimes
            yield RecordField((key,), self.reader.read(part(entry, "schema"), config), required)
        returned = {each.get("property_name"): part(each, "return_schema") for each in parts(fields, "computed_fields")}
        for name, found in computed_keys(fields, by_alias=by_alias):
            if found is not None:
                yield RecordField((found,), self.reader.read(returned[name], config), True)

    def _resolved(self, schema: Schema) -> Schema:
        while schema.get("type") == "definition-ref":
            schema = self.reader.definitions.get(schema.get("schema_ref"), {})
        return schema

    def _is_optional(self, value: Schema) -> bool:
        value = self._resolved(value)
        return value.get("type") == "chain" or has_default(value)

    def _may_be_missing(self, schema: Schema) -> bool:
        """Whether ``MISSING``, which is never dumped, is a value."""
        schema = self._resolved(schema)
        if schema.get("type") == "missing-sentinel":
            return True
        below = [*parts(schema, "choices"), part(schema, "schema")]
        is_wrapper = schema.get("type") in ("default", "nullable", "union") or str(schema.get("type")).startswith(
            "function-"
        )
        return is_wrapper and any(map(self._may_be_missing, below))


@cache
def _strict_models_take_dicts() -> bool:
    """Whether this Pydantic makes models of dicts in strict mode, too."""
    model = core_schema.model_schema(BaseModel, core_schema.model_fields_schema({}), strict=True)
    return SchemaValidator(model).isinstance_python({})


def _named(fields: Schema) -> Iterator[tuple[str, Schema]]:
    """The fields of a record with their names; those of a dataclass stand in a list."""
    found = fields.get("fields")
    entries = (
        found.items() if isinstance(found, dict) else [(each.get("name"), each) for each in parts(fields, "fields")]
    )
    for name, entry in entries:
        if isinstance(name, str) and isinstance(entry, dict):
            yield name, entry
