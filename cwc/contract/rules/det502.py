"""DET502: work at import."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.closure.outside import STANDARD
from cwc.contract.rules.rule import Found, Look, Rule, defined


def _statement(node: ast.AST, look: Look) -> Iterator[Found]:
    """A call at the top of a module whose outcome nobody keeps is there for its effect."""
    assert isinstance(node, ast.Expr)
    if look.scope.kind != "module" or not isinstance(node.value, ast.Call):
        return
    roots = {site.imported.module.partition(".")[0] for site in look.view.imports if not site.imported.level} - STANDARD
    for name in sorted(look.names(node.value.func)):
        if name.partition(".")[0] in roots:
            yield Found(node, f"`{name}` is called when the module is imported")
            return


RULE = Rule(
    definition=defined("DET502", "import_time_work", "error", "A module works when it is imported"),
    instead="do it where the flow is called",
    weight="warning",
    checks={ast.Expr: _statement},
)
