"""Values that stand in a flow file, validated as the inputs that they are for: SEMANTICS A 5.

They go through Pydantic's own validator of the field alone, with its constraints. Code of users is never run: where a
field has validators, default factories or the like of its own, the value's type is held against the field's instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import cast

from pydantic_core import CoreConfig, CoreSchema, SchemaError, SchemaValidator, ValidationError

from cwc.plan.schemas import Schema, is_path, part
from cwc.plan.shapes import Layers
from cwc.plan.tools import FieldSpec, ModelSpec
from cwc.plan.types.constants import type_of_constant
from cwc.plan.types.relation import relate
from cwc.plan.types.words import describe

_CALLS = ("default_factory", "custom_init", "post_init", "missing", "discriminator")
_HARMLESS = (list, dict, set, frozenset, tuple, str, int, float, bool)


def refusal_of(model: ModelSpec, target: str, value: object) -> str | None:
    """Why a model refuses a value for one of its keys, or None where it takes it, or nothing can be told.

    A key that fills no field, or that does not alone decide what its field gets, is left to other checks.
    """
    spec = model.field(target)
    if spec is None or model.open_input or len(spec.keys) != 1:
        return None
    layers = Layers(model.model)
    entry = part(part(layers.fields, "fields"), spec.name)
    if is_path(entry.get("validation_alias")):
        return None
    schema = part(entry, "schema")
    if _runs_code(schema) or any(map(_runs_code, layers.definitions.values())):
        return _by_type(model, spec, value)
    wrapped = {"type": "definitions", "schema": schema, "definitions": list(layers.definitions.values())}
    try:
        SchemaValidator(cast("CoreSchema", wrapped), cast("CoreConfig", layers.config)).validate_python(value)
    except ValidationError as error:
        return _first(error)
    except SchemaError:
        return _by_type(model, spec, value)
    return None


def _by_type(model: ModelSpec, spec: FieldSpec, value: object) -> str | None:
    input = model.input_type(spec.keys[0])
    refused = relate(type_of_constant(value), input).verdict in ("mismatch", "narrows")
    return f"it takes `{describe(input)}`" if refused else None


def _first(error: ValidationError) -> str:
    """The first of an error's messages, and where in the value it belongs."""
    details = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = "".join(f"/{token}" for token in details["loc"])
    message = details["msg"][:1].lower() + details["msg"][1:]
    return f"{message}, at {where}" if where else message


def _runs_code(schema: object) -> bool:
    """Whether validating by a schema can run anything but Pydantic."""
    return any(_is_code(key, value) for key, value in _settings(schema))


def _settings(schema: object) -> Iterator[tuple[str, object]]:
    """Everything that a schema and those in it say, but how they are dumped and described."""
    waiting = [schema]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            shown = [(key, each) for key, each in found.items() if key not in ("serialization", "metadata", "default")]
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


__all__ = ["Schema", "refusal_of"]
