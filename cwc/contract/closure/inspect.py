"""One module held to every rule: its imports, what it refers to, and the nodes that rules look at."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cwc.contract.closure import facts as f
from cwc.contract.closure.calls import prepared
from cwc.contract.closure.evaluate import Evaluator
from cwc.contract.closure.facts import Fact, Facts
from cwc.contract.closure.imports import import_findings
from cwc.contract.closure.members import inherited, member
from cwc.contract.closure.scopes import How, Scope, View
from cwc.contract.configuration import ContractConfig
from cwc.contract.rules.rule import Found, Look, Rule, Use
from cwc.contract.rules.table import Table


@dataclass(frozen=True, slots=True)
class Raw:
    """A violation of a rule at a node of a module."""

    rule: Rule
    found: Found
    view: View


class Inspector:
    """Holds modules to the rules of a table."""

    def __init__(
        self, evaluator: Evaluator, table: Table, config: ContractConfig, tools: frozenset[Path] = frozenset()
    ) -> None:
        self.evaluator = evaluator
        self.table = table
        self.config = config
        self.tools = tools

    def inspect(self, view: View) -> list[Raw]:
        """Every violation in one module; one of a rule at a place."""
        kept: dict[tuple[str, int, int], Raw] = {}
        for rule, found in (*self._imports(view), *self._uses(view), *self._nodes(view)):
            node = found.node
            key = rule.definition.code, getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
            kept.setdefault(key, Raw(rule, found, view))
        return list(kept.values())

    def _imports(self, view: View) -> Iterator[tuple[Rule, Found]]:
        yield from import_findings(self, view)

    def _uses(self, view: View) -> Iterator[tuple[Rule, Found]]:
        for (scope, name), nodes in view.loads.items():
            found = self._of_name(name, scope)
            if found:
                for load in nodes:
                    yield from self.judge(load, found, scope)
        for node, scope in view.sites.get(ast.Attribute, ()):
            assert isinstance(node, ast.Attribute)
            if type(node.ctx) is ast.Load:
                yield from self._attribute(node, scope)
        for kind in (ast.Call, ast.Subscript):
            for node, scope in view.sites.get(kind, ()):
                assert isinstance(node, ast.expr)
                if self._is_fetched(node, scope):
                    yield from self.judge(node, self.evaluator.facts(node, scope), scope)
                    yield from self._prepared(node, scope)

    def _of_name(self, name: str, scope: Scope) -> Facts:
        """What a name brings in here: by import or as a builtin. What was assigned to it was judged at its place."""
        facts = frozenset(
            [
                fact
                for fact in self.evaluator.name(name, scope)
                if type(fact) is f.Outside and self.table.bans(fact.name)
            ]
        )
        if not facts:
            return facts
        binding = _binding_scope(name, scope)
        if binding is not None and not any(each.how is How.IMPORT for each in binding.names.get(name, ())):
            return frozenset(
                fact for fact in facts if isinstance(fact, f.Outside) and self.table.is_conditional(fact.name)
            )
        return facts

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Iterator[tuple[Rule, Found]]:
        """What is read of a module or class; of an instance only members that rules name."""
        outer: set[Fact] = set()
        of_instances: set[Fact] = set()
        for fact in self.evaluator.facts(node.value, scope):
            kind = type(fact)
            if kind is f.Outside or kind is f.Inside or kind is f.Parent:
                outer |= member(self.evaluator, fact, node.attr, scope.view)
            elif kind is f.Made:
                of_instances |= member(self.evaluator, fact, node.attr, scope.view)
            elif isinstance(fact, f.Class | f.Object):
                outer |= inherited(self.evaluator, fact.scope, node.attr)
        if outer:
            yield from self.judge(node, outer, scope)
        if of_instances:
            yield from self.judge(node, of_instances, scope, exact=True)

    def _is_fetched(self, node: ast.expr, scope: Scope) -> bool:
        """Whether a call or subscript fetches something from a module: by reflection,
        not from a function of one's own."""
        if isinstance(node, ast.Subscript):
            return any(
                isinstance(fact, f.Namespace) or fact == f.Outside("sys.modules")
                for fact in self.evaluator.facts(node.value, scope)
            )
        assert isinstance(node, ast.Call)
        if isinstance(node.func, ast.Attribute) and node.func.attr in _FETCHING_METHODS:
            return True
        for fact in self.evaluator.facts(node.func, scope):
            kind = type(fact)
            if kind is f.Getter or kind is f.Partial or fact in _FETCHING:
                return True
        return False

    def _prepared(self, node: ast.expr, scope: Scope) -> Iterator[tuple[Rule, Found]]:
        """What ``partial`` prepared, judged with all of its arguments where it is called."""
        if not isinstance(node, ast.Call):
            return
        pending = [(fact, node) for fact in self.evaluator.facts(node.func, scope) if isinstance(fact, f.Partial)]
        for fact, call in pending:
            if fact.node.args and len(pending) < f.MOST:
                whole = prepared(fact.node, call)
                inner = self.evaluator.facts(fact.node.args[0], fact.scope)
                pending += [(each, whole) for each in inner if isinstance(each, f.Partial)]
                names = sorted(each.name for each in inner if isinstance(each, f.Outside))
                yield from self._conditional(names, node, whole, scope)

    def _conditional(
        self, names: Iterable[str], node: ast.expr, call: ast.Call, scope: Scope
    ) -> Iterator[tuple[Rule, Found]]:
        """The rules that a call breaks of which only some are banned."""
        look = Look(self.evaluator, scope, self.config)
        for name in names:
            use = Use(name, node, call, look)
            for rule, test in self.table.bans(name):
                if test is not None and test(use):
                    yield rule, Found(node, f"`{shown(name)}` is used")

    def judge(
        self, node: ast.expr, facts: Iterable[Fact], scope: Scope, *, exact: bool = False
    ) -> Iterator[tuple[Rule, Found]]:
        """The rules that a reference to any of these outside things breaks; ``exact``: only those that name it."""
        for name in sorted({fact.name for fact in facts if isinstance(fact, f.Outside)}):
            bans = self.table.bans(name, exact=exact)
            if bans:
                look = Look(self.evaluator, scope, self.config)
                use = Use(name, node, look.call_of(node), look)
                for rule, test in bans:
                    if test is None or test(use):
                        yield rule, Found(node, f"`{shown(name)}` is used")
            elif not exact and isinstance(node, ast.Attribute) and self._is_new_module(name, scope.view):
                banned = self.table.module(name)
                if banned is not None:
                    yield banned, Found(node, f"`{name}` is used")

    def _is_new_module(self, name: str, view: View) -> bool:
        """Whether a module that is reached as an attribute is imported by none of the statements of this module."""
        if "." not in name or self.table.module(name) is None or self.table.module(name.rpartition(".")[0]) is not None:
            return False
        return not any(
            site.imported.module == name or f"{site.imported.module}.{site.imported.name}" == name
            for site in view.imports
        )

    def _nodes(self, view: View) -> Iterator[tuple[Rule, Found]]:
        looks = {scope: Look(self.evaluator, scope, self.config) for scope in view.scopes}
        for kind, checks in self.table.checks.items():
            for node, scope in view.sites.get(kind, ()):
                for rule, check in checks:
                    for found in check(node, looks[scope]):
                        yield rule, found
        for kind, names_of in _HEEDED:
            for node, scope in view.sites.get(kind, ()):
                for rule, check in self.table.heeding(kind, names_of(node, looks[scope])):
                    for found in check(node, looks[scope]):
                        yield rule, found
        look = Look(self.evaluator, view.scope, self.config)
        for rule, check in self.table.checks.get(ast.Module, ()):
            for found in check(view.scope.node, look):
                yield rule, found


def _of_call(node: ast.AST, look: Look) -> Collection[str]:
    assert isinstance(node, ast.Call)
    names = look.names(node.func)
    return (*names, node.func.attr) if isinstance(node.func, ast.Attribute) else names


def _of_attribute(node: ast.AST, look: Look) -> Collection[str]:
    assert isinstance(node, ast.Attribute)
    return (node.attr, node.attr.lstrip("_")) if node.attr[:1] == "_" else (node.attr,)


_HEEDED: tuple[tuple[type[ast.AST], Callable[[ast.AST, Look], Collection[str]]], ...] = (
    (ast.Call, _of_call), (ast.Attribute, _of_attribute),
)  # fmt: skip
_FETCHING = frozenset(
    f.Outside(name)
    for name in (
        "builtins.getattr",
        "inspect.getattr_static",
        "object.__getattribute__",
        "functools.reduce",
        "type.__getattribute__",
    )
)
_FETCHING_METHODS = frozenset({"get", "__getitem__", "pop", "__getattribute__", "__getattr__", "setdefault"})


def shown(name: str) -> str:
    return name.removeprefix("builtins.")


def _binding_scope(name: str, scope: Scope) -> Scope | None:
    where: Scope | None = scope
    while where is not None:
        if name in where.names and (where is scope or where.kind != "class"):
            return where
        where = where.parent
    return None
