"""DET305: modules that are reached as attributes of others."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.closure.outside import STANDARD, foreign_module
from cwc.contract.rules.rule import Found, Look, Rule, defined


def _attributes(node: ast.AST, look: Look) -> Iterator[Found]:
    assert isinstance(node, ast.Attribute)
    for name in sorted(look.names(node.value)):
        if (foreign := foreign_module(name, node.attr)) is not None:
            yield Found(node, f"`{name}.{node.attr}` is the module `{foreign}`")
            return


RULE = Rule(
    definition=defined("DET305", "foreign_reexport", "error", "A module is reached as an attribute of another"),
    instead="import the module by its own name",
    heeds={ast.Attribute: STANDARD},
    checks={ast.Attribute: _attributes},
)
