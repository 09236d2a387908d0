"""What Pydantic's validators make of values without parts: scalars by a table, single values by asking Pydantic."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal, cast

from pydantic_core import CoreSchema, SchemaValidator, ValidationError

from cwc.plan.types.model import Choice, Scalar, ScalarName

Verdict = Literal["fits", "coerces", "narrows", "mismatch"]
"""SEMANTICS A 5: every value is accepted, as it is or by a change of class; a part of the type is accepted as it is;
only particular values are accepted, by coercion, or none. From the best to the worst."""

VERDICTS: tuple[Verdict, ...] = ("fits", "coerces", "narrows", "mismatch")

CLASSES: Mapping[ScalarName, type] = {
    "none": type(None), "bool": bool, "int": int, "float": float, "complex": complex, "decimal": decimal.Decimal,
    "str": str, "bytes": bytes, "date": datetime.date, "datetime": datetime.datetime, "time": datetime.time,
    "timedelta": datetime.timedelta, "uuid": uuid.UUID,
}  # fmt: skip

# Lax mode, by the producer's type and then the consumer's; what is not here is a mismatch. Numbers widen in silence as
# far as nothing is lost: to float, integers beyond 1e308 aside. Decimal takes no NaN and no infinity.
_TABLE: Mapping[ScalarName, Mapping[ScalarName, Verdict]] = {
    "bool": {"int": "coerces", "float": "coerces", "complex": "coerces", "timedelta": "coerces"},
    "int": {"float": "fits", "complex": "fits", "decimal": "fits"},
    "float": {"complex": "fits", "decimal": "narrows"},
    "decimal": {"float": "coerces", "complex": "coerces"},
    "str": {"bytes": "coerces"},
    "date": {"datetime": "coerces"},
}

# Strict mode takes other numbers for a float, but no bool.
_STRICT: Mapping[tuple[ScalarName, ScalarName], Verdict] = {("int", "float"): "fits", ("decimal", "float"): "coerces"}


def scalar_verdict(value: Scalar, input: Scalar) -> Verdict:
    """How the values of one scalar type fare with the validator of another."""
    if value.name == input.name:
        return "fits"
    if input.strict:
        return _STRICT.get((value.name, input.name), "mismatch")
    return _TABLE.get(value.name, {}).get(input.name, "mismatch")


def value_verdict(value: object, input: Scalar | Choice) -> Verdict:
    """How one value fares: "fits", "coerces" or "mismatch"."""
    try:
        given = _validator(input).validate_python(value)
    except ValidationError:
        return "mismatch"
    if isinstance(value, bool) is not isinstance(given, bool):
        return "coerces"
    widens = isinstance(value, int) and type(given) in (float, complex, decimal.Decimal)
    is_member = isinstance(input, Choice) and input.enum is not None
    return "fits" if isinstance(value, type(given)) or widens or is_member else "coerces"


def choice_verdict(value: Scalar, input: Choice) -> Verdict:
    """How the values of a scalar type of many values fare with one of some: a part of them is among those, or none."""
    if input.strict:
        return "mismatch"
    cls = CLASSES[value.name]
    plain = [getattr(each, "value", each) if input.enum else each for each in input.values]
    return (
        "narrows"
        if any(isinstance(each, cls) and isinstance(each, bool) is (cls is bool) for each in plain)
        else "mismatch"
    )


@lru_cache(maxsize=4096)
def _validator(input: Scalar | Choice) -> SchemaValidator:
    schema: dict[str, Any]
    match input:
        case Scalar(name):
            schema = {"type": name}
        case Choice(enum=None):
            schema = {"type": "literal", "expected": list(input.values)}
        case _:
            schema = {"type": "enum", "cls": input.enum, "members": list(input.values)}
            if input.mixin is not None:
                schema["sub_type"] = input.mixin
    if input.strict and not (isinstance(input, Choice) and input.enum is None):
        schema["strict"] = True
    return SchemaValidator(cast("CoreSchema", schema))
