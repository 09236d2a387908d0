"""Which expressions have no order: sets, and iterators over them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.closure import facts
from cwc.contract.closure.scopes import Binding, How
from cwc.contract.rules.rule import Look


def is_unordered(node: ast.expr, look: Look) -> bool:
    """Whether an expression may be a set, or iterates over one."""
    if isinstance(node, ast.Name):
        bindings = _in_force(node, look)
        if bindings is not None:
            return any(facts.is_unordered(look.evaluator.bound(binding)) for binding in bindings)
    return facts.is_unordered(look.facts(node))


def _in_force(node: ast.Name, look: Look) -> list[Binding] | None:
    """The bindings of a local that may hold here, where an earlier one surely holds no more; None for all of them."""
    bindings = look.scope.names.get(node.id, [])
    if look.scope.kind != "function" or any(each.how is How.PARAMETER for each in bindings[1:]):
        return None
    sure = [each for each in bindings if _line(each) < node.lineno and not each.maybe and each.how is How.VALUE]
    if not sure or any(each.scope is not look.scope for each in sure):
        return None
    last = max(map(_line, sure))
    return [each for each in bindings if _line(each) >= last and each.how is not How.HELD]


def _line(binding: Binding) -> int:
    if binding.how is How.PARAMETER or binding.how is How.ANNOTATED or binding.node is None:
        return 0
    return binding.node.end_lineno or binding.node.lineno


def unordered_parts(node: ast.expr, look: Look) -> Iterator[ast.expr]:
    """What a call that only passes elements on is given: ``zip(a, b)``, ``map(f, a)``, ``enumerate(a)``."""
    if isinstance(node, ast.Call) and look.names(node.func) & _PASSING:
        yield from (each for each in node.args if not isinstance(each, ast.Starred))


_PASSING = frozenset(
    {"builtins.map", "builtins.filter", "itertools.chain", "itertools.filterfalse", "itertools.compress"}
)
