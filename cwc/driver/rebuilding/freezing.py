"""Frozen dataclasses ⇄ JSON, for what the compiler knows of tools: whole, by the shape of the classes themselves.

A dataclass is ``{"$": its name, field: …}`` without the fields that have their default; those with the metadata
`cwc.plan.tools.LIVE` are left out. Classes of users become stand-ins that are subclasses of one another as they were.
"""

from __future__ import annotations

import datetime
import decimal
import enum
import math
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any

from cwc.plan import tools
from cwc.plan.types import model as types
from cwc.plan.types.model import Ref

TAG = "$"
TEXTS: Mapping[str, tuple[type, Callable[[Any], str], Callable[[str], object]]] = {
    "bytes": (bytes, bytes.hex, bytes.fromhex),
    "complex": (complex, str, complex),
    "decimal": (decimal.Decimal, str, decimal.Decimal),
    "uuid": (uuid.UUID, str, uuid.UUID),
    "datetime": (datetime.datetime, datetime.datetime.isoformat, datetime.datetime.fromisoformat),
    "date": (datetime.date, datetime.date.isoformat, datetime.date.fromisoformat),
    "time": (datetime.time, datetime.time.isoformat, datetime.time.fromisoformat),
    "float": (float, repr, float),
}
"""Values that JSON has no form for: by tag, their class, and how they become texts and come back."""
PROTOCOLS = ("__float__", "__index__", "__complex__", "__iter__", "__len__", "__getitem__")
SAFE = {"builtins", "collections", "datetime", "decimal", "uuid", "enum", "abc", "pathlib", "ipaddress", "fractions"}


@cache
def shapes() -> Mapping[str, type]:
    """The dataclasses that may stand in a lock, by name."""
    modules = (tools, types)
    found = [value for module in modules for value in vars(module).values() if isinstance(value, type)]
    own = {module.__name__ for module in modules}
    return {kind.__name__: kind for kind in found if is_dataclass(kind) and kind.__module__ in own}


def kept(kind: type) -> list[Field[Any]]:
    return [entry for entry in fields(kind) if not entry.metadata.get("live")]


@dataclass(slots=True)
class Freezer:
    """Makes JSON of values. ``classes`` and ``tables`` gather what they share, to stand in the lock once."""

    classes: dict[str, dict[str, object]] = field(default_factory=dict)
    tables: list[dict[str, object]] = field(default_factory=list)
    _seen: dict[int, int] = field(default_factory=dict)
    _keys: list[dict[str, str]] = field(default_factory=list)
    _names: dict[type, str] = field(default_factory=dict)

    def freeze(self, value: object) -> Any:
        """The JSON of a value. Raises TypeError for one that no lock can hold."""
        match value:
            case Ref(name, table):
                number = self._table(table)
                return {TAG: "Ref", "name": self._keys[number][name], "table": number}
            case enum.Enum():
                return {TAG: "member", "class": self._class(type(value)), "name": value.name}
            case None | bool() | str() | int():
                return value
            case float() if math.isfinite(value):
                return value
            case tuple() | list():
                return [self.freeze(item) for item in value]
            case type():
                return {TAG: "class", "name": self._class(value)}
        for tag, (kind, show, _) in TEXTS.items():
            if isinstance(value, kind):
                return {TAG: tag, "text": show(value)}
        if type(value).__name__ in shapes():
            return self._record(value)
        return {TAG: "opaque", "class": self._class(type(value))}

    def _record(self, value: Any) -> dict[str, object]:
        own: dict[str, object] = {TAG: type(value).__name__}
        for entry in kept(type(value)):
            given = getattr(value, entry.name)
            default = entry.default_factory() if entry.default_factory is not MISSING else entry.default
            if default is MISSING or type(given) is not type(default) or given != default:
                # JSON schemas are JSON already, whatever their keys are.
                own[entry.name] = given if isinstance(given, dict) else self.freeze(given)
        return own

    def _table(self, table: Mapping[str, object]) -> int:
        """The number of a table of types that hold themselves."""
        number = self._seen.get(id(table))
        if number is None:
            number = self._seen[id(table)] = len(self.tables)
            self.tables.append({})
            self._keys.append(_stable_names(table))
            self.tables[number] = {stable: self.freeze(table[name]) for name, stable in self._keys[number].items()}
        return number

    def _class(self, kind: type) -> str:
        if kind in self._names:
            return self._names[kind]
        name = f"{kind.__module__}:{kind.__qualname__}"
        while name in self.classes:
            # Another class of the same name, such as one that a function made.
            name += "'"
        self._names[kind] = name
        if kind.__module__ in SAFE:
            return name
        facts: dict[str, object] = {}
        self.classes[name] = facts
        if issubclass(kind, enum.Enum):
            facts["members"] = [[member.name, self.freeze(member.value)] for member in kind]
        bases = [self._class(base) for base in kind.__mro__[1:] if base is not object and base.__module__ != "typing"]
        has = [name for name in PROTOCOLS if hasattr(kind, name)]
        facts.update({key: found for key, found in (("bases", bases), ("has", has)) if found})
        return name


def _stable_names(table: Mapping[str, object]) -> dict[str, str]:
    """Names for the types of a table that are the same in every process; Pydantic's have addresses in them."""
    found: dict[str, str] = {}
    for name in table:
        stable = re.sub(r":[0-9]+", "", name)
        while stable in found.values():
            stable += "'"
        found[name] = stable
    return dict(sorted(found.items(), key=lambda entry: entry[1]))
