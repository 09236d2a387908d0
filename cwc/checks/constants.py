"""Texts of an input mapping that were perhaps meant for constants, and are looked up."""

from __future__ import annotations

import re

NO_TEXT = (
    "text in an input mapping is a context key or a pointer; for a text that is always the same, give the tool's input "
    "a default, or the flow an input"
)

_LITERAL = re.compile(r"-?\d{1,30}(\.\d{1,30})?|true|false")


def literal_number(key: str) -> tuple[str, ...]:
    """The help for a key that would be a constant without its quotes; none for any other."""
    return (f"for the constant, write {key} without quotes",) if _LITERAL.fullmatch(key) else ()
