"""What assignments, patterns and calls of containers' methods bind."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from cwc.contract.closure.scopes import Binding, How, Scope, Step

if TYPE_CHECKING:
    from cwc.contract.closure.collect import Collector, Where

_PUTS = {"append": 0, "add": 0, "appendleft": 0, "insert": 1, "setdefault": 1, "put": 0, "put_nowait": 0}
_SPREADS = frozenset({"extend", "update", "extendleft"})


def bind_target(
    collector: Collector,
    target: ast.expr,
    how: How,
    value: ast.expr,
    where: Where,
    path: tuple[Step, ...] = (),
) -> None:
    """Bind all that a target names; ``path`` leads from ``value`` to what this target gets of it."""
    match target:
        case ast.Name(id=name):
            collector.bind(name, how, where, node=value, path=path)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            starred = False
            for index, element in enumerate(elements):
                starred = starred or isinstance(element, ast.Starred)
                bind_target(collector, element, how, value, where, (*path, None if starred else index))
        case ast.Starred(value=inner):
            bind_target(collector, inner, How.HELD, value, where, path)
        case ast.Attribute(value=owner, attr=attribute):
            binding = Binding(how, where.scope, value, path, dead=where.dead, maybe=True)
            _bind_attribute(collector, owner, attribute, binding)
        case ast.Subscript(value=ast.Name() | ast.Attribute() as container):
            _hold(container, Binding(How.HELD, where.scope, value, (*path, None), dead=where.dead), where.scope)


def _bind_attribute(collector: Collector, owner: ast.expr, attribute: str, binding: Binding) -> None:
    """``self.x = …`` belongs to the class around; what is written elsewhere is known by the attribute's name."""
    function = binding.scope.function
    if isinstance(owner, ast.Name) and function is not None:
        first = first_parameter(function)
        if first == owner.id and function.owner is not None:
            function.owner.attributes.setdefault(attribute, []).append(binding)
            return
    collector.view.written.setdefault(attribute, []).append(binding)


def first_parameter(function: Scope | None) -> str | None:
    """The name of a function's first positional parameter."""
    node = function.node if function is not None else None
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        positional = [*node.args.posonlyargs, *node.args.args]
        return positional[0].arg if positional else None
    return None


def hold(call: ast.Call, scope: Scope) -> None:
    """Note what a call such as ``x.append(value)`` puts into the container that ``x`` names."""
    if not isinstance(call.func, ast.Attribute) or not isinstance(call.func.value, ast.Name | ast.Attribute):
        return
    index = _PUTS.get(call.func.attr)
    if index is not None and len(call.args) > index:
        _hold(call.func.value, Binding(How.HELD, scope, call.args[index], (None,)), scope)
    elif call.func.attr in _SPREADS and call.args:
        _hold(call.func.value, Binding(How.HELD, scope, call.args[0]), scope)


def _hold(container: ast.expr, binding: Binding, scope: Scope) -> None:
    """A binding of the name or attribute, found in the scope that has it."""
    if isinstance(container, ast.Name):
        where: Scope | None = scope
        while where is not None and container.id not in where.names:
            where = where.parent
        (where or scope.view.scope).bind(container.id, binding)
    elif isinstance(container, ast.Attribute) and isinstance(container.value, ast.Name):
        function = scope.function
        if function is not None and function.owner is not None and first_parameter(function) == container.value.id:
            function.owner.attributes.setdefault(container.attr, []).append(binding)
        else:
            scope.view.written.setdefault(container.attr, []).append(binding)


def bind_pattern(collector: Collector, pattern: ast.pattern, subject: ast.expr, where: Where) -> None:
    """Names that a pattern captures: the subject as a whole, or something in it."""
    whole = _bind_capture(collector, pattern, subject, where, ())
    if not whole:
        for each in ast.iter_child_nodes(pattern):
            if isinstance(each, ast.pattern):
                _bind_parts(collector, each, subject, where)


def _bind_parts(collector: Collector, pattern: ast.pattern, subject: ast.expr, where: Where) -> None:
    for each in ast.walk(pattern):
        if isinstance(each, ast.pattern):
            _bind_capture(collector, each, subject, where, (None,))
            _bind_capture(collector, each, subject, where, ())


def _bind_capture(
    collector: Collector, pattern: ast.pattern, subject: ast.expr, where: Where, path: tuple[Step, ...]
) -> bool:
    match pattern:
        case ast.MatchAs(name=str(name), pattern=inner):
            collector.bind(name, How.VALUE, where, node=subject, path=path)
            if inner is not None:
                bind_pattern(collector, inner, subject, where)
            return True
        case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            collector.bind(name, How.HELD, where, node=subject, path=path)
    return False
