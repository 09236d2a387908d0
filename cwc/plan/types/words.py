"""Types in words, as people write them."""

from __future__ import annotations

import enum
from collections.abc import Mapping as Table

from cwc.plan.types.model import (
    Checked,
    Choice,
    Fixed,
    Instance,
    Items,
    Mapping,
    Record,
    Ref,
    Scalar,
    Type,
    Union,
    Unknown,
)

_NAMES: Table[str, str] = {"none": "None", "decimal": "Decimal", "uuid": "UUID"}
_SHOWN = 4
"""Values of a choice."""


def describe(type_: Type) -> str:
    """An annotation that means the type, or nearly; a choice of many values is cut short."""
    match type_:
        case Unknown():
            return "Any"
        case Scalar(name):
            return _NAMES.get(name, name)
        case Choice(values, enum=None):
            shown = [_constant(value) for value in values[:_SHOWN]] + ["…"] * (len(values) > _SHOWN)
            return f"Literal[{', '.join(shown)}]"
        case Choice(enum=cls) | Instance(cls) if cls is not None:
            return cls.__name__
        case Items("tuple", item):
            return f"tuple[{describe(item)}, ...]"
        case Items(kind, item):
            return f"{kind}[{describe(item)}]"
        case Fixed(kind, items):
            return f"{kind}[{', '.join(map(describe, items))}]"
        case Mapping(key, value):
            return f"dict[{describe(key)}, {describe(value)}]"
        case Record(name):
            return name
        case Union(members):
            return " | ".join(dict.fromkeys(map(describe, members)))
        case Checked(inner):
            return describe(inner)
        case Ref():
            return type_.target.name if isinstance(type_.target, Record) else "…"
    raise AssertionError(type_)


def _constant(value: object) -> str:
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    return repr(value) if isinstance(value, str | bytes | int | float | None) else type(value).__name__
