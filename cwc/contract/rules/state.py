"""What is shared by all runs: modules, classes, and the containers and objects that they hold."""

from __future__ import annotations

import ast

from cwc.contract.closure import facts as f
from cwc.contract.closure.scopes import How, Scope
from cwc.contract.rules.force import facts_here
from cwc.contract.rules.rule import Look

_LASTING = ("module", "class")
_MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)


def is_shared(node: ast.expr, look: Look) -> bool:
    """A module, a class or a function: one for all runs."""
    if isinstance(node, ast.Call) and "builtins.type" in look.names(node.func):
        return True
    if isinstance(node, ast.Attribute) and node.attr == "__class__":
        return True
    return any(_is_shared(fact, node) for fact in look.facts(node))


def _is_shared(fact: f.Fact, node: ast.expr) -> bool:
    match fact:
        case f.Inside():
            return True
        case f.Class(scope):
            return scope.parent is None or scope.parent.function is None
        case f.Function(scope):
            return isinstance(node, ast.Name) and (scope.parent is None or scope.parent.function is None)
        case f.Outside(name):
            return not name.startswith("builtins.")
    return False


def is_state(node: ast.expr, look: Look) -> bool:
    """A container that a module or class holds, or one of another module."""
    state = {fact for fact in look.facts(node) if _is_state(fact, node, look)}
    return bool(state) and not state.isdisjoint(facts_here(node, look))


def _is_state(fact: f.Fact, node: ast.expr, look: Look) -> bool:
    match fact:
        case f.Display(made, scope) if isinstance(made, _MUTABLE):
            return scope.kind in _LASTING and not _is_default_of_instances(scope, node, look)
        case f.Fresh(_, scope):
            return scope.kind in _LASTING and not _is_default_of_instances(scope, node, look)
        case f.Outside(name):
            return "." in name and name.islower() and not name.startswith(("builtins.", *_VALUES))
    return False


_VALUES = ("str.", "bytes.", "list.", "dict.", "set.", "frozenset.", "tuple.", "int.", "float.", "object.", "keys.")


def _is_default_of_instances(scope: Scope, node: ast.expr, look: Look) -> bool:
    """A class attribute that instances have of their own: in dataclasses and models, or because `__init__` sets it."""
    if scope.kind != "class" or not isinstance(node, ast.Attribute):
        return False
    of_instance = any(isinstance(fact, f.Object) for fact in look.facts(node.value))
    owner = scope.node
    is_plain = isinstance(owner, ast.ClassDef) and not owner.decorator_list and not owner.bases
    is_set = any(each.how in (How.VALUE, How.ANNOTATED) for each in scope.attributes.get(node.attr, ()))
    return of_instance and (is_set or not is_plain)


def is_object_of_module(node: ast.expr, look: Look) -> bool:
    """An instance of one's own class that a module holds under a name."""
    if not isinstance(node, ast.Name) or not any(isinstance(fact, f.Object) for fact in look.facts(node)):
        return False
    scope: Scope | None = look.scope
    while scope is not None:
        if scope.declared.get(node.id) == "global":
            return True
        if node.id in scope.names and (scope is look.scope or scope.kind != "class"):
            return scope.kind == "module"
        scope = scope.parent
    return False
