"""All rules, and which of them a module, a member or a node concerns."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from cwc.contract.closure.facts import Facts, Outside
from cwc.contract.rules.rule import Check, Rule, Test


class Table:
    """Rules by what they look at."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = {rule.definition.code: rule for rule in rules}
        self._modules = {name: rule for rule in self.rules.values() for name in rule.modules}
        self._members: dict[str, tuple[Rule, Test | None]] = {}
        self._families: dict[str, tuple[Rule, Test | None]] = {}
        self.checks: dict[type[ast.AST], list[tuple[Rule, Check]]] = {}
        for rule in self.rules.values():
            for name, test in rule.members.items():
                known = self._families if name.endswith(".*") else self._members
                known[name.removesuffix(".*")] = rule, test
            for kind, check in rule.checks.items():
                self.checks.setdefault(kind, []).append((rule, check))
        self._known: dict[str, tuple[Rule, Test | None] | None] = {}

    def __getitem__(self, code: str) -> Rule:
        return self.rules[code]

    def module(self, name: str) -> Rule | None:
        """The rule that bans the import of a module, or of one above it."""
        while name:
            if name in self._modules:
                return self._modules[name]
            name = name.rpartition(".")[0]
        return None

    def member(self, name: str) -> Rule | None:
        """The rule that bans the use of an outside thing."""
        found = self._find(name)
        return None if found is None else found[0]

    def test(self, name: str) -> Test | None:
        found = self._find(name)
        return None if found is None else found[1]

    def is_conditional(self, name: str) -> bool:
        return self.test(name) is not None

    def nothing_of(self, facts: Facts) -> bool:
        return not any(isinstance(fact, Outside) and self._find(fact.name) is not None for fact in facts)

    def _find(self, name: str) -> tuple[Rule, Test | None] | None:
        if name not in self._known:
            self._known[name] = self._searched(name)
        return self._known[name]

    def _searched(self, name: str) -> tuple[Rule, Test | None] | None:
        if name in self._members:
            return self._members[name]
        family = name.rpartition(".")[0]
        while family:
            if family in self._families:
                return self._families[family]
            family = family.rpartition(".")[0]
        return None


@cache
def table() -> Table:
    """The table of all rules; each is a module of this package named after its code."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("det*.py") if re.fullmatch(r"det\d{3}", path.stem))
    return Table(importlib.import_module(f"cwc.contract.rules.{name}").RULE for name in names)
