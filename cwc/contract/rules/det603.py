"""DET603: floats added up in no order."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.closure import facts as f
from cwc.contract.closure.parts import element
from cwc.contract.rules.rule import Found, Look, Rule, defined
from cwc.contract.rules.unordered import is_unordered, unordered_parts

_MESSAGE = "floats are added up in no order, so that their last digits differ"
_SUMS = frozenset(
    {"builtins.sum", "functools.reduce", "statistics.fmean", "statistics.mean", "math.prod", "numpy.sum", "numpy.mean"}
)


def _call(node: ast.AST, look: Look) -> Iterator[Found]:
    assert isinstance(node, ast.Call)
    callees = look.names(node.func)
    if not callees & _SUMS or not node.args:
        return
    values = node.args[1] if "functools.reduce" in callees and len(node.args) > 1 else node.args[0]
    if _is_unordered(values, look) and _has_floats(values, node, look):
        yield Found(node, _MESSAGE)


def _is_unordered(values: ast.expr, look: Look) -> bool:
    return is_unordered(values, look) or any(is_unordered(part, look) for part in unordered_parts(values, look))


def _has_floats(values: ast.expr, node: ast.Call, look: Look) -> bool:
    start = [*node.args[1:], *(keyword.value for keyword in node.keywords if keyword.arg == "start")]
    if any("float" in look.kinds(each) for each in start):
        return True
    if f.Made("float") in element(look.evaluator, look.facts(values), None):
        return True
    return any(_is_float(each, look) for each in ast.walk(values)) or _is_annotated(values, look)


def _is_float(node: ast.AST, look: Look) -> bool:
    match node:
        case ast.Constant(value=float()):
            return True
        case ast.BinOp(op=ast.Div()):
            return True
        case ast.Call(func=ast.Name(id="float")):
            return True
        case ast.Name(id="float"):
            return True
    return False


def _is_annotated(values: ast.expr, look: Look) -> bool:
    """A set that is annotated as one of floats."""
    for name in ast.walk(values):
        if isinstance(name, ast.Name):
            scope = look.scope
            while scope.parent is not None and name.id not in scope.names:
                scope = scope.parent
            for binding in scope.names.get(name.id, ()):
                if (
                    binding.how.value == "annotated"
                    and binding.node is not None
                    and "float" in ast.unparse(binding.node)
                ):
                    return True
    return False


def _loop(node: ast.AST, look: Look) -> Iterator[Found]:
    """``total += x`` over a set, where ``total`` began as a float."""
    assert isinstance(node, ast.For)
    if not is_unordered(node.iter, look):
        return
    for each in ast.walk(node):
        match each:
            case ast.AugAssign(target=target, op=ast.Add() | ast.Mult() | ast.Sub(), value=value):
                if "float" in look.kinds(target) | look.kinds(value):
                    yield Found(each, _MESSAGE)


RULE = Rule(
    definition=defined("DET603", "float_order", "warning", "Floats are added up in no order"),
    instead="sort them first, and add with `math.fsum`",
    heeds={ast.Call: _SUMS},
    checks={ast.Call: _call, ast.For: _loop},
)
