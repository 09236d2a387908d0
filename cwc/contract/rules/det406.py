"""DET406: names in a folder, in the order that the file system likes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.closure.outside import GIVES
from cwc.contract.rules.rule import Found, Look, Rule, defined

_LISTINGS = frozenset(name for name, of in GIVES.items() if of == "listing")
_IGNORANT = frozenset({
    "builtins.sorted", "builtins.set", "builtins.frozenset", "builtins.len", "builtins.any", "builtins.all",
    "builtins.sum",
    "builtins.min", "builtins.max", "collections.Counter",
})  # fmt: skip


def _call(node: ast.AST, look: Look) -> Iterator[Found]:
    assert isinstance(node, ast.Call)
    if look.names(node.func) & _LISTINGS and not _is_sorted(node, look):
        yield Found(node, "a folder is listed in no order")


def _is_sorted(node: ast.AST, look: Look) -> bool:
    parent = look.parent(node)
    if isinstance(parent, ast.Call) and node in parent.args:
        return bool(look.names(parent.func) & _IGNORANT)
    if isinstance(parent, ast.comprehension):
        return False
    return isinstance(parent, ast.Compare)


RULE = Rule(
    definition=defined("DET406", "unsorted_listing", "warning", "A folder is listed and not sorted"),
    instead="put `sorted(…)` around it",
    heeds={ast.Call: _LISTINGS},
    checks={ast.Call: _call},
)
