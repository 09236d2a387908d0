"""Text as a terminal can show it: control characters made visible, widths in cells, colours."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

Colour = Literal["error", "warning", "note", "frame", "strong"]

_CODES: dict[Colour, str] = {"error": "1;31", "warning": "1;33", "note": "1;36", "frame": "1;34", "strong": "1"}
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    r"""The text with every control, bidirectional and other format character, and lone surrogate, as an escape.

    Escapes are those of Python string literals, ``\x1b`` for one, so that nothing in a flow file can steer a terminal
    or make a line read as another.
    """
    return "".join(map(_visible_character, text))


def cells(character: str) -> int:
    """How many cells of a terminal a visible character takes: 0 for combining marks, 2 for wide ones."""
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


@dataclass(frozen=True, slots=True)
class Ink:
    """Colours, where they are wanted (SGR sequences of ECMA-48)."""

    color: bool

    def __call__(self, text: str, colour: Colour) -> str:
        return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if self.color and text else text


def _visible_character(character: str) -> str:
    if unicodedata.category(character) not in _UNSEEN:
        return character
    return character.encode("unicode_escape").decode("ascii")
