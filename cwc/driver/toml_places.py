"""Where a key stands in TOML text, as far as reading line by line tells."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from cwc.source import Span

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_KEY = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_HEADER = re.compile(rf"[ \t]*\[\[?[ \t]*({_KEY})[ \t]*\]")
_ENTRY = re.compile(rf"[ \t]*({_KEY})[ \t]*=")

Path = tuple[str, ...]


def span_of_key(text: str, path: Path) -> Span | None:
    """The key of the deepest table or value on the way to ``path`` that the text names; None if it names none.

    A dotted key that goes on below ``path`` names it too. Keys inside inline tables are not seen, and a line of a
    multi-line string may be taken for a key.
    """
    best: tuple[int, Span] | None = None
    for names, span in _keys(text):
        depth = min(len(names), len(path))
        if names[:depth] == path[:depth] and (best is None or depth > best[0]):
            best = depth, span
    return best[1] if best else None


def _keys(text: str) -> Iterator[tuple[Path, Span]]:
    """Every key with the tables around it."""
    table: Path = ()
    offset = 0
    for line in text.splitlines(keepends=True):
        if header := _HEADER.match(line):
            table = _names(header[1])
            yield table, Span(offset + header.start(1), offset + header.end(1))
        elif entry := _ENTRY.match(line):
            yield table + _names(entry[1]), Span(offset + entry.start(1), offset + entry.end(1))
        offset += len(line)


def _names(key: str) -> Path:
    """The parts of a dotted key, unquoted."""
    names: list[str] = []
    try:
        value: object = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    while isinstance(value, dict):
        name, value = next(iter(value.items()))
        names.append(name)
    return tuple(names)
