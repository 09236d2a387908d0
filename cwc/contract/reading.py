"""Text → Python's own tree, or the finding that says why libcst is not asked for one.

libcst descends in native code: text nested too deep would not raise but end the process. So Python parses it first.
"""

from __future__ import annotations

import ast
import re

from cwc.contract.finding import UNPARSABLE, Finding

DEEPEST = 100
"""How deep a tree may be: above what a flow's literals come to (64 and a few), far below what any parser can take."""

_COOKIE = re.compile(r"[ \t\f]*#.*?coding[:=][ \t]*[-\w.]")
"""What makes Python read a file in another encoding, in either of its first two lines (PEP 263)."""


def parsed(text: str, path: str) -> ast.Module | Finding:
    """Python's own tree of what it sees when it imports a file of this text."""
    if hidden := unseen(text, path):
        return hidden
    try:
        return ast.parse(text)
    except SyntaxError as error:
        return unparsable(error.msg, error.lineno or 1, error.offset or 1, path)
    except (ValueError, RecursionError, MemoryError) as error:
        return unparsable(str(error) or type(error).__name__, 1, 1, path)


def unseen(text: str, path: str) -> Finding | None:
    """What makes a file of this text another one to Python, or to a reader."""
    return _hidden_character(text, path) or _encoding_cookie(text, path)


def too_deep(tree: ast.Module, path: str) -> Finding | None:
    """What there is to say of a tree that libcst may not be asked for."""
    return unparsable(f"the code is nested deeper than {DEEPEST} levels", 1, 1, path) if _is_deep(tree) else None


def _hidden_character(text: str, path: str) -> Finding | None:
    """The first character that `repr` would have escaped: it may end a line, or show one thing and mean another."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.isprintable():
            column, character = next((at, each) for at, each in enumerate(line, 1) if not each.isprintable())
            message = f"the character U+{ord(character):04X} stands in generated code only when escaped"
            return unparsable(message, number, column, path)
    return None


def _encoding_cookie(text: str, path: str) -> Finding | None:
    for number, line in enumerate(text.split("\n", 2)[:2], 1):
        if _COOKIE.match(line):
            message = "the comment names an encoding, so that Python reads another text than this"
            return unparsable(message, number, 1, path)
    return None


def _is_deep(tree: ast.AST) -> bool:
    """Whether libcst has a long way down. It nests `a and b and c`, which Python's own tree holds in one node."""
    layer = [tree]
    for _ in range(DEEPEST):
        if any(isinstance(node, ast.BoolOp) and len(node.values) > DEEPEST for node in layer):
            return True
        layer = [child for node in layer for child in ast.iter_child_nodes(node)]
    return bool(layer)


def unparsable(message: str, line: int, column: int, path: str) -> Finding:
    return Finding(UNPARSABLE, message, path, max(line, 1), max(column, 1))
