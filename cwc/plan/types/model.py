"""What a value can be, and what a validator takes: one language for both, as plain data.

As the type of a *value* a node says what Python objects there can be; as the type of an *input* it stands for
Pydantic's lax validator of that type (strict, where a node says so).
"""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

ScalarName = Literal[
    "none", "bool", "int", "float", "complex", "decimal", "str", "bytes",
    "date", "datetime", "time", "timedelta", "uuid",
]  # fmt: skip
Container = Literal["list", "tuple", "set", "frozenset", "deque"]
Extra = Literal["ignore", "allow", "forbid"]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing is known: any value, or an input that takes what cannot be told."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value that has no parts. ``bare``: its validator holds no constraints and changes nothing."""

    name: ScalarName
    strict: bool = False
    bare: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One of some values: those of a Literal, the members of an Enum, or constants that a flow file holds.

    ``enum`` is the Enum's class; ``mixin`` what its members are beside (``str``, ``int``, ``float``).
    """

    values: tuple[object, ...]
    enum: type | None = None
    mixin: str | None = None
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Instance:
    """Instances of a class that Pydantic knows nothing of."""

    cls: type


@dataclass(frozen=True, slots=True)
class Items:
    """A container of any number of items of one type."""

    kind: Container
    item: Type
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Fixed:
    """A tuple, or a list that a flow file holds, with one type a position."""

    kind: Container
    items: tuple[Type, ...]
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Mapping:
    """A dict with any keys of one type."""

    key: Type
    value: Type
    strict: bool = False


@dataclass(frozen=True, slots=True)
class RecordField:
    """A key of a record. Of a value: it has one key, which is there if ``required``.

    Of an input: any of the keys fills it, and without one of them the record is refused if it is ``required``.
    """

    keys: tuple[str, ...]
    type: Type
    required: bool


@dataclass(frozen=True, slots=True)
class Record:
    """A dict with known keys, which is what models, dataclasses and TypedDicts take and are dumped to.

    ``extra`` of a value: other keys may be there if it is "allow"; of an input: what becomes of them. ``cls`` is the
    class that it stands for. ``instances_only``: an input in strict mode, which takes no dict; ``attributes``: one that
    takes objects by their attributes.
    """

    name: str
    fields: tuple[RecordField, ...]
    extra: Extra = "ignore"
    cls: type | None = None
    instances_only: bool = False
    attributes: bool = False


@dataclass(frozen=True, slots=True)
class Union:
    """A value of any of the types; an input that takes what any of them takes."""

    members: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """An input that takes a part of what its inner type takes, by validators of which nothing is known."""

    inner: Type


@dataclass(frozen=True, slots=True)
class Ref:
    """A type that holds itself, by the name that its table has for it."""

    name: str
    table: Table[str, Type] = field(repr=False, compare=False)

    @property
    def target(self) -> Type:
        return self.table[self.name]


Type: TypeAlias = Unknown | Scalar | Choice | Instance | Items | Fixed | Mapping | Record | Union | Checked | Ref

UNKNOWN = Unknown()
NONE = Scalar("none")


def union_of(members: list[Type]) -> Type:
    """The union of types: flat, without repetitions, and unknown where one of them is."""
    flat: dict[Type, None] = {}
    for member in members:
        flat.update(dict.fromkeys(member.members if isinstance(member, Union) else (member,)))
    if any(isinstance(member, Unknown) for member in flat):
        return UNKNOWN
    return next(iter(flat)) if len(flat) == 1 else Union(tuple(flat))


def resolved(type_: Type) -> Type:
    """What a reference stands for; any other type as it is. A reference that leads to itself alone is unknown."""
    seen: set[str] = set()
    while isinstance(type_, Ref):
        if type_.name in seen:
            return UNKNOWN
        seen.add(type_.name)
        type_ = type_.target
    return type_
