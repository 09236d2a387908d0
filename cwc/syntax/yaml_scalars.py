"""YAML 1.1 scalars: the tag of a plain scalar, the plain value of a tagged one, and which of them surprise people."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from yaml.constructor import ConstructorError, SafeConstructor
from yaml.nodes import ScalarNode as YamlScalar
from yaml.resolver import Resolver

from cwc.diagnostics.model import Definition, define
from cwc.syntax.building import TOO_MANY_DIGITS
from cwc.syntax.quoting import quoted
from cwc.syntax.tree import ScalarValue

UNKNOWN_TAG = define("CWC014", "unknown_tag", "error", "A YAML tag stands for no plain value")
BAD_SCALAR = define("CWC015", "invalid_scalar", "error", "A YAML value is not what its tag or its form says")

PREFIX = "tag:yaml.org,2002:"
STR, BOOL, INT, FLOAT, TIMESTAMP = (PREFIX + name for name in ("str", "bool", "int", "float", "timestamp"))
MERGE, VALUE = PREFIX + "merge", PREFIX + "value"

_CONSTRUCTOR = SafeConstructor()
_CONSTRUCT: dict[str, Callable[[YamlScalar], ScalarValue]] = {
    PREFIX + "null": _CONSTRUCTOR.construct_yaml_null,
    PREFIX + "binary": _CONSTRUCTOR.construct_yaml_binary,
    BOOL: _CONSTRUCTOR.construct_yaml_bool,
    INT: _CONSTRUCTOR.construct_yaml_int,
    FLOAT: _CONSTRUCTOR.construct_yaml_float,
    TIMESTAMP: _CONSTRUCTOR.construct_yaml_timestamp,
}
_PATTERNS: dict[str, list[tuple[str, re.Pattern[str]]]] = Resolver.yaml_implicit_resolvers
_NAMES = {BOOL: "a boolean", INT: "an integer", FLOAT: "a number", TIMESTAMP: "a date", PREFIX + "binary": "base64"}
_OCTAL = re.compile(r"[-+]?0[0-7_]+")


@dataclass(frozen=True, slots=True)
class BadScalar:
    """Why a scalar has no value."""

    definition: Definition
    message: str


def resolve(text: str) -> str:
    """The tag of a plain scalar (YAML 1.1, yaml.org/type)."""
    for tag, pattern in _PATTERNS.get(text[:1], ()):
        if pattern.match(text):
            return tag
    return STR


def construct(tag: str, text: str, digits: int) -> ScalarValue | BadScalar:
    """The value of a scalar with another tag than ``!!str``. ``digits`` is the longest integer that is taken."""
    make = _CONSTRUCT.get(tag)
    if make is None:
        return unknown_tag(tag)
    too_long = BadScalar(TOO_MANY_DIGITS, f"this integer has more than {digits:,} digits")
    if tag == INT and len(text) > digits:
        return too_long
    try:
        value = make(YamlScalar(tag, text))
    except (ConstructorError, ArithmeticError, AttributeError, LookupError, ValueError):
        return BadScalar(BAD_SCALAR, f"{quoted(text)} is not {_NAMES[tag]}")
    # Hexadecimal is denser than decimal: a short text can be a long integer. The bits spare most the big power.
    long = isinstance(value, int) and value.bit_length() > 3 * digits and abs(value) >= 10**digits
    return too_long if long else value


def surprise(tag: str, text: str, value: object) -> str | None:
    """What a plain scalar is read as, where YAML 1.1 makes of it what few people expect."""
    if tag == BOOL and text.lower() not in ("true", "false"):
        return f"the boolean {str(value).lower()}"
    if tag == INT and _OCTAL.fullmatch(text):
        return f"the octal number {quoted(value)}"
    if tag in (INT, FLOAT) and ":" in text:
        return f"the base-60 number {quoted(value)}"
    if tag == TIMESTAMP:
        return f"the date {value}"
    return None


def plainly(value: object) -> str | None:
    """A value as nobody misreads it: ``true`` for ``yes``, ``8`` for ``010``. None where it has no such form."""
    match value:
        case bool():
            return str(value).lower()
        case float() if not math.isfinite(value):
            return None
        case int() | float():
            return repr(value)
        case _:
            return None


def unknown_tag(tag: str) -> BadScalar:
    shown = "!!" + tag.removeprefix(PREFIX) if tag.startswith(PREFIX) else tag
    return BadScalar(UNKNOWN_TAG, f"the tag {quoted(shown)} makes no plain value here")
