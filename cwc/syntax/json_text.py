"""JSON text → tree, in one iterative pass. Takes what Python's json module takes, NaN and Infinity included."""

from __future__ import annotations

import re
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]
from typing import NoReturn

from cwc.diagnostics.model import Report, define
from cwc.source import Source, Span
from cwc.syntax.building import TOO_MANY_DIGITS, TreeBuilder, Unreadable
from cwc.syntax.decoding import MARK
from cwc.syntax.limits import Limits
from cwc.syntax.quoting import quoted
from cwc.syntax.tree import Node, ScalarValue

BAD_JSON = define("CWC011", "invalid_json", "error", "A flow file is not valid JSON")

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORD = re.compile(r"null|true|false|NaN|-?Infinity")
_WORDS: dict[str, ScalarValue] = {
    "null": None,
    "true": True,
    "false": False,
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
}
_STRING_ERRORS = {
    "Untermina": "this string has no closing quote",
    "Invalid c": "a control character in a string is written as an escape, such as \\n",
    "Invalid \\": "a backslash in a string starts an escape, and this is not one",
}
_HELP = {"'": ("strings take double quotes",), "/": ("JSON has no comments",), "#": ("JSON has no comments",)}
_TRAILING = ("no comma stands before a closing bracket",)


def compose(source: Source, report: Report, limits: Limits) -> Node | None:
    """The root of a JSON text (RFC 8259), or None where something in it cannot be read; what that is, is reported."""
    reader = _Reader(source, report, limits)
    try:
        reader.document()
    except Unreadable:
        return None
    return None if reader.build.failed else reader.build.root


class _Reader:
    """A position in the text, the closing brackets that are still to come, and the tree so far.

    ``fresh`` tells that nothing stands yet after the innermost opening bracket.
    """

    def __init__(self, source: Source, report: Report, limits: Limits) -> None:
        self.text, self.digits = source.text, limits.digits
        self.build = TreeBuilder(source, report, limits)
        self.position = int(self.text.startswith(MARK))
        self.closing: list[str] = []
        self.fresh = False

    def document(self) -> None:
        """Read one value and nothing after it. Raises Unreadable."""
        self.value()
        while self.closing:
            bracket = self.closing[-1]
            if self.take(bracket):
                self.closing.pop()
                self.build.close(self.position)
                self.fresh = False
            elif self.fresh or self.take(","):
                self.item()
            else:
                self.expected(f"a comma or {bracket!r}")
        self.skip_space()
        if self.position < len(self.text):
            self.expected("the end of the file")

    def item(self) -> None:
        """Read a value of the innermost list, or a key of the innermost mapping and the value under it."""
        if self.closing[-1] == "}":
            self.skip_space()
            start = self.position
            if not self.text.startswith('"', start):
                self.expected("a key in double quotes")
            self.build.key(self.string(), Span(start, self.position))
            if not self.take(":"):
                self.expected("a colon")
        self.value()

    def value(self) -> None:
        """Read a scalar, or the opening bracket of a list or mapping."""
        self.skip_space()
        start, first = self.position, self.text[self.position : self.position + 1]
        if first == "{" or first == "[":
            self.position += 1
            self.closing.append("}" if first == "{" else "]")
            (self.build.open_mapping if first == "{" else self.build.open_sequence)(Span(start, self.position))
            self.fresh = True
        else:
            value = self.string() if first == '"' else self.word_or_number()
            self.build.scalar(value, Span(start, self.position))
            self.fresh = False

    def string(self) -> str:
        try:
            value, self.position = scanstring(self.text, self.position + 1, True)
        except JSONDecodeError as error:
            place = Span(error.pos, min(error.pos + 1, len(self.text)))
            self.build.abort(BAD_JSON, f"this is not valid JSON: {_STRING_ERRORS.get(error.msg[:9], error.msg)}", place)
        return str(value)

    def word_or_number(self) -> ScalarValue:
        start = self.position
        if word := _WORD.match(self.text, start):
            self.position = word.end()
            return _WORDS[word.group()]
        number = _NUMBER.match(self.text, start)
        if number is None:
            self.expected("a value")
        self.position = number.end()
        integer, fraction, exponent = number.groups()
        if fraction or exponent:
            return float(number.group())
        if len(integer.lstrip("-")) <= self.digits:
            return int(integer)
        span = Span(start, self.position)
        self.build.fail(TOO_MANY_DIGITS, f"this integer has more than {self.digits:,} digits", span)
        return None

    def take(self, mark: str) -> bool:
        """Step over a mark, and the space before it, if it comes next."""
        self.skip_space()
        if not self.text.startswith(mark, self.position):
            return False
        self.position += 1
        return True

    def skip_space(self) -> None:
        space = _SPACE.match(self.text, self.position)
        self.position = space.end() if space else self.position

    def expected(self, what: str) -> NoReturn:
        found = self.text[self.position : self.position + 1]
        before = self.text[: self.position].rstrip()[-1:]
        shown = quoted(found) if found else "the end of the file"
        help = _HELP.get(found) or (_TRAILING if before == "," and found in ("]", "}") and found else ())
        span = Span(self.position, self.position + len(found))
        self.build.abort(BAD_JSON, f"this is not valid JSON: expected {what}, found {shown}", span, *help)
