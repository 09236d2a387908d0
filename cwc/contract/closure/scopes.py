"""A module as it was read: its scopes, what binds names in them, and the places that rules look at."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from cwc.contract.closure.facts import NOTHING, Facts

Node = ast.AST
Step = int | None
"""One step into a value that is unpacked: an index, or None for any element."""


class How(Enum):
    """How a name comes by its value."""

    IMPORT = "import"
    VALUE = "value"
    ENTERED = "entered"
    DEFINED = "defined"
    PARAMETER = "parameter"
    HELD = "held"
    ANNOTATED = "annotated"
    ANYTHING = "anything"


@dataclass(slots=True, eq=False)
class Binding:
    """One place that binds a name.

    ``scope`` is where ``node`` is evaluated, or for DEFINED the scope of the class or function. ``path`` leads into the
    value. ``dead`` bindings never run (they stand under TYPE_CHECKING), and count for annotations only; ``maybe`` ones
    stand under a condition.
    """

    how: How
    scope: Scope
    node: ast.expr | None = None
    path: tuple[Step, ...] = ()
    target: Imported | None = None
    dead: bool = False
    maybe: bool = False


class Imported(NamedTuple):
    """What an import names: ``module`` with ``level`` leading dots, and of it ``name``; ``name`` "*" for all."""

    module: str
    level: int = 0
    name: str | None = None


@dataclass(slots=True, eq=False)
class ImportSite:
    """An import statement's one name, where it stands; ``used`` the name that it binds."""

    imported: Imported
    node: ast.stmt | ast.expr
    bound: str = ""


class Entry:
    """What is known of a name or expression, under ``key`` of ``memo``; ``users`` were found with the help of it."""

    __slots__ = ("facts", "key", "memo", "users")

    def __init__(self, memo: dict[Any, Entry], key: object) -> None:
        self.memo = memo
        self.key = key
        self.facts: Facts = NOTHING
        self.users: list[Entry] = []


class Scope:
    """A module, class, function, lambda or comprehension, and the names bound in it."""

    __slots__ = (
        "attributes", "declared", "incoming", "kind", "memo", "name", "names", "node", "parent", "returns", "view",
        "watchers", "yields",
    )  # fmt: skip

    def __init__(self, kind: str, node: Node, parent: Scope | None, view: View, name: str = "") -> None:
        self.kind = kind
        self.node = node
        self.parent = parent
        self.view = view
        self.name = name
        self.names: dict[str, list[Binding]] = {}
        self.declared: dict[str, str] = {}
        self.attributes: dict[str, list[Binding]] = {}
        self.returns: list[ast.expr] = []
        self.yields: list[ast.expr] = []
        self.incoming: dict[str, Facts] = {}
        self.memo: dict[str, Entry] = {}
        self.watchers: dict[str, list[Entry]] = {}
        view.scopes.append(self)

    def bind(self, name: str, binding: Binding) -> None:
        self.names.setdefault(name, []).append(binding)

    def watch(self, name: str, entry: Entry) -> None:
        """Note that what comes in under a name counts for an entry."""
        self.watchers.setdefault(name, []).append(entry)

    @property
    def function(self) -> Scope | None:
        """The function that this scope is or stands in; None at the level of the module or a class."""
        scope: Scope | None = self
        while scope is not None and scope.kind == "comprehension":
            scope = scope.parent
        return scope if scope is not None and scope.kind in ("function", "lambda") else None

    @property
    def owner(self) -> Scope | None:
        """The class whose body a function stands in directly."""
        return self.parent if self.parent is not None and self.parent.kind == "class" else None

    @property
    def home(self) -> Scope:
        """The nearest class around, or the module."""
        scope = self
        while scope.kind not in ("class", "module") and scope.parent is not None:
            scope = scope.parent
        return scope


Site = tuple[Node, Scope]


@dataclass(slots=True, eq=False)
class View:
    """One module: what was read of it. ``name`` is its dotted name for people, ``path`` the file as it is shown."""

    file: Path
    path: str
    name: str
    text: str
    is_package: bool
    scope: Scope = field(init=False)
    scopes: list[Scope] = field(default_factory=list)
    imports: list[ImportSite] = field(default_factory=list)
    stars: list[ImportSite] = field(default_factory=list)
    sites: dict[type[Node], list[Site]] = field(default_factory=lambda: defaultdict(list))
    loads: dict[tuple[Scope, str], list[ast.Name]] = field(default_factory=lambda: defaultdict(list))
    sorts: dict[str, list[tuple[int, Scope]]] = field(default_factory=lambda: defaultdict(list))
    called: dict[int, ast.Call] = field(default_factory=dict)
    parents: dict[int, Node] = field(default_factory=dict)
    written: dict[str, list[Binding]] = field(default_factory=dict)
    memo: dict[int, Entry] = field(default_factory=dict)
    outside: dict[int, frozenset[str]] = field(default_factory=dict)
    nested: dict[int, Scope] = field(default_factory=dict)
    exported: list[str] | None = None
    has_all: bool = False
    _reads: dict[str, list[tuple[ast.Name, Scope]]] | None = None
    _words: Counter[str] | None = None

    def reads(self, name: str) -> list[tuple[ast.Name, Scope]]:
        """Where a name is read."""
        if self._reads is None:
            self._reads = defaultdict(list)
            for (scope, read), nodes in self.loads.items():
                self._reads[read] += [(node, scope) for node in nodes]
        return self._reads.get(name, [])

    def mentions(self, name: str) -> int:
        """How often a name stands anywhere in the text."""
        if self._words is None:
            self._words = Counter(re.findall(r"\w+", self.text))
        return self._words[name]

    def inner(self, node: Node) -> Scope:
        """The scope that a lambda or comprehension opens."""
        return self.nested[id(node)]

    def __repr__(self) -> str:
        return f"View({self.path})"
