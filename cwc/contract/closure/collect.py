"""One walk over a module's tree: scopes and bindings, and the places that rules look at."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from cwc.contract.closure.bindings import bind_pattern, bind_target, hold
from cwc.contract.closure.exported import note_all
from cwc.contract.closure.nodes import FIELDS, PLAIN, SITES
from cwc.contract.closure.scopes import Binding, How, Imported, ImportSite, Scope, View
from cwc.contract.closure.static import Typing, truth


class Where(NamedTuple):
    """The state of the walk: in an annotation only calls are run, dead code never runs, other code perhaps."""

    scope: Scope
    annotation: bool = False
    dead: bool = False
    maybe: bool = False


Visit = Callable[["Collector", Any, Where], None]


class Collector:
    """Fills a view from a tree."""

    def __init__(self, view: View, tree: ast.Module, typing: Typing) -> None:
        self.view = view
        self.sites = view.sites
        self.typing = typing
        self.declares = "global" in view.text or "nonlocal" in view.text
        view.scope = Scope("module", tree, None, view, view.name)
        self.block(tree.body, Where(view.scope))

    def block(self, body: Iterable[ast.stmt], where: Where) -> None:
        for statement in body:
            self.visit(statement, where)

    def visit(self, node: ast.AST, where: Where) -> None:
        kind = type(node)
        if kind in SITES and not where.dead and (not where.annotation or kind is ast.Call):
            self.sites[kind].append((node, where.scope))
        handler = HANDLERS.get(kind)
        if handler is not None:
            handler(self, node, where)
        else:
            self.children(node, where)

    def children(self, node: ast.AST, where: Where) -> None:
        parents = self.view.parents
        for name in FIELDS[type(node)]:
            value = getattr(node, name, None)
            if value is None:
                continue
            for each in value if type(value) is list else (value,):
                if type(each) not in PLAIN and isinstance(each, ast.AST):
                    parents[id(each)] = node
                    self.visit(each, where)

    def expression(self, node: ast.expr | None, parent: ast.AST, where: Where) -> None:
        if node is not None and not (where.annotation and _is_plain(node)):
            self.view.parents[id(node)] = parent
            self.visit(node, where)

    def expressions(self, nodes: Iterable[ast.expr | None], parent: ast.AST, where: Where) -> None:
        for node in nodes:
            self.expression(node, parent, where)

    def bind(self, name: str, how: How, where: Where, **more: object) -> None:
        binding = Binding(how, where.scope, dead=where.dead, maybe=where.maybe, **more)  # type: ignore[arg-type]
        declared(where.scope, name).bind(name, binding)


def _is_plain(node: ast.expr | None) -> bool:
    """Whether an annotation only names types: nothing in it runs that could matter."""
    match node:
        case None | ast.Name() | ast.Constant():
            return True
        case ast.Subscript(value=value, slice=inner):
            return _is_plain(value) and _is_plain(inner)
        case ast.BinOp(left=left, right=right):
            return _is_plain(left) and _is_plain(right)
        case ast.Attribute(value=value):
            return _is_plain(value)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return all(map(_is_plain, parts))
    return False


def declared(scope: Scope, name: str) -> Scope:
    """The scope that an assignment to ``name`` writes to: ``global`` and ``nonlocal`` point further out."""
    how = scope.declared.get(name)
    if how == "global":
        return scope.view.scope
    if how == "nonlocal":
        outer = scope.parent
        while outer is not None and (outer.kind not in ("function", "lambda") or name not in outer.names):
            outer = outer.parent
        return outer or scope
    return scope


def _name(collector: Collector, node: ast.Name, where: Where) -> None:
    if not where.dead and not where.annotation and type(node.ctx) is ast.Load:
        collector.view.loads[where.scope, node.id].append(node)


def _attribute(collector: Collector, node: ast.Attribute, where: Where) -> None:
    if not where.dead and not where.annotation:
        collector.view.sites[ast.Attribute].append((node, where.scope))
    collector.expression(node.value, node, where)


def _call(collector: Collector, node: ast.Call, where: Where) -> None:
    collector.view.called[id(node.func)] = node
    match node.func:
        case ast.Attribute(value=ast.Name(id=name), attr="sort"):
            collector.view.sorts[name].append((node.lineno, where.scope))
    inner = Where(where.scope, dead=where.dead, maybe=where.maybe) if where.annotation else where
    collector.children(node, inner)
    hold(node, inner.scope)


def _assign(collector: Collector, node: ast.Assign, where: Where) -> None:
    collector.expression(node.value, node, where)
    for target in node.targets:
        bind_target(collector, target, How.VALUE, node.value, where)
        collector.expression(target, node, where)
    if where.scope.kind == "module" and len(node.targets) == 1:
        note_all(collector.view, node.targets[0], node.value, dead=where.dead)


def _annotated(collector: Collector, node: ast.AnnAssign, where: Where) -> None:
    collector.expression(node.annotation, node, Where(where.scope, True, where.dead, where.maybe))
    collector.expression(node.value, node, where)
    if node.value is not None:
        bind_target(collector, node.target, How.VALUE, node.value, where)
    bind_target(collector, node.target, How.ANNOTATED, node.annotation, where)
    collector.expression(node.target, node, where)


def _augmented(collector: Collector, node: ast.AugAssign, where: Where) -> None:
    collector.expressions((node.target, node.value), node, where)
    bind_target(collector, node.target, How.VALUE, node.value, where)
    if isinstance(node.target, ast.Name):
        collector.bind(node.target.id, How.HELD, where, node=node.value)
        if node.target.id == "__all__":
            note_all(collector.view, node.target, node.value, dead=where.dead)


def _walrus(collector: Collector, node: ast.NamedExpr, where: Where) -> None:
    collector.expression(node.value, node, where)
    scope = where.scope
    while scope.kind == "comprehension" and scope.parent is not None:
        scope = scope.parent
    binding = Binding(How.VALUE, where.scope, node.value, dead=where.dead, maybe=True)
    declared(scope, node.target.id).bind(node.target.id, binding)


def _for(collector: Collector, node: ast.For | ast.AsyncFor, where: Where) -> None:
    collector.expression(node.iter, node, where)
    inner = Where(where.scope, where.annotation, where.dead, True)
    bind_target(collector, node.target, How.VALUE, node.iter, inner, (None,))
    collector.expression(node.target, node, inner)
    collector.block((*node.body, *node.orelse), inner)


def _with(collector: Collector, node: ast.With | ast.AsyncWith, where: Where) -> None:
    for item in node.items:
        collector.expression(item.context_expr, node, where)
        if item.optional_vars is not None:
            bind_target(collector, item.optional_vars, How.ENTERED, item.context_expr, where)
            collector.expression(item.optional_vars, node, where)
    collector.block(node.body, where)


def _try(collector: Collector, node: ast.Try, where: Where) -> None:
    inner = Where(where.scope, where.annotation, where.dead, True)
    collector.block((*node.body, *node.orelse), inner)
    for handler in node.handlers:
        collector.expression(handler.type, handler, inner)
        if handler.name:
            collector.bind(handler.name, How.ANYTHING, inner)
        collector.block(handler.body, inner)
    collector.block(node.finalbody, where)


def _if(collector: Collector, node: ast.If | ast.While, where: Where) -> None:
    collector.expression(node.test, node, where)
    outcome = truth(node.test, collector.typing)
    never = Where(where.scope, where.annotation, True, True)
    maybe = Where(where.scope, where.annotation, where.dead, True)
    collector.block(node.body, never if outcome is False else where if outcome else maybe)
    collector.block(node.orelse, never if outcome and isinstance(node, ast.If) else maybe if outcome is None else where)


def _either(collector: Collector, node: ast.IfExp, where: Where) -> None:
    collector.expression(node.test, node, where)
    outcome = truth(node.test, collector.typing)
    never = Where(where.scope, where.annotation, True, True)
    collector.expression(node.body, node, never if outcome is False else where)
    collector.expression(node.orelse, node, never if outcome is True else where)


def _both(collector: Collector, node: ast.BoolOp, where: Where) -> None:
    """What stands behind an operand that decides the outcome is never run."""
    for value in node.values:
        collector.expression(value, node, where)
        if truth(value, collector.typing) is isinstance(node.op, ast.Or):
            where = Where(where.scope, where.annotation, True, True)


def _match(collector: Collector, node: ast.Match, where: Where) -> None:
    collector.expression(node.subject, node, where)
    inner = Where(where.scope, where.annotation, where.dead, True)
    for case in node.cases:
        bind_pattern(collector, case.pattern, node.subject, inner)
        collector.children(case.pattern, inner)
        collector.expression(case.guard, node, inner)
        collector.block(case.body, inner)


def _import(collector: Collector, node: ast.Import, where: Where) -> None:
    for alias in node.names:
        imported = Imported(alias.name)
        bound = alias.asname or alias.name.partition(".")[0]
        if not where.dead:
            collector.view.imports.append(ImportSite(imported, node, bound))
        target = imported if alias.asname else Imported(bound)
        collector.bind(bound, How.IMPORT, where, target=target)


def _import_from(collector: Collector, node: ast.ImportFrom, where: Where) -> None:
    for alias in node.names:
        imported = Imported(node.module or "", node.level, alias.name)
        bound = alias.asname or alias.name
        site = ImportSite(imported, node, bound)
        if not where.dead:
            collector.view.imports.append(site)
        if alias.name != "*":
            collector.bind(bound, How.IMPORT, where, target=imported)
        elif not where.dead:
            collector.view.stars.append(site)


def _global(collector: Collector, node: ast.Global | ast.Nonlocal, where: Where) -> None:
    for name in node.names:
        where.scope.declared[name] = "global" if isinstance(node, ast.Global) else "nonlocal"


def _return(collector: Collector, node: ast.Return, where: Where) -> None:
    collector.expression(node.value, node, where)
    function = where.scope.function
    if node.value is not None and function is not None and not where.dead:
        function.returns.append(node.value)


def _yield(collector: Collector, node: ast.Yield | ast.YieldFrom, where: Where) -> None:
    collector.expression(node.value, node, where)
    function = where.scope.function
    if node.value is not None and function is not None and not where.dead:
        function.yields.append(node.value)


def _function(collector: Collector, node: ast.FunctionDef | ast.AsyncFunctionDef, where: Where) -> None:
    collector.expressions(node.decorator_list, node, where)
    scope = Scope("function", node, where.scope, collector.view, node.name)
    _define(where, node.name, scope)
    _parameters(collector, node, scope, where)
    if node.returns is not None:
        collector.expression(node.returns, node, Where(where.scope, True, where.dead, where.maybe))
    if collector.declares:
        _declare(node, scope)
    collector.block(node.body, Where(scope, dead=where.dead))


def _lambda(collector: Collector, node: ast.Lambda, where: Where) -> None:
    scope = Scope("lambda", node, where.scope, collector.view, "<lambda>")
    collector.view.nested[id(node)] = scope
    _parameters(collector, node, scope, where)
    collector.expression(node.body, node, Where(scope, dead=where.dead))
    scope.returns.append(node.body)


def _class(collector: Collector, node: ast.ClassDef, where: Where) -> None:
    collector.expressions(node.decorator_list, node, where)
    collector.expressions(node.bases, node, where)
    collector.expressions((keyword.value for keyword in node.keywords), node, where)
    scope = Scope("class", node, where.scope, collector.view, node.name)
    _define(where, node.name, scope)
    collector.block(node.body, Where(scope, dead=where.dead))


def _define(where: Where, name: str, scope: Scope) -> None:
    binding = Binding(How.DEFINED, scope, dead=where.dead, maybe=where.maybe)
    declared(where.scope, name).bind(name, binding)


def _declare(node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
    """Find ``global`` and ``nonlocal`` first: they hold for the whole function, wherever they stand."""
    pending: list[ast.AST] = list(node.body)
    while pending:
        each = pending.pop()
        if isinstance(each, ast.Global | ast.Nonlocal):
            scope.declared.update(dict.fromkeys(each.names, "global" if isinstance(each, ast.Global) else "nonlocal"))
        elif isinstance(each, ast.stmt | ast.ExceptHandler | ast.match_case) and not isinstance(each, _SCOPES):
            for name in ("body", "orelse", "finalbody", "handlers", "cases"):
                pending.extend(getattr(each, name, ()))


_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _parameters(
    collector: Collector, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope, where: Where
) -> None:
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    pairs = [*zip(positional, defaults, strict=True), *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    for index, (argument, default) in enumerate(pairs):
        collector.expression(default, node, where)
        scope.bind(argument.arg, Binding(How.PARAMETER, where.scope, default, path=(index,)))
        _annotate(collector, argument, scope, where)
    for rest in (arguments.vararg, arguments.kwarg):
        if rest is not None:
            scope.bind(rest.arg, Binding(How.PARAMETER, where.scope, None, path=(None,)))
            collector.expression(rest.annotation, node, Where(where.scope, True, where.dead, where.maybe))


def _annotate(collector: Collector, argument: ast.arg, scope: Scope, where: Where) -> None:
    if argument.annotation is not None:
        collector.expression(argument.annotation, argument, Where(where.scope, True, where.dead, where.maybe))
        scope.bind(argument.arg, Binding(How.ANNOTATED, where.scope, argument.annotation))


Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def _comprehension(collector: Collector, node: Comprehension, where: Where) -> None:
    scope = Scope("comprehension", node, where.scope, collector.view, "<comprehension>")
    collector.view.nested[id(node)] = scope
    inner = Where(scope, where.annotation, where.dead, True)
    for index, generator in enumerate(node.generators):
        around = where if index == 0 else inner
        collector.expression(generator.iter, node, around)
        binding = Binding(How.VALUE, around.scope, generator.iter, path=(None,))
        _bind_loop(generator.target, binding, scope)
        collector.expression(generator.target, node, inner)
        collector.expressions(generator.ifs, node, inner)
    parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
    collector.expressions(parts, node, inner)


def _bind_loop(target: ast.expr, binding: Binding, scope: Scope) -> None:
    match target:
        case ast.Name(id=name):
            scope.bind(name, binding)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            for index, element in enumerate(elements):
                step = Binding(binding.how, binding.scope, binding.node, (*binding.path, index))
                _bind_loop(element, step, scope)
        case ast.Starred(value=value):
            _bind_loop(value, binding, scope)


HANDLERS: Mapping[type[ast.AST], Visit] = {
    ast.Name: _name, ast.Attribute: _attribute, ast.Call: _call, ast.Assign: _assign, ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented, ast.NamedExpr: _walrus, ast.For: _for, ast.AsyncFor: _for, ast.With: _with,
    ast.AsyncWith: _with, ast.Try: _try, ast.If: _if, ast.While: _if, ast.IfExp: _either, ast.BoolOp: _both,
    ast.Match: _match, ast.Import: _import, ast.ImportFrom: _import_from, ast.Global: _global, ast.Nonlocal: _global,
    ast.Return: _return, ast.Yield: _yield, ast.YieldFrom: _yield, ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function, ast.Lambda: _lambda, ast.ClassDef: _class, ast.ListComp: _comprehension,
    ast.SetComp: _comprehension, ast.DictComp: _comprehension, ast.GeneratorExp: _comprehension,
    ast.TryStar: _try,
}  # fmt: skip
