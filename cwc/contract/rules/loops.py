"""Whether a loop does something that hangs on the order of what it goes through."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.closure.scopes import Binding, How
from cwc.contract.rules.rule import Look

_UNORDERED_METHODS = frozenset(
    {"add", "discard", "remove", "update", "difference_update", "debug", "info", "warning", "error"}
)
_COLLECTING = frozenset(
    {"append", "extend", "insert", "appendleft", "write", "writelines", "put", "put_nowait", "send", "setdefault"}
)


def is_ordered_body(loop: ast.For | ast.AsyncFor, look: Look) -> bool:
    """Whether the body appends, yields, returns, writes under keys, or calls for an effect that comes in order."""
    bound = [loop.target, *(each for each in _inside(loop.body) if isinstance(each, ast.Name))]
    own = {
        name.id
        for target in bound
        for name in ast.walk(target)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    }
    return any(_hangs_on_order(node, own, look) for node in _inside(loop.body)) or _keeps_last(loop, look)


def _keeps_last(loop: ast.For | ast.AsyncFor, look: Look) -> bool:
    """``for x in s: last = x``, and then ``last`` is read: whichever element came last."""
    elements = {name.id for name in ast.walk(loop.target) if isinstance(name, ast.Name)}
    kept = {
        target.id
        for statement in loop.body
        if isinstance(statement, ast.Assign) and mentions(statement.value, elements)
        for target in statement.targets
        if isinstance(target, ast.Name) and not mentions(statement.value, {target.id})
    }
    end = loop.end_lineno or loop.lineno
    return any(
        node.lineno > end and len({_line_of(each) for each in look.scope.names[name] if _line_of(each) > end}) == 0
        for name in kept & look.scope.names.keys()
        for node in look.view.loads.get((look.scope, name), ())
    )


def _line_of(binding: Binding) -> int:
    return binding.node.lineno if binding.node is not None else 0


def _inside(body: list[ast.stmt]) -> Iterator[ast.AST]:
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            pending.extend(ast.iter_child_nodes(node))


def _hangs_on_order(node: ast.AST, own: set[str], look: Look) -> bool:
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Subscript(slice=ast.Name(id=key))))) if key in own:
            return False
        case ast.Call(func=ast.Attribute(value=ast.Subscript(slice=ast.Name(id=key)))) if key in own:
            return False
        case ast.Yield() | ast.YieldFrom() | ast.Await():
            return True
        case ast.Return(value=value):
            return value is not None and mentions(value, own)
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=method))):
            return method not in _UNORDERED_METHODS
        case ast.Call(func=ast.Attribute(attr=method)) if method in _COLLECTING:
            return True
        case ast.Expr(value=ast.Call()):
            return True
        case ast.Assign(targets=[ast.Subscript(value=container), *_]):
            return not (look.kinds(container) & {"list"})
        case ast.AugAssign(target=target, op=op, value=value):
            return _grows_in_order(target, op, value, look)
    return False


def mentions(value: ast.expr, own: set[str]) -> bool:
    """Whether what is returned hangs on which element it was; otherwise only that there was one counts."""
    return any(isinstance(each, ast.Name) and each.id in own for each in ast.walk(value))


def _grows_in_order(target: ast.expr, op: ast.operator, value: ast.expr, look: Look) -> bool:
    """``text += x`` and ``items += [x]``; adding up numbers does not hang on order, but for floats."""
    if not isinstance(op, ast.Add) or isinstance(target, ast.Subscript):
        return False
    kinds = look.kinds(value) | _first_kinds(target, look)
    return bool(kinds & {"str", "list", "tuple", "bytes"})


def _first_kinds(target: ast.expr, look: Look) -> set[str]:
    if not isinstance(target, ast.Name):
        return look.kinds(target)
    bindings = look.scope.names.get(target.id, ())
    first = next((each.node for each in bindings if each.how is How.VALUE and each.node is not None), None)
    return look.kinds(first) if first is not None else set()
