"""Comments that allow a finding: ``# cwc: allow DET202 -- reason``, with ``until=2027-01-31`` before the reason or not.

A comment holds for its own line; one that stands alone, for the next line of code. Comments of other tools say nothing.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

_COMMENT = re.compile(r"#\s*cwc:\s*allow\b(.*)", re.DOTALL)
_CODE = re.compile(r"DET\d{3}")
_UNTIL = re.compile(r"\buntil=(\S+)")


@dataclass(frozen=True, slots=True)
class Allowance:
    """One comment: the line that it holds for, and where it stands itself, with line and column from 1.

    ``wrong`` says why it allows nothing.
    """

    line: int
    codes: frozenset[str]
    until: date | None
    at: tuple[int, int, int]
    wrong: str | None = None


def allowances(text: str) -> list[Allowance]:
    """The comments of a module; text that cannot be taken apart has none."""
    if "cwc:" not in text or "allow" not in text:
        return []
    try:
        return list(_read(tokenize.generate_tokens(io.StringIO(text).readline)))
    except (tokenize.TokenError, SyntaxError, ValueError):
        return []


def _read(tokens: Iterable[tokenize.TokenInfo]) -> Iterator[Allowance]:
    waiting: list[tokenize.TokenInfo] = []
    has_code = False
    for token in tokens:
        if token.type == tokenize.COMMENT and _COMMENT.match(token.string):
            if has_code:
                yield _allowance(token, token.start[0])
            else:
                waiting.append(token)
        elif token.type == tokenize.NL or token.type == tokenize.NEWLINE:
            has_code = False
        elif token.type not in (tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT):
            has_code = True
            yield from (_allowance(each, token.start[0]) for each in waiting)
            waiting.clear()


def _allowance(token: tokenize.TokenInfo, line: int) -> Allowance:
    found = _COMMENT.match(token.string)
    assert found is not None
    head, separator, reason = found[1].partition("--")
    at = token.start[0], token.start[1] + 1, token.end[1] + 1
    codes = frozenset(_CODE.findall(head))
    until, wrong = None, None
    if not codes:
        wrong = "it names no code"
    elif not separator or not reason.strip():
        wrong = "it gives no reason"
    if stated := _UNTIL.search(found[1]):
        try:
            until = date.fromisoformat(stated[1].rstrip(",;."))
        except ValueError:
            wrong = f"{stated[1]!r} is no date"
    return Allowance(line, codes, until, at, wrong)
