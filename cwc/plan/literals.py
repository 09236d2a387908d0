"""Values that stand in a flow file, validated as the inputs that they are for: SEMANTICS A 5.

They go through Pydantic's own validator of the field alone, with its constraints. Code of users is never run: where a
field has validators, default factories or the like of its own, the value's type is held against the field's instead.
"""

from __future__ import annotations

from typing import cast

from pydantic_core import CoreConfig, CoreSchema, SchemaError, SchemaValidator, ValidationError

from cwc.plan.schemas import Schema, is_path, part
from cwc.plan.shapes import Layers
from cwc.plan.tools import FieldSpec, Locked, ModelSpec
from cwc.plan.types.constants import type_of_constant
from cwc.plan.types.relation import relate
from cwc.plan.types.words import describe
from cwc.plan.validators import runs_code


def refusal_of(model: ModelSpec, target: str, value: object) -> str | None:
    """Why a model refuses a value for one of its keys, or None where it takes it, or nothing can be told.

    A key that fills no field, or that does not alone decide what its field gets, is left to other checks.
    """
    spec = model.field(target)
    if spec is None or model.open_input or len(spec.keys) != 1:
        return None
    if model.model is Locked:
        return _by_locked(model, spec, value)
    layers = Layers(model.model)
    entry = part(part(layers.fields, "fields"), spec.name)
    if is_path(entry.get("validation_alias")):
        return None
    schema = part(entry, "schema")
    if runs_code(schema) or any(map(runs_code, layers.definitions.values())):
        return _by_type(model, spec, value)
    wrapped = {"type": "definitions", "schema": schema, "definitions": list(layers.definitions.values())}
    try:
        SchemaValidator(cast("CoreSchema", wrapped), cast("CoreConfig", layers.config)).validate_python(value)
    except ValidationError as error:
        return _first(error)
    except SchemaError:
        return _by_type(model, spec, value)
    return None


def _by_locked(model: ModelSpec, spec: FieldSpec, value: object) -> str | None:
    """What the validator says that a lock kept, or the type where it kept none."""
    match spec.validator:
        case {"schema": dict(schema), "definitions": list(definitions), "config": dict(config)} if (
            "python-re" not in repr(spec.validator)
        ):
            wrapped = {"type": "definitions", "schema": schema, "definitions": definitions}
        case _:
            return _by_type(model, spec, value)
    try:
        SchemaValidator(cast("CoreSchema", wrapped), cast("CoreConfig", config)).validate_python(value)
    except ValidationError as error:
        return _first(error)
    except Exception:
        # A lock is text that anyone may have changed, and a schema in it may be none.
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


__all__ = ["Schema", "refusal_of"]
