"""The lines of a source that a label points to, with carets under the place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cwc.diagnostics.terminal import Colour, Ink, cells, visible
from cwc.source import Place, Source

LONGEST_LINE = 160
"""How many characters of a line are shown."""

_LEAD = 60
_TAB = 4
_CUT = "..."


@dataclass(frozen=True, slots=True)
class Frame:
    """How excerpts are drawn: the cells that line numbers take, the colours, and the colour of carets."""

    width: int
    ink: Ink
    colour: Colour

    def row(self, text: str = "", number: int | None = None) -> str:
        """A line of an excerpt: the gutter, with a line number or without, and what stands beside it."""
        gutter = self.ink(f"{'' if number is None else number:>{self.width}} |", "frame")
        return f"{gutter} {text}" if text else gutter


def excerpt(source: Source, place: Place, message: str, frame: Frame) -> Iterator[str]:
    """The first and the last line of a place, each with carets; the message stands after the last caret."""
    place = source.without_blank_end(place)
    yield frame.row()
    for line in dict.fromkeys((place.line, place.end_line)):
        if line > place.line + 1:
            yield frame.row(_CUT)
        text = source.line_text(line)
        start = place.column - 1 if line == place.line else len(text) - len(text.lstrip())
        end = place.end_column - 1 if line == place.end_line else len(text)
        shown, offset, length = _shown(text, start, end)
        yield frame.row(shown, line)
        note = f" {visible(message)}" if message and line == place.end_line else ""
        yield frame.row(" " * offset + frame.ink("^" * length + note, frame.colour))


def _shown(text: str, start: int, end: int) -> tuple[str, int, int]:
    """A line as it is shown, the cell at which its carets begin, and how many they are.

    ``start`` and ``end`` are offsets of characters. Of a long line, what is around ``start`` is shown.
    """
    first = max(0, min(start - _LEAD, len(text) - LONGEST_LINE))
    last = min(first + LONGEST_LINE, len(text))
    shown = _CUT if first else ""
    offsets = [len(shown)]
    for character in text[first:last]:
        piece = " " * (_TAB - offsets[-1] % _TAB) if character == "\t" else visible(character)
        shown += piece
        offsets.append(offsets[-1] + sum(map(cells, piece)))
    if last < len(text):
        shown += _CUT
    begin, finish = (offsets[min(max(offset, first), last) - first] for offset in (start, end))
    return shown.rstrip(), begin, max(1, finish - begin)
