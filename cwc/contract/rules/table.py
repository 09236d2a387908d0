"""All rules, and which of them a module, a member or a node concerns."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from cwc.contract.rules.rule import Check, Rule, Test

Bans = Sequence[tuple[Rule, Test | None]]


class Table:
    """Rules by what they look at."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = {rule.definition.code: rule for rule in rules}
        self._modules = {name: rule for rule in self.rules.values() for name in rule.modules}
        self._members: dict[str, list[tuple[Rule, Test | None]]] = {}
        self._families: dict[str, list[tuple[Rule, Test | None]]] = {}
        self.checks: dict[type[ast.AST], list[tuple[Rule, Check]]] = {}
        self._heeding: dict[type[ast.AST], dict[str, list[tuple[Rule, Check]]]] = {ast.Call: {}, ast.Attribute: {}}
        self._heedless: dict[type[ast.AST], list[tuple[Rule, Check]]] = {ast.Call: [], ast.Attribute: []}
        for rule in self.rules.values():
            for name, test in rule.members.items():
                known = self._families if name.endswith(".*") else self._members
                known.setdefault(name.removesuffix(".*"), []).append((rule, test))
            for kind, check in rule.checks.items():
                self._index(kind, rule, check)
        self._known: dict[str, Bans] = {}

    def __getitem__(self, code: str) -> Rule:
        return self.rules[code]

    def _index(self, kind: type[ast.AST], rule: Rule, check: Check) -> None:
        if kind not in self._heedless:
            self.checks.setdefault(kind, []).append((rule, check))
        elif kind not in rule.heeds:
            self._heedless[kind].append((rule, check))
        for name in rule.heeds.get(kind, ()):
            self._heeding[kind].setdefault(name, []).append((rule, check))

    def heeding(self, kind: type[ast.AST], names: Iterable[str]) -> Iterable[tuple[Rule, Check]]:
        """The checks of calls or attributes that have anything to say of these names."""
        heeding = self._heeding[kind]
        if heeding.keys().isdisjoint(names):
            return self._heedless[kind]
        found = [each for name in names if name in heeding for each in heeding[name]]
        return dict.fromkeys((*self._heedless[kind], *found))

    def module(self, name: str) -> Rule | None:
        """The rule that bans the import of a module, or of one above it."""
        while name:
            if name in self._modules:
                return self._modules[name]
            name = name.rpartition(".")[0]
        return None

    def bans(self, name: str, *, exact: bool = False) -> Bans:
        """The rules that ban the use of an outside thing, each with its test; ``exact``: those that name the thing."""
        if exact:
            return self._members.get(name, ())
        if name not in self._known:
            self._known[name] = self._searched(name)
        return self._known[name]

    def surely(self, name: str) -> Rule | None:
        """A rule that bans a thing however it is used."""
        return next((rule for rule, test in self.bans(name) if test is None), None)

    def is_conditional(self, name: str) -> bool:
        return any(test is not None for _, test in self.bans(name))

    def has_members(self, module: str) -> bool:
        """Whether anything in a module is banned."""
        inside = f"{module}."
        return module in self._families or any(name.startswith(inside) for name in (*self._members, *self._families))

    def _searched(self, name: str) -> Bans:
        if name in self._members:
            return self._members[name]
        family = name.rpartition(".")[0]
        while family:
            if family in self._families:
                return self._families[family]
            family = family.rpartition(".")[0]
        return ()


@cache
def table() -> Table:
    """The table of all rules; each is a module of this package named after its code."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("det*.py") if re.fullmatch(r"det\d{3}", path.stem))
    return Table(importlib.import_module(f"cwc.contract.rules.{name}").RULE for name in names)
