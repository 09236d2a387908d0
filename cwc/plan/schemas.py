"""Pieces of Pydantic core schemas that several readers need: parts, keys, defaults, serializers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

Schema = Mapping[str, object]


def part(schema: Schema, key: str) -> Schema:
    """The schema under a key, or an empty one."""
    found = schema.get(key)
    return found if isinstance(found, dict) else {}


def parts(schema: Schema, key: str) -> list[Schema]:
    """The schemas in a list or a mapping of schemas. A choice of a union can be a pair of a schema and a label."""
    found = schema.get(key)
    items = list(found.values()) if isinstance(found, dict) else found if isinstance(found, list) else []
    items = [item[0] if isinstance(item, tuple) else item for item in items]
    return [item for item in items if isinstance(item, dict)]


def keys_of(name: str, alias: object, config: Schema) -> tuple[str, ...]:
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


def is_path(alias: object) -> bool:
    """Whether a field can be filled by what stands deeper under a key."""
    paths = alias if isinstance(alias, list) and alias and isinstance(alias[0], list) else [alias]
    return any(isinstance(path, list) and len(path) > 1 for path in paths)


def has_default(schema: Schema) -> bool:
    return schema.get("type") == "default" and ("default" in schema or "default_factory" in schema)


def computed_keys(fields: Schema, *, by_alias: bool) -> Iterator[tuple[str, str | None]]:
    """Each computed field and its key in the dump, None where it is dumped only sometimes."""
    for computed in parts(fields, "computed_fields"):
        name, alias = computed.get("property_name"), computed.get("alias")
        key = alias if by_alias and isinstance(alias, str) else name
        if isinstance(name, str) and isinstance(key, str):
            yield name, None if "serialization_exclude_if" in computed else key


def replaces_the_dump(serialization: Schema) -> bool:
    """Whether a serializer decides what ``model_dump()`` without arguments gives."""
    return bool(serialization) and not str(serialization.get("when_used", "always")).startswith("json")
