"""What a rule is, and what it sees of the code: a place, the scope around it, and facts about any expression there."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cwc.contract.closure import facts as f
from cwc.contract.closure.facts import Facts
from cwc.contract.closure.folding import constants
from cwc.contract.closure.outside import words
from cwc.diagnostics.model import Definition, Severity, define

if TYPE_CHECKING:
    from cwc.contract.closure.evaluate import Evaluator
    from cwc.contract.closure.scopes import Scope, View
    from cwc.contract.configuration import ContractConfig

__all__ = ["Found", "Look", "Rule", "Use", "banned", "defined", "fine", "lacks", "words"]

PAGES = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Look:
    """A place in hand-written code, and what can be asked there."""

    evaluator: Evaluator
    scope: Scope
    config: ContractConfig

    @property
    def view(self) -> View:
        return self.scope.view

    def facts(self, node: ast.expr) -> Facts:
        return self.evaluator.facts(node, self.scope)

    def constants(self, node: ast.expr) -> tuple[list[object], bool]:
        return constants(self.evaluator, node, self.scope)

    def names(self, node: ast.expr) -> frozenset[str]:
        """The outside things that an expression may be."""
        known = self.scope.view.outside.get(id(node))
        if known is None:
            known = frozenset([fact.name for fact in self.facts(node) if type(fact) is f.Outside])
            self.scope.view.outside[id(node)] = known
        return known

    def kinds(self, node: ast.expr) -> set[str]:
        """The outside classes that an expression may be an instance of."""
        return {fact.of for fact in self.facts(node) if isinstance(fact, f.Made)}

    def parent(self, node: ast.AST) -> ast.AST | None:
        return self.view.parents.get(id(node))

    def call_of(self, node: ast.AST) -> ast.Call | None:
        """The call whose function is this node."""
        return self.view.called.get(id(node))


@dataclass(frozen=True, slots=True)
class Use:
    """A place that refers to something outside: ``name``; ``call`` is the call of it, if it is called there."""

    name: str
    node: ast.expr
    call: ast.Call | None
    look: Look


@dataclass(frozen=True, slots=True)
class Found:
    """A violation at a node: what is said of it. ``weight`` where it differs from the rule's.

    ``subject`` is the module that a banned import names.
    """

    node: ast.AST
    message: str
    weight: Severity | None = None
    subject: str = ""


Test = Callable[[Use], bool]
Check = Callable[[ast.AST, Look], Iterator[Found]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """One rule.

    ``instead`` says what to do. ``modules`` are those whose import it bans, with all below them. ``members`` are the
    outside things whose use it bans, each with a test that a use must pass to be banned, or None; a name that ends in
    ``.*`` stands for all members that are not named themselves. ``checks`` look at nodes; ``heeds`` says of which calls
    and attributes a check has anything to say: the outside things that are called, and the names of methods and
    attributes. ``weight`` is the severity in hand-written code where it is not the definition's.
    """

    definition: Definition
    instead: str
    modules: frozenset[str] = frozenset()
    members: Mapping[str, Test | None] = field(default_factory=dict)
    checks: Mapping[type[ast.AST], Check] = field(default_factory=dict)
    heeds: Mapping[type[ast.AST], frozenset[str]] = field(default_factory=dict)
    verb: str = "uses"
    weight: Severity | None = None


def defined(code: str, slug: str, severity: Severity, summary: str) -> Definition:
    """A kind of finding whose page stands beside its rule."""
    return define(code, slug, severity, summary, pages=PAGES)


def banned(*names: str, when: Test | None = None) -> dict[str, Test | None]:
    """Members, as words of texts."""
    return dict.fromkeys((name for text in names for name in text.split()), when)


def fine(*names: str) -> dict[str, Test | None]:
    return banned(*names, when=lambda use: False)


def arguments(call: ast.Call) -> tuple[list[ast.expr], dict[str | None, ast.expr]]:
    return call.args, {keyword.arg: keyword.value for keyword in call.keywords}


def lacks(index: int, name: str = "") -> Test:
    """Whether a call surely or perhaps lacks an argument; a use that is no call lacks it where it is a factory."""

    def test(use: Use) -> bool:
        call = use.call
        if call is None:
            return is_factory(use)
        positional, named = arguments(call)
        value = named.get(name) if name else None
        if value is None and len(positional) > index and not any(isinstance(each, ast.Starred) for each in positional):
            value = positional[index]
        return value is None or (isinstance(value, ast.Constant) and value.value is None)

    return test


def is_factory(use: Use) -> bool:
    """Whether something is handed over to be called without arguments."""
    parent = use.look.parent(use.node)
    if isinstance(parent, ast.keyword):
        return parent.arg is not None and (
            "factory" in parent.arg or parent.arg in ("default", "clock", "timer", "now")
        )
    if isinstance(parent, ast.Call) and use.node in parent.args:
        callees = use.look.names(parent.func)
        return (bool(callees & _CALLS_BACK) and len(parent.args) == 1) or "collections.defaultdict" in callees
    return False


_CALLS_BACK = frozenset({"functools.partial", "operator.call", "dataclasses.field"})
