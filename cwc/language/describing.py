"""Values of flow files in words, for messages."""

from __future__ import annotations

from datetime import date, datetime

from cwc.syntax.quoting import quoted


def describe(value: object) -> str:
    """What a value is: ``the number 3``, ``a list``, ``null``…"""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"the number {quoted(value)}"
        case str():
            return f"the text {quoted(value)}"
        case bytes():
            return "binary data"
        case datetime():
            return f"the time {value}"
        case date():
            return f"the date {value}"
        case list() | tuple():
            return "a list"
        case dict():
            return "a mapping"
        case _:
            return "a set"
