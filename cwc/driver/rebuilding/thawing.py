"""JSON → the frozen dataclasses that it was made of, every value held against the type that its field declares."""

from __future__ import annotations

import enum
import importlib
import types as builtin_types
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from cwc.driver.rebuilding.freezing import PROTOCOLS, SAFE, TAG, TEXTS, kept, shapes
from cwc.plan.types.model import Ref


class ThawError(ValueError):
    """JSON that is not what `Freezer` makes. The message completes "the lock cannot be used: …"."""


@dataclass(slots=True)
class Thawer:
    """Makes values of JSON. Nothing is imported for it but modules of the standard library."""

    classes: Mapping[str, Any]
    tables: list[Any]
    _made: dict[str, type] = field(default_factory=dict)
    _filled: dict[int, dict[str, Any]] = field(default_factory=dict)

    def thaw(self, data: object) -> Any:
        """The value. Raises ThawError."""
        if isinstance(data, list):
            return tuple(self.thaw(item) for item in data)
        if not isinstance(data, dict):
            return data
        match data:
            case {"$": "Ref", "name": str(name), "table": int(number)}:
                return Ref(name, self._table(number, name))
            case {"$": "member", "class": str(kind), "name": str(name)}:
                return self._member(kind, name)
            case {"$": "class", "name": str(name)}:
                return self.cls(name)
            case {"$": "opaque", "class": str()}:
                return object()
            case {"$": str(tag), "text": str(text)} if tag in TEXTS:
                try:
                    return TEXTS[tag][2](text)
                except (ValueError, ArithmeticError) as error:
                    raise ThawError(f"{text!r} is no {tag}") from error
            case {"$": str(tag)} if tag in shapes():
                return self._record(shapes()[tag], data)
            case {"$": tag}:
                raise ThawError(f"it holds {tag!r}, which this version of cwc does not know")
        raise ThawError("it holds an object that is none of cwc's")

    def _record(self, kind: type, data: Mapping[str, Any]) -> object:
        known = {entry.name for entry in kept(kind)}
        unknown = sorted(data.keys() - known - {TAG})
        if unknown:
            raise ThawError(f"a {kind.__name__} has no field {unknown[0]!r}")
        hints = _hints(kind)
        given = {name: item if _is_json(hints[name]) else self.thaw(item) for name, item in data.items() if name != TAG}
        for name, value in given.items():
            if not _fits(value, hints[name]):
                raise ThawError(f"the field {name!r} of a {kind.__name__} holds what it cannot")
        if given.get("keys") == ():
            raise ThawError(f"a {kind.__name__} has no key that fills it")
        try:
            return kind(**given)
        except TypeError as error:
            raise ThawError(f"a {kind.__name__} is not whole") from error

    def _table(self, number: int, name: str) -> Mapping[str, Any]:
        if not 0 <= number < len(self.tables) or not isinstance(self.tables[number], dict):
            raise ThawError("a type refers to a table that is not there")
        if name not in self.tables[number]:
            raise ThawError(f"a type refers to {name!r}, which is not in its table")
        if number not in self._filled:
            table = self._filled[number] = {}
            for key, item in self.tables[number].items():
                table[key] = self.thaw(item)
                if not _is_type(table[key]):
                    raise ThawError(f"{key!r} in a table is no type")
        return self._filled[number]

    def _member(self, kind: str, name: str) -> object:
        made = self.cls(kind)
        if not issubclass(made, enum.Enum) or name not in made.__members__:
            raise ThawError(f"{kind!r} has no member {name!r}")
        return made.__members__[name]

    def cls(self, name: str) -> type:
        """A class of the standard library, or the stand-in for another."""
        if name in self._made:
            return self._made[name]
        module, _, qualname = name.rstrip("'").partition(":")
        if name not in self.classes:
            found = getattr(importlib.import_module(module), qualname, None) if module in SAFE else None
            if not isinstance(found, type):
                raise ThawError(f"the class {name!r} is not in it")
            self._made[name] = found
            return found
        self._made[name] = object  # Classes that are their own bases end here.
        facts = self.classes[name]
        try:
            self._made[name] = self._stand_in(qualname, facts)
        except ThawError:
            raise
        except Exception as error:
            raise ThawError(f"the class {name!r} cannot be stood in for") from error
        return self._made[name]

    def _stand_in(self, name: str, facts: Mapping[str, Any]) -> type:
        """A class with the bases and protocols of another, which does nothing."""
        if not isinstance(facts, dict) or not facts.keys() <= {"members", "bases", "has"}:
            raise ThawError("a class has facts that are none")
        mixins = [self.cls(base) for base in facts.get("bases", ())]
        if "members" in facts:
            members = [(str(key), self.thaw(item)) for key, item in facts["members"]]
            mixin = next((base for base in mixins if base in (str, int, float)), None)
            make: Any = enum.Enum
            made: type = make(name, members, type=mixin)
            return made
        own = {protocol: _nothing for protocol in facts.get("has", ()) if protocol in PROTOCOLS}
        bases = [base for base in mixins if not issubclass(base, enum.Enum) and base is not object]
        bases = [base for base in bases if not any(other is not base and issubclass(other, base) for other in bases)]
        try:
            return builtin_types.new_class(name, tuple(bases), {}, lambda namespace: namespace.update(own))
        except TypeError:
            # Bases that do not go together without what their own classes do.
            return type(name, (), own)


def _nothing(*_: object) -> None:
    return None


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _is_type(value: object) -> bool:
    from cwc.plan.types import model

    return isinstance(value, get_args(model.Type))


def _is_json(hint: Any) -> bool:
    """Whether a field holds JSON as it is."""
    origin = get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _fits(value: object, hint: Any) -> bool:
    """Whether a thawed value is one of a declared type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in (object, Any):
        return True
    if origin is Literal:
        return any(value is each or (type(value) is type(each) and value == each) for each in arguments)
    if origin is tuple:
        items = value if isinstance(value, tuple) else None
        return items is not None and all(_fits(item, arguments[0]) for item in items)
    if _is_json(hint):
        return isinstance(value, dict)
    if origin is type:
        return isinstance(value, type)
    if arguments:
        return any(_fits(value, each) for each in arguments)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return value is None if hint in (None, type(None)) else isinstance(value, hint)
