"""What stands in a container: elements of displays, values under keys, attributes under names."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from cwc.contract.closure import facts as f
from cwc.contract.closure.annotations import elements
from cwc.contract.closure.facts import NOTHING, UNKNOWN, Fact, Facts
from cwc.contract.closure.folding import constants
from cwc.contract.closure.scopes import Scope, Step

if TYPE_CHECKING:
    from cwc.contract.closure.evaluate import Evaluator

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp)
_SCALARS = frozenset({"str", "bytes", "int", "float", "bool"})


def element(evaluator: Evaluator, container: Facts, step: Step) -> Facts:
    """An element of a container: at an index, or any for None. Of a dict these are its keys."""
    found: set[Fact] = set()
    for fact, at in _spread(evaluator, container, step):
        found |= guarded(evaluator, ("element", at, fact), partial(_element, evaluator, fact, at))
    return frozenset(found) or UNKNOWN


def _spread(evaluator: Evaluator, container: Facts, step: Step) -> Iterator[tuple[Fact, Step]]:
    """The facts of a container and of all that was spread into it, each once however many ways lead there."""
    pending: list[tuple[Fact, Step]] = [(fact, step) for fact in container]
    seen = set(pending)
    while pending:
        fact, at = pending.pop()
        evaluator.spend()
        yield fact, at
        for value, scope in _spread_in(fact, at):
            more = {(each, None) for each in evaluator.facts(value, scope)} - seen
            seen |= more
            pending += more


def _spread_in(fact: Fact, step: Step) -> list[tuple[ast.expr, Scope]]:
    """What is spread into a container: ``x.extend(value)``, ``[*value]``."""
    match fact:
        case f.Holding(node, scope, all=True):
            return [(node, scope)]
        case f.Display(ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts), scope):
            if _at(parts, step) is None:
                return [(each.value, scope) for each in parts if isinstance(each, ast.Starred)]
    return []


def _at(parts: list[ast.expr], step: Step) -> ast.expr | None:
    """The element at an index, where nothing spread stands in its way."""
    if step is None or not -len(parts) <= step < len(parts) or any(isinstance(each, ast.Starred) for each in parts):
        return None
    return parts[step]


def guarded(evaluator: Evaluator, key: object, compute: Callable[[], Facts]) -> Facts:
    """What is in a container that may hold itself: what is asked again on the way adds nothing."""
    if key in evaluator.opened:
        return NOTHING
    evaluator.opened.add(key)
    try:
        return compute()
    finally:
        evaluator.opened.discard(key)


def _element(evaluator: Evaluator, fact: Fact, step: Step) -> Facts:
    match fact:
        case f.Display(node, scope):
            return _of_display(evaluator, node, scope, step)
        case f.Holding(node, scope, all=spread):
            return NOTHING if spread else evaluator.facts(node, scope)
        case f.Columns(columns):
            if step is None:
                return frozenset({fact})
            return columns[step] if -len(columns) <= step < len(columns) else UNKNOWN
        case f.Each(each):
            return each
        case f.Typed():
            return elements(evaluator, fact, values=False)
        case f.Valued() | f.Fresh():
            return NOTHING
        case f.Function(scope) if scope.yields:
            return evaluator.join(scope.yields, scope)
        case f.Object(scope):
            return _iterated(evaluator, scope)
        case f.Const(str()):
            return f.made("str")
        case f.Namespace() if step is None:
            return f.made("str")
        case f.Made(of="str"):
            return f.made("str")
        case f.Made(of="listing"):
            return UNKNOWN
        case f.Made():
            return NOTHING
    return UNKNOWN


def _iterated(evaluator: Evaluator, scope: Scope) -> Facts:
    """What the ``__iter__`` of a class yields."""
    found: set[Fact] = set(UNKNOWN)
    for binding in scope.names.get("__iter__", ()):
        found |= evaluator.join(binding.scope.yields, binding.scope)
        for value in binding.scope.returns:
            found |= element(evaluator, evaluator.facts(value, binding.scope), None)
    return frozenset(found)


def _of_display(evaluator: Evaluator, node: ast.expr, scope: Scope, step: Step) -> Facts:
    if isinstance(node, _COMPREHENSIONS):
        return evaluator.facts(node.elt, scope.view.inner(node))
    if isinstance(node, ast.DictComp):
        return evaluator.facts(node.key, scope.view.inner(node))
    if isinstance(node, ast.Dict):
        return evaluator.join([key for key in node.keys if key is not None], scope)
    if not isinstance(node, ast.Tuple | ast.List | ast.Set):
        return UNKNOWN
    known = _at(node.elts, step)
    if known is not None:
        return evaluator.facts(known, scope)
    return evaluator.join([each for each in node.elts if not isinstance(each, ast.Starred)], scope)


def items_of(evaluator: Evaluator, container: Facts, key: ast.expr, scope: Scope) -> Facts:
    """What ``container[key]`` may refer to."""
    known, open_ = constants(evaluator, key, scope)
    found: set[Fact] = set()
    for fact in container:
        match fact:
            case f.Namespace(owner):
                for name in known:
                    if isinstance(name, str):
                        found |= evaluator.attribute(frozenset({owner}), name, scope.view)
            case f.Display(node, inner) if isinstance(key, ast.Slice):
                found.add(f.Each(element(evaluator, frozenset({fact}), None)))
            case f.Display(node, inner):
                found |= _values(evaluator, node, inner, known, open_)
            case f.Outside(name) if not name.islower() or name.startswith("builtins."):
                found.add(fact)
            case f.Outside("sys.modules"):
                found |= _module_named(known)
            case f.Typed():
                found |= elements(evaluator, fact, values=True)
            case f.Valued(values):
                found |= values
            case f.Each(each):
                found |= each
            case f.Columns(columns):
                found |= frozenset().union(*(columns[index] for index in _indexes(known, columns)))
            case f.Class():
                found.add(fact)
            case f.Object(inner):
                for binding in inner.names.get("__getitem__", ()):
                    found |= evaluator.join(binding.scope.returns, binding.scope)
            case _:
                found |= (
                    element(evaluator, frozenset({fact}), None) - f.made("str")
                    if not isinstance(fact, f.Made)
                    else NOTHING
                )
    return frozenset(found) or UNKNOWN


def _indexes(known: list[object], columns: tuple[Facts, ...]) -> list[int]:
    chosen = [each for each in known if isinstance(each, int) and -len(columns) <= each < len(columns)]
    return chosen or list(range(len(columns)))


def _module_named(names: list[object]) -> Facts:
    return frozenset(f.Outside(name) for name in names if isinstance(name, str))


def _values(evaluator: Evaluator, node: ast.expr, scope: Scope, known: list[object], open_: bool) -> Facts:
    if isinstance(node, ast.DictComp):
        return evaluator.facts(node.value, scope.view.inner(node))
    if isinstance(node, ast.Call):
        return evaluator.join(
            [each.value for each in node.keywords if open_ or each.arg is None or each.arg in known], scope
        )
    if isinstance(node, ast.Dict):
        return _dict_values(evaluator, node, scope, known, open_)
    step = known[0] if not open_ and len(known) == 1 and isinstance(known[0], int) else None
    return element(evaluator, frozenset({f.Display(node, scope)}), step)


def _dict_values(evaluator: Evaluator, node: ast.Dict, scope: Scope, known: list[object], open_: bool) -> Facts:
    found: set[Fact] = set()
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            found |= all_values(evaluator, evaluator.facts(value, scope))
            continue
        names, unclear = constants(evaluator, key, scope)
        if open_ or unclear or any(name in known for name in names):
            found |= evaluator.facts(value, scope)
    return frozenset(found)


def all_values(evaluator: Evaluator, mapping: Facts) -> Facts:
    """The values of a mapping, whatever their keys."""
    found: set[Fact] = set()
    pending = list(mapping)
    seen = set(pending)
    while pending:
        fact = pending.pop()
        evaluator.spend()
        found |= guarded(evaluator, ("values", fact), partial(_all_values, evaluator, fact))
        for value, scope in _merged_in(fact):
            more = set(evaluator.facts(value, scope)) - seen
            seen |= more
            pending += more
    return frozenset(found) or UNKNOWN


def _merged_in(fact: Fact) -> list[tuple[ast.expr, Scope]]:
    """What is merged into a mapping: ``x.update(value)``, ``{**value}``."""
    match fact:
        case f.Holding(node, scope, all=True):
            return [(node, scope)]
        case f.Display(ast.Dict(keys=keys, values=values), scope):
            return [(value, scope) for key, value in zip(keys, values, strict=True) if key is None]
    return []


def _all_values(evaluator: Evaluator, fact: Fact) -> Facts:
    match fact:
        case f.Display(ast.Dict(keys=keys, values=values), scope):
            return evaluator.join([v for key, v in zip(keys, values, strict=True) if key is not None], scope)
        case f.Display(node, scope):
            return _values(evaluator, node, scope, [], True)
        case f.Holding(node, scope, all=spread):
            return NOTHING if spread else evaluator.facts(node, scope)
        case f.Typed():
            return elements(evaluator, fact, values=True)
        case f.Valued(values):
            return values
    return NOTHING
