"""What Pydantic found wrong with a value → a mistake in the words of the flow language, with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic_core import ErrorDetails

from cwc.diagnostics.model import Definition, define
from cwc.language.describing import describe
from cwc.language.rules import RULE
from cwc.syntax.quoting import quoted

MISSING_FIELD = define("CWC104", "missing_field", "error", "A field that is required is not there")
WRONG_TYPE = define("CWC105", "wrong_type", "error", "A value is of another type than its field")
BAD_CHOICE = define("CWC108", "invalid_choice", "error", "A value is none of those that its field can have")
OUT_OF_RANGE = define("CWC109", "out_of_range", "error", "A value is smaller than its field allows")

IN_QUOTES = "put it in quotes to make it text"

Path = tuple[str | int, ...]
"""Where a value is, from the mapping that was validated: keys and positions."""

_EXPECTED = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "finite": "a whole number",
    "bool": "true or false",
    "dict": "a mapping",
    "model": "a mapping",
    "list": "a list",
    "tuple": "a list",
}
"""What a field takes, by the first word of Pydantic's error type."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong with a mapping. ``at`` is its place in it, ``involves`` the places that a rule compares."""

    definition: Definition
    message: str
    at: Path
    help: str = ""
    choices: tuple[str, ...] = ()
    value: object = None
    involves: tuple[Path, ...] = ()


def mistake_of(error: ErrorDetails) -> Mistake:
    """The mistake that one of Pydantic's error details tells of."""
    at, value, kind = error["loc"], error["input"], error["type"]
    context = error.get("ctx", {})
    if kind == RULE:
        involves = tuple((*at, field) for field in context["involves"])
        place = (*at, *context["at"])
        return Mistake(context["definition"], context["message"], place, context["help"], involves=involves)
    name = _name(at)
    match kind:
        case "missing":
            return Mistake(MISSING_FIELD, f"the required field {name} is missing", at)
        case "literal_error":
            choices = tuple(re.findall(r"'([^']*)'", context["expected"]))
            help = f"it can be {', '.join(choices[:-1])} or {choices[-1]}"
            return Mistake(BAD_CHOICE, f"{name} cannot be {describe(value)}", at, help, choices, value)
        case "greater_than_equal":
            return Mistake(OUT_OF_RANGE, f"{name} must be at least {context['ge']:g}, and is {describe(value)}", at)
        case "string_unicode":
            return Mistake(WRONG_TYPE, f"{name} must be Unicode text, and is {describe(value)}", at)
        case _:
            expected = _EXPECTED.get(kind.split("_")[0], "something else")
            message = f"{name} must be {expected}, and is {describe(value)}"
            return Mistake(WRONG_TYPE, message, at, _spelling(at, expected, value))


def _spelling(at: Path, expected: str, value: object) -> str:
    """How a value is written that is surely meant, where it is of the wrong type."""
    if expected == "text" and _is_plain(value):
        return IN_QUOTES
    if expected == "a list" and isinstance(value, str) and value.isidentifier():
        return f"write [{value}]"
    if at[-1:] == ("retry",) and isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1000:
        return f"write {{max_retries: {value}}}"
    return ""


def _name(at: Path) -> str:
    field = next((token for token in reversed(at) if isinstance(token, str)), "this")
    return f"each entry of {quoted(field)}" if at and isinstance(at[-1], int) else quoted(field)


def _is_plain(value: object) -> bool:
    return value is not None and not isinstance(value, list | dict)
