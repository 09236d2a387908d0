"""The shape of a module: its text without what the grammar does not look at, so that many modules share it.

The grammar asks of a string only for its prefix, of a number only for its kind, and of a comment nothing. Texts of one
shape are either all Python or none of them is, and their trees differ in constants alone. Where it is not certain what
of a text is which, or whether it is spelt as Python takes it, there is no shape, and the text itself is looked at.
"""

from __future__ import annotations

import re

_QUOTED = re.compile(
    r'''("""(?:[^\\]|\\.)*?"""|\'\'\'(?:[^\\]|\\.)*?\'\'\'|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#[^\n]*)''',
    re.DOTALL,
)
_DECIMAL = re.compile(r"(?<![\w.])(?:0|[1-9][0-9]{0,999})(?![\w.])")
"""Numbers that Python takes: others begin with 0, have digits of other scripts, or too many of them."""
_UNCERTAIN = re.compile(r"['\"#\\]")
_PREFIX = re.compile(r"(?<!\w)b$")
_WORD = re.compile(r"\w$")
_BYTES = re.compile(r"""(?:[^\\]|\\(?:[\\'"nrt]|x[0-9a-fA-F]{2}))*""", re.ASCII | re.DOTALL)
_TEXT = re.compile(
    r"""(?:[^\\]|\\(?:[\\'"nrt]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U(?:000[0-9a-fA-F]|0010)[0-9a-fA-F]{4}))*""", re.DOTALL
)
"""The escapes that `repr` writes: others may be none."""


def shape_of(text: str) -> str | None:
    """A text with the same tokens, but for what is in strings and numbers; None where that is not certain."""
    parts = _QUOTED.split(text)
    code, quoted = parts[::2], parts[1::2]
    if _UNCERTAIN.search("".join(code)):
        return None
    for number, token in enumerate(quoted):
        if token[0] != "#" and not _is_plain(code[number], token, after=number > 0):
            return None
    # Apart, for two empty strings side by side would be the beginning of another.
    parts[1::2] = ["" if token[0] == "#" else "'' " for token in quoted]
    lines = _DECIMAL.sub("0", "".join(parts)).split("\n")
    return "\n".join([line for each in lines if (line := each.rstrip())])


def _is_plain(before: str, token: str, *, after: bool) -> bool:
    """Whether a string is one to Python as well, whatever it holds; ``before`` stands between it and one before it."""
    if not before and after:
        # An empty string and another one may be the beginning of a longer one.
        return False
    if _PREFIX.search(before):
        return token.isascii() and _BYTES.fullmatch(token) is not None
    # Another prefix may make a backslash or a brace mean something else.
    return not _WORD.search(before) and ("\\" not in token or _TEXT.fullmatch(token) is not None)


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
