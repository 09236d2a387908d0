"""The validator of one field as plain data, where it is nothing else: what a lock can keep of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import partial

from cwc.plan.schemas import Schema, is_path, part

_CALLS = ("default_factory", "custom_init", "post_init", "missing", "discriminator")
_HARMLESS = (list, dict, set, frozenset, tuple, str, int, float, bool)
_ADDRESS = re.compile(":[0-9]+")
_SHOWN = ("serialization", "metadata", "default")
"""What a schema says of how values are dumped and described, and what stands for none."""


def plain_validator(field: Schema, config: Schema, definitions: Mapping[object, Schema]) -> Mapping[str, object]:
    """The core schema that validates a value for a field, with what it refers to and its configuration, as JSON.

    Empty where the validator runs code, or holds classes. A field that is filled through a path into a value takes
    anything alone.
    """
    if is_path(field.get("validation_alias")):
        return {"schema": {"type": "any"}, "definitions": [], "config": {}}
    schema = part(field, "schema")
    if runs_code(schema) or any(map(runs_code, definitions.values())) or config.get("regex_engine") == "python-re":
        return {}
    if len({_ADDRESS.sub("", str(ref)) for ref in definitions}) < len(definitions):
        return {}
    used = {key: value for key, value in config.items() if key != "title"}
    kept = {"schema": _bare(schema), "definitions": list(map(_bare, definitions.values())), "config": used}
    try:
        plain: Mapping[str, object] = json.loads(json.dumps(kept, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        return {}
    # A tuple, or a key that is no text, would not come back as it was.
    return plain if plain == kept else {}


def runs_code(schema: object) -> bool:
    """Whether validating by a schema can run anything but Pydantic."""
    return any(_is_code(key, value) for key, value in _settings(schema))


def _bare(schema: object) -> object:
    """A schema without what is only shown. A default counts as being there, whatever it is."""
    if isinstance(schema, dict):
        kept = {key: _bare(value) for key, value in schema.items() if key not in _SHOWN}
        # Pydantic's names of definitions have addresses in them.
        kept |= {key: _ADDRESS.sub("", str(schema[key])) for key in ("ref", "schema_ref") if key in schema}
        return kept | ({"default": None} if "default" in schema else {})
    return [_bare(each) for each in schema] if isinstance(schema, list) else schema


def _settings(schema: object) -> Iterator[tuple[str, object]]:
    """Everything that a schema and those in it say, but how they are dumped and described."""
    waiting = [schema]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            shown = [(key, each) for key, each in found.items() if key not in _SHOWN]
            yield from ((str(key), each) for key, each in shown)
            waiting += [each for _, each in shown]
        elif isinstance(found, list | tuple):
            waiting += found


def _is_code(key: str, value: object) -> bool:
    if key == "function" and not isinstance(value, Mapping):
        function = value.func if isinstance(value, partial) else value
        return not str(getattr(function, "__module__", "")).startswith("pydantic.")
    if key == "default_factory":
        return value not in _HARMLESS
    return (key in _CALLS and callable(value)) or (key in ("custom_init", "post_init") and bool(value))
