"""Conditions whose outcome is known without running anything: constants, and TYPE_CHECKING by binding."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from cwc.contract.closure.scopes import Binding, How, View

_TYPING = frozenset({"typing", "typing_extensions"})
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


@dataclass(slots=True)
class Typing:
    """The names of a module that mean ``typing.TYPE_CHECKING``, and those that mean ``typing`` itself."""

    flags: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)


def typing_names(tree: ast.Module, text: str) -> Typing:
    """The names as far as statements give them; whether something else is bound to them is asked afterwards."""
    names = Typing()
    if "TYPE_CHECKING" in text:
        for statement in _statements(tree.body):
            _note(statement, names)
    return names


def _statements(body: list[ast.stmt]) -> Iterator[ast.AST]:
    pending: list[ast.AST] = list(body)
    while pending:
        each = pending.pop()
        yield each
        if type(each) in _COMPOUND:
            for name in _BLOCKS:
                pending.extend(getattr(each, name, ()))


_COMPOUND = frozenset({
    ast.If, ast.Try, ast.TryStar, ast.With, ast.AsyncWith, ast.For, ast.AsyncFor, ast.While, ast.Match, ast.match_case,
    ast.ExceptHandler, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef,
})  # fmt: skip


def _note(node: ast.AST, names: Typing) -> None:
    match node:
        case ast.Import(names=aliases):
            names.modules |= {alias.asname or alias.name for alias in aliases if alias.name in _TYPING}
        case ast.ImportFrom(module=module, level=0, names=aliases) if module in _TYPING:
            names.flags |= {alias.asname or alias.name for alias in aliases if alias.name == "TYPE_CHECKING"}
        case ast.Assign() if _is_flag(node):
            names.flags.add("TYPE_CHECKING")


def _is_flag(node: ast.Assign) -> bool:
    """``TYPE_CHECKING = False``, as people write it who do not want to import typing."""
    match node:
        case ast.Assign(targets=[ast.Name(id="TYPE_CHECKING")], value=ast.Constant(value=False)):
            return True
    return False


def doubtful(view: View, names: Typing) -> set[str]:
    """Names that are bound a second time anywhere in the module: they are not trusted."""
    found: set[str] = set()
    if not names.flags and not names.modules:
        return found
    if "TYPE_CHECKING" in view.written:
        found |= names.modules
    for scope in view.scopes:
        found |= {name for name in names.flags if not all(map(_is_of_flag, scope.names.get(name, ())))}
        found |= {name for name in names.modules if not all(map(_is_of_typing, scope.names.get(name, ())))}
    for node, _ in view.sites.get(ast.Delete, ()):
        found |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} & (names.flags | names.modules)
    return found


def _is_of_flag(binding: Binding) -> bool:
    target = binding.target
    if target is not None:
        return target.module in _TYPING and target.level == 0 and target.name == "TYPE_CHECKING"
    is_false = isinstance(binding.node, ast.Constant) and binding.node.value is False
    return binding.how is How.VALUE and is_false and not binding.path


def _is_of_typing(binding: Binding) -> bool:
    return binding.target is not None and binding.target.name is None and binding.target.module in _TYPING


def truth(test: ast.expr, typing: Typing) -> bool | None:
    """What a condition always is at run time; None where that is not known."""
    match test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Name(id=name) if name in typing.flags:
            return False
        case ast.Attribute(value=ast.Name(id=name), attr="TYPE_CHECKING") if name in typing.modules:
            return False
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = truth(operand, typing)
            return None if inner is None else not inner
        case ast.BoolOp(op=op, values=values):
            outcomes = [truth(value, typing) for value in values]
            decisive = isinstance(op, ast.Or)
            if decisive in outcomes:
                return decisive
            return None if None in outcomes else not decisive
    return None
