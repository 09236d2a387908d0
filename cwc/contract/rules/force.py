"""What a local name is at a certain place: what was assigned to it before may surely hold no more."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.closure.facts import Facts
from cwc.contract.closure.scopes import Binding, How
from cwc.contract.rules.rule import Look


def facts_here(node: ast.expr, look: Look) -> Facts:
    """What an expression may refer to; of a local name only what may have been assigned to it last."""
    if isinstance(node, ast.Name):
        bindings = _in_force(node, look)
        if bindings is not None:
            return frozenset().union(*map(look.evaluator.bound, bindings))
    return look.facts(node)


def _in_force(node: ast.Name, look: Look) -> list[Binding] | None:
    """The bindings of a local that may hold here, where an earlier one surely holds no more; None for all of them."""
    bindings = look.scope.names.get(node.id, [])
    if look.scope.kind != "function" or any(each.how is How.PARAMETER for each in bindings[1:]):
        return None
    earlier = [each for each in bindings if each.how is How.VALUE and _line(each) < node.lineno]
    if not earlier:
        return None
    ran = {id(value) for value in _values_before(node, look)} if any(each.maybe for each in earlier) else set()
    sure = [each for each in earlier if not each.maybe or (id(each.node) in ran and not each.path)]
    if not sure or any(each.scope is not look.scope for each in sure):
        return None
    last = max(map(_line, sure))
    return [each for each in bindings if _line(each) >= last and each.how is not How.HELD]


def _line(binding: Binding) -> int:
    if binding.how is How.PARAMETER or binding.how is How.ANNOTATED or binding.node is None:
        return 0
    return binding.node.end_lineno or binding.node.lineno


def _values_before(place: ast.expr, look: Look) -> Iterator[ast.expr]:
    """Values that were surely assigned before a place is reached: above it in its block, or in a block around."""
    block: list[ast.stmt] = getattr(look.scope.node, "body", [])
    while block:
        around = next((each for each in block if _holds(each, place)), None)
        for statement in block:
            if statement is around:
                break
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                yield statement.value
        block = next((inner for inner in _blocks(around) if any(_holds(each, place) for each in inner)), [])


def _holds(statement: ast.stmt, place: ast.expr) -> bool:
    end = statement.end_lineno or statement.lineno
    return statement.lineno <= place.lineno <= end


def _blocks(statement: ast.stmt | None) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        yield getattr(statement, name, [])
    for name in ("handlers", "cases"):
        yield from (each.body for each in getattr(statement, name, ()))


_PLAIN = frozenset({f"builtins.{name}" for name in ("str", "bytes", "int", "float", "bool", "list", "tuple", "dict")})


def is_narrowed(node: ast.expr, look: Look) -> bool:
    """Whether a name stands where `isinstance` has found that it is no set: ``if isinstance(x, str): …``."""
    if not isinstance(node, ast.Name) or look.scope.kind != "function":
        return False
    stores = [each for each in look.scope.names.get(node.id, ()) if each.how not in (How.PARAMETER, How.ANNOTATED)]
    block: list[ast.stmt] = getattr(look.scope.node, "body", [])
    while around := next((each for each in block if _holds(each, node)), None):
        if isinstance(around, ast.If) and any(_holds(each, node) for each in around.body):
            rebound = any(around.lineno <= _line(each) <= (around.end_lineno or 0) for each in stores)
            if not rebound and _finds_plain(around.test, node.id, look):
                return True
        block = next((inner for inner in _blocks(around) if any(_holds(each, node) for each in inner)), [])
    return False


def _finds_plain(test: ast.expr, name: str, look: Look) -> bool:
    match test:
        case ast.Call(func=function, args=[ast.Name(id=tested), kinds]) if tested == name:
            asked = kinds.elts if isinstance(kinds, ast.Tuple) else [kinds]
            return "builtins.isinstance" in look.names(function) and all(look.names(each) & _PLAIN for each in asked)
        case ast.BoolOp(op=ast.And(), values=values):
            return any(_finds_plain(value, name, look) for value in values)
    return False
