"""What an expression may refer to: facts, gathered without regard to the order in which code runs."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cwc.contract.closure.scopes import Scope, View


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that nothing is known of."""


@dataclass(frozen=True, slots=True)
class Outside:
    """A module, class or function that stands outside the repository,
    by its dotted name; builtins as ``builtins.x``."""

    name: str


@dataclass(frozen=True, slots=True)
class Made:
    """An instance of an outside class. Of builtin classes the bare name: ``set``, ``dict``, ``str``."""

    of: str


@dataclass(frozen=True, slots=True)
class Const:
    """A value that is known."""

    value: str | bytes | int | float | None


@dataclass(frozen=True, slots=True)
class Inside:
    """A module of the repository."""

    view: View


@dataclass(frozen=True, slots=True)
class Function:
    """A function or lambda of the repository."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class Class:
    """A class of the repository."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class Object:
    """An instance of a class of the repository."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class Parent:
    """What `super()` gives within a class."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class Display:
    """A container written out: a tuple, list, set or dict, a comprehension, or a call of ``dict`` with keywords."""

    node: ast.expr
    scope: Scope


@dataclass(frozen=True, slots=True)
class Holding:
    """A container that values were put into: ``x[k] = node``, ``x.append(node)``; ``all``: each element of node."""

    node: ast.expr
    scope: Scope
    all: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows of which each place has facts of its own, as of ``zip``, ``enumerate`` and ``items()``."""

    columns: tuple[frozenset[Fact], ...]


@dataclass(frozen=True, slots=True)
class Each:
    """Something to iterate over, of which each element has these facts."""

    element: frozenset[Fact]


@dataclass(frozen=True, slots=True)
class Typed:
    """A container by its annotation: ``list[set[str]]``."""

    node: ast.Subscript
    scope: Scope


@dataclass(frozen=True, slots=True)
class Valued:
    """A mapping whose values have these facts, whatever the keys: ``defaultdict(set)``."""

    values: frozenset[Fact]


@dataclass(frozen=True, slots=True)
class Fresh:
    """A container that a call makes; its place tells whose it is."""

    node: ast.Call
    scope: Scope


@dataclass(frozen=True, slots=True)
class Namespace:
    """The attributes of something as a mapping: ``vars(x)``, ``x.__dict__``, ``globals()``."""

    owner: Fact


@dataclass(frozen=True, slots=True)
class Getter:
    """What ``attrgetter``, ``methodcaller`` and ``itemgetter`` give; ``names`` is None where they are not known."""

    kind: str
    names: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Partial:
    """A call that was prepared with ``functools.partial``."""

    node: ast.Call
    scope: Scope


Fact = (
    Unknown | Outside | Made | Const | Inside | Function | Class | Object | Parent | Display | Holding | Columns
    | Each | Typed | Valued | Fresh | Namespace | Getter | Partial
)  # fmt: skip
Container = Display | Holding | Columns | Typed | Valued
Facts = frozenset[Fact]

NOTHING: Facts = frozenset()
HIDDEN: Facts = frozenset(Getter(kind, None) for kind in ("attrgetter", "methodcaller", "itemgetter", "namespace"))
"""Getters of attributes whose names nobody knows."""
UNKNOWN: Facts = frozenset({Unknown()})
MOST = 64
"""How many facts are told apart; an expression with more is unknown besides."""


@cache
def made(of: str) -> Facts:
    return frozenset({Made(of)})


@cache
def outside(name: str) -> Facts:
    return frozenset({Outside(name)})


def limited(found: set[Fact]) -> Facts:
    if len(found) > MOST:
        kept = [fact for fact in found if not isinstance(fact, Const | Display | Holding)]
        return frozenset(kept) | UNKNOWN
    return frozenset(found)


UNORDERED = frozenset({"set", "frozenset", "unordered", "keys algebra"})
_UNORDERED_FACTS: Facts = frozenset(map(Made, UNORDERED))


def is_unordered(facts: Facts) -> bool:
    return not _UNORDERED_FACTS.isdisjoint(facts)
