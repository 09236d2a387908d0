"""Conditions whose outcome is known without running anything: constants, and TYPE_CHECKING by binding."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

_TYPING = frozenset({"typing", "typing_extensions"})


@dataclass(slots=True)
class Typing:
    """The names of a module that surely mean ``typing.TYPE_CHECKING``, and those that mean ``typing`` itself."""

    flags: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    trusted: set[int] = field(default_factory=set)


def typing_names(tree: ast.Module, text: str) -> Typing:
    """A name that is bound a second time anywhere in the module is not trusted."""
    names = Typing()
    if "TYPE_CHECKING" not in text:
        return names
    others: set[str] = set()
    for node in ast.walk(tree):
        _note(node, names, others)
    names.flags -= others
    names.modules -= others
    return names


def _note(node: ast.AST, names: Typing, others: set[str]) -> None:
    match node:
        case ast.Import(names=aliases):
            for alias in aliases:
                bound = alias.asname or alias.name.partition(".")[0]
                (names.modules if alias.name in _TYPING else others).add(bound)
        case ast.ImportFrom(module=module, level=level, names=aliases):
            for alias in aliases:
                is_flag = module in _TYPING and level == 0 and alias.name == "TYPE_CHECKING"
                (names.flags if is_flag else others).add(alias.asname or alias.name)
        case ast.Assign(targets=[ast.Name(id="TYPE_CHECKING")], value=ast.Constant(value=False)):
            names.flags.add("TYPE_CHECKING")
            names.trusted.add(id(node.targets[0]))
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) if id(node) not in names.trusted:
            others.add(name)
        case ast.Attribute(value=ast.Name(id=name), attr="TYPE_CHECKING", ctx=ast.Store() | ast.Del()):
            others.add(name)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            others.add(name)
        case ast.arg(arg=name) | ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
            others.add(name)
        case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            others.add(name)


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
