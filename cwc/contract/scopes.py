"""The names of a generated module: what each is bound to, and so what may be called or read by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

BINDERS = frozenset({"bind_tool", "contract"})
"""Runtime functions whose results may be called."""


@dataclass(slots=True)
class Names:
    """The names of a module: all of them, those that may be called, and those that stand for imported classes."""

    bound: set[str] = field(default_factory=set)
    callable: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)


def module_names(module: cst.Module, facade: frozenset[str]) -> Names:
    """The names that the top level of a module binds."""
    names = Names()
    for statement in module.body:
        if isinstance(statement, cst.FunctionDef):
            names.bound.add(statement.name.value)
        for line in lines_of(statement):
            if isinstance(line, cst.ImportFrom) and not isinstance(line.names, cst.ImportStar):
                _add_import(line, names, facade)
            for target, value in assignments(line):
                names.bound |= target
                if called_name(value) in BINDERS:
                    names.callable |= target
    return names


def _add_import(statement: cst.ImportFrom, names: Names, facade: frozenset[str]) -> None:
    assert not isinstance(statement.names, cst.ImportStar)
    for alias in statement.names:
        name = alias.evaluated_alias or alias.evaluated_name
        names.bound.add(name)
        if alias.evaluated_alias is not None:
            names.classes.add(name)
        elif name in facade:
            names.callable.add(name)


def function_names(function: cst.FunctionDef) -> Names:
    """The parameters and locals of a function; locals unpacked from the parameter ``steps`` may be called."""
    names = Names({parameter.name.value for parameter in function.params.params})
    for line in _lines_below(function.body):
        for target, value in assignments(line):
            names.bound |= target
            if isinstance(value, cst.Name) and value.value == "steps":
                names.callable |= target
    return names


def lines_of(statement: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The small statements of one statement, those of an ``if`` at the top level included."""
    if isinstance(statement, cst.SimpleStatementLine):
        yield from statement.body
    elif isinstance(statement, cst.If):
        yield from _lines_below(statement.body)


def _lines_below(block: cst.CSTNode) -> Iterator[cst.CSTNode]:
    stack: list[cst.CSTNode] = [block]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.SimpleStatementLine):
            yield from node.body
        elif isinstance(node, cst.For | cst.ExceptHandler):
            yield node
            stack.append(node.body)
        elif isinstance(node, cst.IndentedBlock):
            stack += node.body
        elif isinstance(node, cst.If | cst.Try | cst.Else):
            parts = (node.body, getattr(node, "orelse", None), *getattr(node, "handlers", ()))
            stack += [part for part in parts if part is not None]


def assignments(line: cst.CSTNode) -> Iterator[tuple[set[str], cst.BaseExpression | None]]:
    """The names that a statement binds, each set with the value it is bound to."""
    match line:
        case cst.Assign():
            for target in line.targets:
                yield target_names(target.target), line.value
        case cst.AnnAssign():
            yield target_names(line.target), line.value
        case cst.For():
            yield target_names(line.target), None
        case cst.ExceptHandler(name=cst.AsName(name=cst.Name(value=name))):
            yield {name}, None
        case _:
            return


def target_names(target: cst.CSTNode) -> set[str]:
    """The plain names of an assignment's target."""
    if isinstance(target, cst.Name):
        return {target.value}
    if isinstance(target, cst.Tuple):
        return set().union(*(target_names(element.value) for element in target.elements))
    return set()


def called_name(value: cst.CSTNode | None) -> str | None:
    """The name that an expression calls, if it is a call of a plain name."""
    if isinstance(value, cst.Call) and isinstance(value.func, cst.Name):
        return value.func.value
    return None
