"""Imports by call: literal names are imports like any other, and others cannot be followed."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.closure import facts as f
from cwc.contract.closure.evaluate import Evaluator
from cwc.contract.closure.folding import constants
from cwc.contract.closure.scopes import Imported, ImportSite, Scope, View

IMPORTERS = frozenset({"importlib.import_module", "builtins.__import__"})


def dynamic_imports(evaluator: Evaluator, view: View) -> Iterator[ImportSite]:
    """The modules that calls of a module name, as far as the names are known."""
    for node, scope in view.sites.get(ast.Call, ()):
        assert isinstance(node, ast.Call)
        for fact in evaluator.facts(node.func, scope):
            if type(fact) is f.Outside and fact.name in IMPORTERS:
                names, _ = named(evaluator, node, scope)
                for name in names:
                    yield ImportSite(imported_by(evaluator, name, node, scope), node)
            elif type(fact) is f.Partial and _prepares_import(evaluator, fact):
                prepared, _ = constants(evaluator, node.args[0], scope) if node.args else ([], True)
                yield from (ImportSite(Imported(name), node) for name in prepared if isinstance(name, str) and name)


def named(evaluator: Evaluator, node: ast.Call, scope: Scope) -> tuple[list[str], bool]:
    """The names that a call imports, and whether it may import others."""
    first = node.args[0] if node.args else next((each.value for each in node.keywords if each.arg == "name"), None)
    if first is None:
        return [], True
    values, unclear = constants(evaluator, first, scope)
    return [value for value in values if isinstance(value, str) and value.strip(".")], unclear


def imported_by(evaluator: Evaluator, name: str, node: ast.Call, scope: Scope) -> Imported:
    """The import that a call with a certain name amounts to."""
    level = len(name) - len(name.lstrip("."))
    keywords = {keyword.arg: keyword.value for keyword in node.keywords}
    level_node = keywords.get("level", node.args[4] if len(node.args) > 4 else None)
    if level_node is not None:
        known, _ = constants(evaluator, level_node, scope)
        level = next((value for value in known if isinstance(value, int)), 0)
    package = keywords.get("package", node.args[1] if len(node.args) == 2 else None)
    if level and package is not None:
        known, _ = constants(evaluator, package, scope)
        parents = [value for value in known if isinstance(value, str) and value]
        if parents:
            parts = parents[0].split(".")
            return Imported(".".join([*parts[: len(parts) - level + 1], name.lstrip(".")]))
    return Imported(name.lstrip("."), level)


def _prepares_import(evaluator: Evaluator, fact: f.Partial) -> bool:
    return len(fact.node.args) == 1 and any(
        isinstance(each, f.Outside) and each.name in IMPORTERS
        for each in evaluator.facts(fact.node.args[0], fact.scope)
    )
