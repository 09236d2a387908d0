"""One module under inspection: the names it has bound so far, and what was found wrong with it."""

from __future__ import annotations

import builtins
from dataclasses import dataclass

import libcst as cst

from cwc.contract.finding import NOT_ASCII, UNKNOWN_NAME
from cwc.contract.grammar.roles import LITERAL_BUILTINS, MODULE, Kind, Role
from cwc.diagnostics.model import Definition

_ALL_BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True, slots=True)
class Violation:
    """A node that breaks the grammar."""

    definition: Definition
    node: cst.CSTNode
    message: str


class Inspection:
    """Names are bound in the order of the text, so that one is known only after the place that binds it."""

    def __init__(self, imports: frozenset[tuple[str, str]], facade: frozenset[str]) -> None:
        self.imports = imports
        self.facade = facade
        self.violations: list[Violation] = []
        self.role: Role = MODULE
        self.is_async = False
        self._module: dict[str, Kind] = {}
        self._function: dict[str, Kind] | None = None

    def enter_module(self) -> None:
        self.role, self.is_async, self._function = MODULE, False, None

    def enter_function(self, role: Role, *, is_async: bool) -> None:
        self.role, self.is_async, self._function = role, is_async, {}

    def report(self, definition: Definition, node: cst.CSTNode, message: str) -> None:
        self.violations.append(Violation(definition, node, message))

    def kind(self, name: str) -> Kind | None:
        """What a name stands for here; None if nothing has bound it."""
        if self._function is not None and name in self._function:
            return self._function[name]
        if name in self._module:
            return self._module[name]
        return Kind.LITERAL if name in LITERAL_BUILTINS else None

    def knows(self, name: str) -> bool:
        """Whether a name is bound, or a builtin: none of those is ever bound."""
        return self.kind(name) is not None or name in _ALL_BUILTINS

    def spelt(self, node: cst.Name) -> str | None:
        """An identifier as it is written; None, with a finding, if Python would read another one there (NFKC)."""
        if node.value.isascii():
            return node.value
        self.report(NOT_ASCII, node, f"the identifier {node.value!r} is not ASCII, and Python may read another one")
        return None

    def bind(self, node: cst.Name, kind: Kind) -> None:
        """Make a name known from here on, unless it is taken or hides something."""
        name = self.spelt(node)
        if name is None:
            return
        objection = self._objection(name)
        if objection is not None:
            self.report(UNKNOWN_NAME, node, f"{name!r} cannot be bound here: {objection}")
        scope = self._module if self._function is None else self._function
        scope[name] = kind

    def _objection(self, name: str) -> str | None:
        if name.startswith("_"):
            return "names of generated code do not begin with an underscore"
        if name in _ALL_BUILTINS:
            return "it is a builtin"
        if self._function is None:
            return f"it is {self._module[name].value} already" if name in self._module else None
        own, outer = self._function.get(name, Kind.LOCAL), self._module.get(name)
        if own is not Kind.LOCAL:
            return f"it is {own.value} already"
        if outer is not None and outer not in self.role.hides:
            return f"it would hide {outer.value}"
        return None
