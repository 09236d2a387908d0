"""What a value of an input mapping means: a context key, a JSON pointer into the context, or the value itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeyLookup:
    """The value under a top-level key of the context."""

    key: str


@dataclass(frozen=True, slots=True)
class PointerLookup:
    """The value that a JSON pointer leads to: its tokens, decoded, never none. The first is a key of the context."""

    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LiteralValue:
    """The value as it stands in the flow file. Strings inside of it look nothing up."""

    value: object


def read_mapping_value(value: object) -> KeyLookup | PointerLookup | LiteralValue:
    """Classify a value of an input mapping.

    Text is looked up: as a JSON pointer (RFC 6901) if it starts with ``/``, as a key otherwise. Anything else stands
    for itself, so there is no way to write a literal string.
    """
    if not isinstance(value, str):
        return LiteralValue(value)
    if not value.startswith("/"):
        return KeyLookup(value)
    # In this order "~01" stays "~1" (RFC 6901, section 4).
    return PointerLookup(tuple(token.replace("~1", "/").replace("~0", "~") for token in value[1:].split("/")))
