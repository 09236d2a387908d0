"""The shape of a module: its text without what the grammar does not look at, so that many modules share it.

The grammar asks of a string only for its prefix, of a number only for its kind, and of a comment nothing. Where it is
not certain what of a text is which, there is no shape, and the text itself is looked at.
"""

from __future__ import annotations

import re

_QUOTED = re.compile(
    r'''("""(?:[^\\]|\\.)*?"""|\'\'\'(?:[^\\]|\\.)*?\'\'\'|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#[^\n]*)''',
    re.DOTALL,
)
_DECIMAL = re.compile(r"(?<![\w.])\d+(?![\w.])")
_UNCERTAIN = re.compile(r"['\"#\\]")
_PREFIX = re.compile(r"(?<!\w)b$")
_WORD = re.compile(r"\w$")


def shape_of(text: str) -> str | None:
    """A text with the same tokens, but for what is in strings and numbers; None where that is not certain."""
    parts = _QUOTED.split(text)
    code, quoted = parts[::2], parts[1::2]
    if _UNCERTAIN.search("".join(code)):
        return None
    for before, token in zip(code, quoted, strict=False):
        # A prefix may make a backslash or a brace mean something else.
        if token[0] != "#" and _WORD.search(before) and not _PREFIX.search(before):
            return None
    # Apart, for two empty strings side by side would be the beginning of another.
    parts[1::2] = ["" if token[0] == "#" else "'' " for token in quoted]
    lines = _DECIMAL.sub("0", "".join(parts)).split("\n")
    return "\n".join([line for each in lines if (line := each.rstrip())])


def definitions_in(shape: str) -> list[str]:
    """A shape in pieces of whole lines, one for each definition. Put together they are the shape again.

    A piece begins where a line begins with something else than blanks and closing brackets. Where that is no beginning
    of a definition, some piece is no Python.
    """
    pieces: list[list[str]] = []
    for line in shape.split("\n"):
        if pieces and line[:1] in _GOES_ON:
            pieces[-1].append(line)
        else:
            pieces.append([line])
    return ["\n".join([*piece, ""]) for piece in pieces]


_GOES_ON = (" ", ")", "]", "}")
