"""What an attribute of a thing may refer to."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from cwc.contract.closure import facts as f
from cwc.contract.closure.facts import NOTHING, UNKNOWN, Fact, Facts
from cwc.contract.closure.outside import TELLING, attribute_gives, canonical, foreign_module
from cwc.contract.closure.scopes import Binding, Imported, Scope, View

if TYPE_CHECKING:
    from cwc.contract.closure.evaluate import Evaluator

_PROPERTIES = frozenset({"property", "cached_property"})


def member(evaluator: Evaluator, fact: Fact, attribute: str, view: View) -> Facts:
    """What ``fact.attribute`` may refer to; ``view`` is the module that says so."""
    if attribute == "__dict__":
        return frozenset({f.Namespace(fact)})
    match fact:
        case f.Outside(name):
            return _of_outside(name, attribute)
        case f.Made(of) if attribute == "__class__":
            return f.outside(of if "." in of else f"builtins.{of}")
        case f.Made(of):
            given = attribute_gives(of, attribute)
            return given or UNKNOWN
        case f.Inside(module):
            return _of_module(evaluator, module, attribute)
        case f.Class(scope):
            return of_class(evaluator, scope, attribute, is_object=False)
        case f.Object(scope):
            return of_class(evaluator, scope, attribute, is_object=True)
        case f.Parent(scope):
            return _of_bases(evaluator, scope, attribute, True, set()) or UNKNOWN
        case f.Unknown():
            return _written(evaluator, attribute, view)
        case f.Display(node=ast.Call()):
            return _of_record(evaluator, fact, attribute)
        case f.Partial(node, scope) if attribute == "func" and node.args:
            return evaluator.facts(node.args[0], scope)
        case f.Namespace(owner) if attribute in ("get", "pop", "__getitem__", "setdefault"):
            return frozenset({f.Getter("namespace", None), f.Namespace(owner)})
        case f.Function(scope) if attribute not in ("__call__", "__wrapped__"):
            return _written(evaluator, attribute, scope.view)
        case f.Function():
            return frozenset({fact})
    return NOTHING


def _of_outside(name: str, attribute: str) -> Facts:
    if attribute in ("__call__", "__func__", "__wrapped__"):
        return f.outside(name)
    if attribute == "__self__" and name.startswith("builtins."):
        return f.outside("builtins")
    foreign = foreign_module(name, attribute)
    if foreign is not None:
        return f.outside(canonical(foreign))
    if name == "builtins" or not name.startswith("builtins."):
        known = f"{name}.{attribute}"
        if known in ("datetime.datetime.min", "datetime.datetime.max", "datetime.date.min", "datetime.date.max"):
            return f.made(name)
        return f.outside(canonical(known))
    return f.outside(f"{name.removeprefix('builtins.')}.{attribute}")


def _of_module(evaluator: Evaluator, module: View, attribute: str) -> Facts:
    if attribute not in module.scope.names and module.is_package:
        found = evaluator.world.find(Imported("", 1, attribute), module.file)
        if found is not None and found.submodule is not None:
            return evaluator.module(found.submodule)
    if not module.is_package and attribute not in module.scope.names and not module.stars:
        return evaluator.exported(module, attribute) | _written(evaluator, attribute, module)
    return evaluator.exported(module, attribute)


def of_class(
    evaluator: Evaluator, scope: Scope, attribute: str, *, is_object: bool, seen: set[Scope] | None = None
) -> Facts:
    """An attribute of a class or its instance, own or inherited; properties are what they return.

    ``seen`` holds the classes that were asked on the way here: each is asked once, however many ways lead to it.
    """
    seen = set() if seen is None else seen
    seen.add(scope)
    found: set[Fact] = set()
    own = (*scope.names.get(attribute, ()), *scope.attributes.get(attribute, ()))
    for binding in own:
        if not binding.dead:
            found |= _attribute_value(evaluator, binding, is_object)
    if evaluator.current is not None:
        scope.watch(attribute, evaluator.current)
    if scope.incoming.get(attribute):
        found |= scope.incoming[attribute]
    if attribute == "__class__":
        return frozenset({f.Class(scope)})
    if not own or all(binding.maybe for binding in own):
        found |= _of_bases(evaluator, scope, attribute, is_object, seen)
    if not own:
        found |= _written(evaluator, attribute, scope.view)
    return frozenset(found)


def inherited(evaluator: Evaluator, scope: Scope, attribute: str) -> Facts:
    """An attribute that a class has from an outside base, where it has none of its own."""
    if attribute in scope.names or attribute in scope.attributes:
        return NOTHING
    return _of_bases(evaluator, scope, attribute, False, set())


def _attribute_value(evaluator: Evaluator, binding: Binding, is_object: bool) -> Facts:
    function = binding.scope.node
    if is_object and isinstance(function, ast.FunctionDef) and binding.node is None:
        names = {_last(each) for each in function.decorator_list}
        if names & _PROPERTIES:
            return evaluator.join(binding.scope.returns, binding.scope)
    return evaluator.bound(binding)


def _of_bases(evaluator: Evaluator, scope: Scope, attribute: str, is_object: bool, seen: set[Scope]) -> Facts:
    found: set[Fact] = set()
    node = scope.node
    if not isinstance(node, ast.ClassDef) or scope.parent is None:
        return NOTHING
    for base in node.bases:
        for fact in evaluator.facts(base, scope.parent):
            match fact:
                case f.Class(inner) if inner is not scope and inner not in seen:
                    found |= of_class(evaluator, inner, attribute, is_object=is_object, seen=seen)
                case f.Outside(name) if name in TELLING:
                    found |= _of_outside(name, attribute)
                case f.Outside():
                    found |= UNKNOWN
    return frozenset(found)


def _written(evaluator: Evaluator, attribute: str, view: View) -> Facts:
    """What the module writes to an attribute of that name, of whatever: but only modules, classes and functions."""
    bindings = view.written.get(attribute)
    if not bindings:
        return UNKNOWN
    found: set[Fact] = set(UNKNOWN)
    for binding in bindings:
        for fact in evaluator.bound(binding):
            if isinstance(fact, f.Outside | f.Inside | f.Class | f.Holding | f.Display):
                found.add(fact)
    return frozenset(found)


def _of_record(evaluator: Evaluator, fact: f.Display, attribute: str) -> Facts:
    """An attribute of ``SimpleNamespace(attribute=…)``."""
    found: set[Fact] = set()
    if isinstance(fact.node, ast.Call):
        for keyword in fact.node.keywords:
            if keyword.arg in (attribute, None):
                found |= evaluator.facts(keyword.value, fact.scope)
    return frozenset(found)


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
