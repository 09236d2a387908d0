"""Generated modules against the closed grammar: whatever the templates cannot produce is a finding.

The pass knows nothing of the emitter. It parses the text with libcst and walks it once, without metadata; positions are
computed only if there is something to report.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, fields

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from cwc.contract import finding as rules
from cwc.contract.finding import ContractError, Finding
from cwc.contract.grammar import (
    ATTRIBUTES,
    BUILTINS,
    CALLABLE_BUILTINS,
    GRAMMAR,
    METHODS,
    NOT_READ,
    RUNTIME,
    TYPING,
    is_trivia,
)
from cwc.contract.scopes import Names, function_names, module_names
from cwc.diagnostics.model import Definition


@dataclass(frozen=True, slots=True)
class Allowed:
    """What one module may import: (module, attribute) of tools and schemas, and the names of the runtime's facade."""

    imports: frozenset[tuple[str, str]]
    facade: frozenset[str]


_FIELDS = {kind: tuple(entry.name for entry in fields(kind) if not is_trivia(entry.name)) for kind in GRAMMAR}
"""The fields of each kind of node that mean something."""

Violation = tuple[Definition, str, cst.CSTNode]


def check_generated(text: str, path: str, allowed: Allowed) -> list[Finding]:
    """Everything in a module that the contract does not allow, by place."""
    try:
        # Python's own parser first: it refuses what is nested too deeply, on which libcst's overflows the stack.
        ast.parse(text)
        module = cst.parse_module(text)
    except (SyntaxError, cst.ParserSyntaxError, RecursionError, MemoryError, ValueError) as error:
        line: int = getattr(error, "lineno", None) or 1
        return [Finding(rules.UNPARSABLE, f"it cannot be parsed: {type(error).__name__}", path, line, 1)]
    violations = list(_Walk(module, allowed).violations())
    return _placed(module, violations, path) if violations else []


def expect_clean(text: str, path: str, allowed: Allowed) -> None:
    """Raise ContractError unless a module that was just generated keeps the contract."""
    findings = check_generated(text, path, allowed)
    if findings:
        raise ContractError(tuple(findings))


def _placed(module: cst.Module, violations: list[Violation], path: str) -> list[Finding]:
    positions = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    found = []
    for definition, message, node in violations:
        place = positions.get(node)
        line, column = (place.start.line, place.start.column + 1) if place else (1, 1)
        found.append(Finding(definition, message, path, line, column))
    return sorted(found, key=lambda entry: (entry.line, entry.column, entry.definition.code))


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a node stands: at the top of the module (no locals), or in a function with its names.

    ``reads``: names here are read; elsewhere they are bound, or name an attribute, a keyword or a module.
    """

    local: Names | None = None
    reads: bool = True


class _Walk:
    """One walk over a module, with a stack of its own: literals may be nested deeply."""

    def __init__(self, module: cst.Module, allowed: Allowed) -> None:
        self.module, self.allowed = module, allowed
        self.names = module_names(module, allowed.facade)
        self.imported = self.names.classes | self.names.callable & allowed.facade

    def violations(self) -> Iterator[Violation]:
        stack: list[tuple[cst.CSTNode, _Scope]] = [(self.module, _Scope())]
        while stack:
            node, scope = stack.pop()
            listed = GRAMMAR.get(type(node))
            if listed is None:
                yield self._unlisted(node)
                continue
            yield from self._check(node, scope)
            for name in _FIELDS[type(node)]:
                value = getattr(node, name)
                if name in listed:
                    inner = self._inside(node, name, scope)
                    stack += [(child, inner) for child in _children(value)]
                elif not _is_empty(value):
                    yield rules.NODE, f"{type(node).__name__} has {name}", node

    def _inside(self, node: cst.CSTNode, field: str, scope: _Scope) -> _Scope:
        """The scope of a field: a function's own names, and whether names in it are read."""
        local = function_names(node) if isinstance(node, cst.FunctionDef) else scope.local
        return _Scope(local, scope.reads and (type(node), field) not in NOT_READ)

    def _unlisted(self, node: cst.CSTNode) -> Violation:
        if isinstance(node, cst.ImportStar):
            return rules.STAR_IMPORT, "every name of a module is imported", node
        if "Import" in type(node).__name__:
            return rules.UNDECLARED_IMPORT, "only `from … import …` is generated", node
        return rules.NODE, f"{type(node).__name__} is not produced by any template", node

    def _check(self, node: cst.CSTNode, scope: _Scope) -> Iterator[Violation]:
        match node:
            case cst.Name():
                yield from self._name(node, scope)
            case cst.Attribute() if scope.reads:
                yield from self._attribute(node, scope)
            case cst.Call():
                yield from self._call(node, scope)
            case cst.Await() if not isinstance(node.expression, cst.Call):
                yield rules.CALL, "something other than a call is awaited", node
            case cst.SimpleString() if node.prefix not in ("", "b"):
                yield rules.NODE, f"a string has the prefix {node.prefix!r}", node
            case cst.SimpleStatementLine() if len(node.body) != 1:
                yield rules.NODE, "several statements stand on one line", node
            case cst.ImportFrom():
                yield from self._import(node, scope)
            case cst.FunctionDef() if scope.local is not None:
                yield rules.NODE, "a function stands inside a function", node
            case cst.AnnAssign() if node.value is None or scope.local is not None:
                yield rules.NODE, "a name is annotated", node
            case cst.Assign() | cst.AnnAssign() | cst.For():
                yield from self._binding(node)
            case _:
                yield from self._placement(node, scope)

    def _placement(self, node: cst.CSTNode, scope: _Scope) -> Iterator[Violation]:
        at_top = scope.local is None
        if at_top and isinstance(node, cst.If):
            if not (isinstance(node.test, cst.Name) and node.test.value == "TYPE_CHECKING" and node.orelse is None):
                yield rules.NODE, "a condition stands at the top of the module", node
        elif at_top and isinstance(node, cst.For | cst.Try | cst.Return | cst.Raise | cst.Break):
            yield rules.NODE, f"{type(node).__name__} stands at the top of the module", node
        elif isinstance(node, cst.ExceptHandler) and not _is_name(node.type, "Exception"):
            yield rules.NODE, "something other than Exception is caught", node

    def _name(self, node: cst.Name, scope: _Scope) -> Iterator[Violation]:
        name = node.value
        if not name.isascii():
            yield rules.IDENTIFIER, f"{name!r} is not ASCII", node
        elif name.startswith("_") and name != "__future__":
            yield rules.NAME, f"{name!r} begins with an underscore", node
        elif scope.reads and not self._is_known(name, scope):
            yield rules.NAME, f"{name!r} is not defined here", node

    def _is_known(self, name: str, scope: _Scope) -> bool:
        local = scope.local.bound if scope.local else set()
        return name in local or name in self.names.bound or name in BUILTINS

    def _attribute(self, node: cst.Attribute, scope: _Scope) -> Iterator[Violation]:
        attribute, root = node.attr.value, _root(node)
        known = isinstance(root, cst.Name) and self._is_known(root.value, scope)
        if isinstance(root, cst.Name) and root.value in self.names.classes and not attribute.startswith("_"):
            return
        if not known or not isinstance(node.value, cst.Name) or attribute not in ATTRIBUTES | METHODS:
            yield rules.CALL, f"the attribute {attribute!r} is read", node

    def _call(self, node: cst.Call, scope: _Scope) -> Iterator[Violation]:
        if any(argument.star for argument in node.args):
            yield rules.NODE, "arguments are unpacked", node
        match node.func:
            case cst.Name(value=name) if self._may_call(name, scope):
                return
            case cst.Attribute(value=cst.Name(), attr=cst.Name(value=method)) if method in METHODS:
                return
            case _:
                shown = self.module.code_for_node(node.func)[:80]
                yield rules.CALL, f"{shown!r} is called", node

    def _may_call(self, name: str, scope: _Scope) -> bool:
        if scope.local is not None and name in scope.local.bound:
            return name in scope.local.callable
        return name in self.names.callable or (
            name in CALLABLE_BUILTINS or (name == "TypedDict" and scope.local is None)
        )

    def _binding(self, node: cst.Assign | cst.AnnAssign | cst.For) -> Iterator[Violation]:
        targets = [target.target for target in node.targets] if isinstance(node, cst.Assign) else [node.target]
        for target in targets:
            names = [element.value for element in target.elements] if isinstance(target, cst.Tuple) else [target]
            for name in names:
                if not isinstance(name, cst.Name):
                    yield rules.NODE, "something other than a name is assigned to", node
                elif name.value in BUILTINS or name.value in self.imported:
                    yield rules.NAME, f"{name.value!r} is given another meaning", node

    def _import(self, node: cst.ImportFrom, scope: _Scope) -> Iterator[Violation]:
        if scope.local is not None:
            yield rules.LATE_IMPORT, "an import stands inside a function", node
        if isinstance(node.names, cst.ImportStar):
            return
        module = "" if node.module is None else self.module.code_for_node(node.module)
        for alias in node.names:
            name, renamed = alias.evaluated_name, alias.evaluated_alias
            if not self._may_import(module, name, renamed):
                yield rules.UNDECLARED_IMPORT, f"{name!r} is imported from {module!r}", node

    def _may_import(self, module: str, name: str, renamed: str | None) -> bool:
        if renamed is not None:
            return (module, name) in self.allowed.imports and renamed not in BUILTINS
        own = {"__future__": frozenset({"annotations"}), "typing": TYPING, RUNTIME: self.allowed.facade}
        return name in own.get(module, frozenset())


def _children(value: object) -> list[cst.CSTNode]:
    if isinstance(value, cst.CSTNode):
        return [value]
    if isinstance(value, list | tuple):
        return [entry for entry in value if isinstance(entry, cst.CSTNode)]
    return []


def _is_empty(value: object) -> bool:
    return value is None or value == "" or value == () or value == [] or isinstance(value, cst.MaybeSentinel)


def _is_name(node: cst.CSTNode | None, name: str) -> bool:
    return isinstance(node, cst.Name) and node.value == name


def _root(node: cst.BaseExpression) -> cst.BaseExpression:
    while isinstance(node, cst.Attribute):
        node = node.value
    return node
