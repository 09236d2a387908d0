"""DET601: texts that hang on the locale."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from cwc.contract.rules.rule import Found, Look, Rule, banned, defined

_NUMBER = re.compile(r"(?:.?[<>=^])?[-+ ]?z?#?0?\d*(?:\.\d+)?n")
_DIRECTIVE = re.compile(r"%[-#]?[cxXpaAbBhrEO]")
_FIELD = re.compile(r"\{[^{}]*:([^{}]*)\}")
_ESCAPED = "%%"
_MESSAGE = "the format hangs on the locale"


def _formatted(node: ast.AST, look: Look) -> Iterator[Found]:
    assert isinstance(node, ast.FormattedValue)
    if isinstance(node.format_spec, ast.JoinedStr):
        spec = "".join(str(part.value) for part in node.format_spec.values if isinstance(part, ast.Constant))
        if _is_local(spec):
            yield Found(node, _MESSAGE)


def _call(node: ast.AST, look: Look) -> Iterator[Found]:
    assert isinstance(node, ast.Call)
    method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if method in ("strftime", "strptime", "__format__"):
        texts = [value for argument in node.args for value in look.constants(argument)[0]]
        if any(isinstance(text, str) and (_directs(text) or _NUMBER.fullmatch(text)) for text in texts):
            yield Found(node, _MESSAGE)
    elif method == "format" and isinstance(node.func, ast.Attribute):
        for text in look.constants(node.func.value)[0]:
            if isinstance(text, str) and any(_is_local(spec) for spec in _FIELD.findall(text)):
                yield Found(node, _MESSAGE)
                return
    elif "builtins.format" in look.names(node.func) and len(node.args) == 2:
        if any(isinstance(text, str) and _is_local(text) for text in look.constants(node.args[1])[0]):
            yield Found(node, _MESSAGE)
    elif "time.strftime" in look.names(node.func) and node.args and _has_directive(node.args[0], look):
        yield Found(node, _MESSAGE)


def _directs(text: str) -> bool:
    return _DIRECTIVE.search(text.replace(_ESCAPED, "")) is not None


def _has_directive(node: ast.expr, look: Look) -> bool:
    return any(isinstance(text, str) and _directs(text) for text in look.constants(node)[0])


def _is_local(spec: str) -> bool:
    return bool(_NUMBER.fullmatch(spec) or _directs(spec))


RULE = Rule(
    definition=defined("DET601", "locale_format", "warning", "A text hangs on the locale"),
    instead="use formats that are the same everywhere: `:.6f`, `:,`, `%Y-%m-%d`, `isoformat()`",
    members=banned("""
        locale.* calendar.day_name calendar.day_abbr calendar.month_name calendar.month_abbr gettext.*
    """),
    heeds={ast.Call: frozenset({"strftime", "strptime", "__format__", "format", "builtins.format", "time.strftime"})},
    checks={ast.FormattedValue: _formatted, ast.Call: _call},
)
