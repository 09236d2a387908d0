"""DET402: some element of what has no order."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.closure import facts as f
from cwc.contract.rules.loops import mentions
from cwc.contract.rules.rule import Found, Look, Rule, defined
from cwc.contract.rules.unordered import is_unordered

_MESSAGE = "any element of a set may come"


def _call(node: ast.AST, look: Look) -> Iterator[Found]:
    assert isinstance(node, ast.Call)
    if isinstance(node.func, ast.Attribute):
        yield from _method(node, node.func, look)
    callees = look.names(node.func)
    if "builtins.next" in callees and node.args and is_unordered(node.args[0], look):
        yield Found(node, _MESSAGE)


def _method(node: ast.Call, func: ast.Attribute, look: Look) -> Iterator[Found]:
    if (
        func.attr == "pop"
        and not node.args
        and look.kinds(func.value) & {"set"}
        and not (look.kinds(func.value) & {"list", "dict"})
    ):
        yield Found(node, _MESSAGE)
    elif func.attr == "popitem" and not node.args and not node.keywords:
        facts = look.facts(func.value)
        if all(isinstance(fact, f.Unknown) for fact in facts):
            yield Found(node, "`popitem` of something unknown may give any element")
    elif func.attr == "__next__" and is_unordered(func.value, look):
        yield Found(node, _MESSAGE)


def _first(node: ast.AST, look: Look) -> Iterator[Found]:
    """``list(s)[0]`` is told as DET401; a loop that ends at its first element is not."""
    assert isinstance(node, ast.For)
    if is_unordered(node.iter, look) and isinstance(node.body[-1], ast.Break | ast.Return):
        last = node.body[-1]
        own = {name.id for name in ast.walk(node.target) if isinstance(name, ast.Name)}
        value = last.value if isinstance(last, ast.Return) else None
        if isinstance(last, ast.Break) or (value is not None and mentions(value, own)):
            yield Found(node.iter, _MESSAGE)


def _single(node: ast.AST, look: Look) -> Iterator[Found]:
    """``(x,) = s`` takes the only element, ``x, *rest = s`` any."""
    assert isinstance(node, ast.Assign)
    for target in node.targets:
        parts = target.elts if isinstance(target, ast.Tuple | ast.List) else []
        if any(isinstance(each, ast.Starred) for each in parts) and is_unordered(node.value, look):
            yield Found(node.value, _MESSAGE)


RULE = Rule(
    definition=defined("DET402", "arbitrary_element", "error", "Some element is taken of what has no order"),
    instead="choose one by its value: `min(…)`, `max(…)`, `sorted(…)[0]`",
    heeds={ast.Call: frozenset({"pop", "popitem", "__next__", "builtins.next"})},
    checks={ast.Call: _call, ast.For: _first, ast.Assign: _single},
)
