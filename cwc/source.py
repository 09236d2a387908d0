"""A piece of text with its place: what a file holds, and where in it a span of characters stands.

The only module that counts lines. Lines end at LF, CR or CRLF, as in editors; YAML's NEL, LS and PS do not count.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

_LINE_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of character offsets, ``[start, end)``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Place:
    """A span as a reader sees it: lines and columns from 1, the end column exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one file.

    ``path`` is a POSIX path relative to the working directory where it can be; ``digest`` is that of the
    file (see `text_digest`).
    """

    path: str
    text: str
    digest: str
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = (0, *(match.end() for match in _LINE_BREAK.finditer(self.text)))
        object.__setattr__(self, "_starts", starts)

    def place(self, span: Span) -> Place:
        """Lines and columns of ``span``; offsets past the end of the text are drawn in to it."""
        line, column = self._line_column(span.start)
        end_line, end_column = self._line_column(max(span.end, span.start))
        return Place(self.path, line, column, end_line, end_column)

    def line_text(self, line: int) -> str:
        """The text of a line (from 1), without its line break; empty past the last line."""
        if not 1 <= line <= len(self._starts):
            return ""
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    @property
    def last_line(self) -> int:
        """The number of the last line that holds text or ends; what follows a line break at the end is no line."""
        return max(1, len(self._starts) - (self._starts[-1] == len(self.text)))

    def without_blank_end(self, place: Place) -> Place:
        """A place that ends in white space, drawn in to what stands before; YAML's blocks reach to the next token."""
        line, column = place.end_line, place.end_column
        while line > place.line and not self.line_text(line)[: column - 1].strip():
            line -= 1
            column = len(self.line_text(line)) + 1
        return Place(place.path, place.line, place.column, line, column)

    def span_of(self, line: int, column: int, end_line: int, end_column: int) -> Span:
        """The span of a place: lines and columns from 1, the end exclusive."""
        return Span(self._offset(line, column), self._offset(end_line, end_column))

    def _offset(self, line: int, column: int) -> int:
        start = self._starts[min(max(line, 1), len(self._starts)) - 1]
        return min(start + max(column, 1) - 1, len(self.text))

    def _line_column(self, offset: int) -> tuple[int, int]:
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def edited(text: str, edits: Mapping[Span, str]) -> str:
    """A text in which spans that do not overlap are replaced."""
    for span in sorted(edits, key=lambda span: span.start, reverse=True):
        text = text[: span.start] + edits[span] + text[span.end :]
    return text


def digest_of(data: bytes) -> str:
    """The SHA-256 of ``data`` in lower-case hex, 64 digits."""
    return hashlib.sha256(data).hexdigest()


def text_digest(data: bytes) -> str:
    """The digest of a text file, by which line ends of CRLF count as LF: git may check out either."""
    return digest_of(data.replace(b"\r\n", b"\n"))
