"""What a local name is at a certain place: what was assigned to it before may surely hold no more."""

from __future__ import annotations

import ast
from bisect import bisect_right
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
    look.evaluator.spend(4 * len(bindings))
    if look.scope.kind != "function" or any(each.how is How.PARAMETER for each in bindings[1:]):
        return None
    earlier = [each for each in bindings if each.how is How.VALUE and _line(each) < node.lineno]
    if not earlier:
        return None
    around = _around(node, look)
    sure = [each for each in earlier if not each.maybe or _surely_ran(each, around)]
    if not sure or any(each.scope is not look.scope for each in sure):
        return None
    first, last = max(map(_line, sure)), node.lineno
    if any(isinstance(block[at], ast.For | ast.AsyncFor | ast.While) for block, at in around):
        last = 1 << 60
    return [each for each in bindings if first <= _line(each) <= last and each.how is not How.HELD]


def _line(binding: Binding) -> int:
    if binding.how is How.PARAMETER or binding.how is How.ANNOTATED or binding.node is None:
        return 0
    return binding.node.end_lineno or binding.node.lineno


_Block = tuple[list[ast.stmt], int]


def _around(place: ast.expr, look: Look) -> list[_Block]:
    """The blocks of a function that a place stands in, from the outermost, and in which statement of each."""
    found: list[_Block] = []
    block: list[ast.stmt] = getattr(look.scope.node, "body", [])
    while block:
        at = _index(block, place)
        if at < 0 or _at(place) > (block[at].end_lineno or 0, block[at].end_col_offset or 0):
            break
        found.append((block, at))
        inner = [each for each in _blocks(block[at]) if each and _index(each, place) >= 0]
        block = inner[-1] if inner else []
    return found


def _surely_ran(binding: Binding, around: list[_Block]) -> bool:
    """Whether an assignment stands above a place in its block, or in a block around."""
    for block, at in around:
        before = _index(block, binding.node) if binding.node is not None else -1
        statement = block[before] if 0 <= before < at else None
        if isinstance(statement, ast.Assign) and statement.value is binding.node:
            return not binding.path
    return False


def _at(node: ast.expr | ast.stmt) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _index(block: list[ast.stmt], place: ast.expr) -> int:
    """The last statement of a block that begins before a place; -1 for none."""
    return bisect_right(block, _at(place), key=_at) - 1


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The blocks in a statement, as they stand in the text."""
    yield getattr(statement, "body", [])
    for name in ("handlers", "cases"):
        yield from (each.body for each in getattr(statement, name, ()))
    for name in ("orelse", "finalbody"):
        yield getattr(statement, name, [])


_PLAIN = frozenset({f"builtins.{name}" for name in ("str", "bytes", "int", "float", "bool", "list", "tuple", "dict")})


def is_narrowed(node: ast.expr, look: Look) -> bool:
    """Whether a name stands where `isinstance` has found that it is no set: ``if isinstance(x, str): …``."""
    if not isinstance(node, ast.Name) or look.scope.kind != "function":
        return False
    look.evaluator.spend(len(look.scope.names.get(node.id, ())))
    stores = [each for each in look.scope.names.get(node.id, ()) if each.how not in (How.PARAMETER, How.ANNOTATED)]
    for block, at in _around(node, look):
        branch = block[at]
        if isinstance(branch, ast.If) and _is_in(branch.body, node):
            rebound = any(branch.lineno <= _line(each) <= (branch.end_lineno or 0) for each in stores)
            if not rebound and _finds_plain(branch.test, node.id, look):
                return True
    return False


def _is_in(block: list[ast.stmt], place: ast.expr) -> bool:
    last = block[-1]
    return _at(block[0]) <= _at(place) <= (last.end_lineno or 0, last.end_col_offset or 0)


def _finds_plain(test: ast.expr, name: str, look: Look) -> bool:
    match test:
        case ast.Call(func=function, args=[ast.Name(id=tested), kinds]) if tested == name:
            asked = kinds.elts if isinstance(kinds, ast.Tuple) else [kinds]
            return "builtins.isinstance" in look.names(function) and all(look.names(each) & _PLAIN for each in asked)
        case ast.BoolOp(op=ast.And(), values=values):
            return any(_finds_plain(value, name, look) for value in values)
    return False
