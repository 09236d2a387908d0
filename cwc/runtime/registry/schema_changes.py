"""What changed between two JSON schemas of a tool, and which changes break flows that were built before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from cwc.runtime.registry.schema_terms import STRUCTURE, WORDING, Schema, Term, alternatives, canonical, describe

Side = Literal["input", "output"]

NONE: frozenset[Side] = frozenset()
NARROWS: frozenset[Side] = frozenset({"input"})
"""Fewer values are taken: what flows pass may be refused."""
WIDENS: frozenset[Side] = frozenset({"output"})
"""More values are given: what reads them may not take them."""
CHANGES: frozenset[Side] = NARROWS | WIDENS

_ORDER = ("boolean", "integer", "number")
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
_RULES = ("pattern", "multipleOf", "uniqueItems")
_OWN = frozenset({"type", "enum", "const", "properties", "required", "additionalProperties", "items", "prefixItems"})
_KNOWN = WORDING | STRUCTURE | _OWN | {*_LOWER, *_UPPER, *_RULES}


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One difference between two schemas.

    ``pointer`` leads to the field, ``*`` standing for every item; ``kind`` is a stable word (docs/registry.md lists
    them); ``breaking`` says that flows which were built with the old schema may fail, or mean something else.
    """

    side: Side
    pointer: str
    kind: str
    breaking: bool
    detail: str

    def __str__(self) -> str:
        where = f"{self.side} {self.pointer}" if self.pointer else self.side
        return f"{where}: {self.detail} ({'breaking' if self.breaking else 'compatible'})"


def schema_changes(side: Side, old: Schema, new: Schema) -> tuple[SchemaChange, ...]:
    """What turned the schema ``old`` into ``new``; ``side`` says whether it is a tool's input or its output.

    An input that takes less breaks, as does an output that gives more or something else. Schemas that differ in
    nothing that is understood are said to differ in wording.
    """
    comparing = _Comparing()
    try:
        comparing.terms(Term(old, old), Term(new, new), ())
    except RecursionError:
        comparing.add((), "too_much_changed", CHANGES, "the schemas are nested too deeply to be compared")
    found = [SchemaChange(side, at, kind, side in breaks, detail) for at, kind, breaks, detail in set(comparing.found)]
    if not found and old != new:
        found.append(SchemaChange(side, "", "wording_changed", False, "only its wording changed"))
    return tuple(sorted(found, key=lambda change: (change.pointer, change.kind, change.detail)))


Path = tuple[str, ...]


_MOST = 2_000
"""How many pairs of schemas are compared before that is given up; unions of unions could go on for ever."""


@dataclass(slots=True)
class _Comparing:
    found: list[tuple[str, str, frozenset[Side], str]] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)
    left: Iterator[int] = field(default_factory=lambda: iter(range(_MOST)))

    def add(self, path: Path, kind: str, breaks: frozenset[Side], detail: str) -> None:
        tokens = (token.replace("~", "~0").replace("/", "~1") for token in path)
        self.found.append(("".join(f"/{token}" for token in tokens), kind, breaks, detail))

    def terms(self, old: Term, new: Term, path: Path) -> None:
        """Compare two schemas, unions included."""
        if next(self.left, None) is None:
            self.add((), "too_much_changed", CHANGES, "the schemas differ in more than can be compared")
            return
        self._default(old, new, path)
        before, after = alternatives(old), alternatives(new)
        common = {canonical(term) for term in before} & {canonical(term) for term in after}
        before = [term for term in before if canonical(term) not in common]
        after = [term for term in after if canonical(term) not in common]
        if len(before) == 1 and len(after) == 1 and _kinds(before[0]) & _kinds(after[0]):
            self._one(before[0], after[0], path)
        elif before or after:
            self._union(before, after, alternatives(old), alternatives(new), path)

    def _union(self, before: list[Term], after: list[Term], old: list[Term], new: list[Term], path: Path) -> None:
        lost = [term for term in before if not any(self._is_within(term, other) for other in new)]
        gained = [term for term in after if not any(self._is_within(term, other) for other in old)]
        words = f"from {_words(old)} to {_words(new)}"
        if lost and gained:
            self.add(path, "type_changed", CHANGES, f"its type changed {words}")
        elif lost:
            self.add(path, "type_narrowed", NARROWS, f"its type was narrowed {words}")
        elif gained:
            self.add(path, "type_widened", WIDENS, f"its type was widened {words}")

    def _is_within(self, term: Term, other: Term) -> bool:
        """Whether every value of one schema is a value of the other, as far as that is understood."""
        if not _kinds(term) & _kinds(other):
            return False
        trial = _Comparing(left=self.left)
        trial._one(term, other, ("",))
        return not any("input" in breaks for _, _, breaks, _ in trial.found)

    def _one(self, old: Term, new: Term, path: Path) -> None:
        """Compare two schemas that are no unions, and that have values in common."""
        pair = (old.ref or "", new.ref or "")
        if all(pair):
            if pair in self.seen:
                return
            self.seen.add(pair)
        if self._values(old, new, path):
            return
        before, after = old.schema.get("type"), new.schema.get("type")
        if before != after:
            narrows = after is not None and (before is None or _rank(before) > _rank(after))
            kind, breaks = ("type_narrowed", NARROWS) if narrows else ("type_widened", WIDENS)
            self.add(path, kind, breaks, f"its type was {kind[5:]} from {describe(old)} to {describe(new)}")
            if _rank(before) < 0 or _rank(after) < 0:
                return
        self._constraints(old, new, path)
        if "object" in (before, after):
            _Objects(self).compare(old, new, path)
        if "array" in (before, after):
            self._items(old, new, path)

    def _default(self, old: Term, new: Term, path: Path) -> None:
        if not path:
            return
        before, after = ("default" in term.schema for term in (old, new))
        if before and after and _text(old.schema["default"]) != _text(new.schema["default"]):
            detail = f"its default changed from {_text(old.schema['default'])} to {_text(new.schema['default'])}"
            self.add(path, "default_changed", NONE, detail)

    def _values(self, old: Term, new: Term, path: Path) -> bool:
        """Compare enumerations; whether one of the schemas is one."""
        before, after = _enumerated(old), _enumerated(new)
        if before is None and after is None:
            return False
        if before is None or after is None:
            kind, breaks = ("type_narrowed", NARROWS) if before is None else ("type_widened", WIDENS)
            self.add(path, kind, breaks, f"its type was {kind[5:]} from {describe(old)} to {describe(new)}")
            return True
        for value in sorted(before - after):
            self.add(path, "enum_value_removed", NARROWS, f"the value {value} was removed")
        for value in sorted(after - before):
            self.add(path, "enum_value_added", WIDENS, f"the value {value} was added")
        return True

    def _constraints(self, old: Term, new: Term, path: Path) -> None:
        for name in (*_LOWER, *_UPPER, *_RULES):
            before, after = old.schema.get(name), new.schema.get(name)
            if before == after:
                continue
            if before is None or after is None:
                kind, breaks = ("constraint_added", NARROWS) if before is None else ("constraint_removed", WIDENS)
                self.add(path, kind, breaks, f"{name} {_text(after if before is None else before)} was {kind[11:]}")
            elif name in _RULES or not (_is_number(before) and _is_number(after)):
                self.add(path, "constraint_changed", CHANGES, f"{name} changed from {_text(before)} to {_text(after)}")
            else:
                assert isinstance(before, int | float)
                assert isinstance(after, int | float)
                tightened = (after > before) == (name in _LOWER)
                kind, breaks = ("constraint_tightened", NARROWS) if tightened else ("constraint_loosened", WIDENS)
                self.add(path, kind, breaks, f"{name} was {kind[11:]} from {_text(before)} to {_text(after)}")
        for name in sorted((old.schema.keys() | new.schema.keys()) - _KNOWN):
            before, after = old.schema.get(name), new.schema.get(name)
            if before != after:
                self.add(path, "keyword_changed", CHANGES, f"{name} changed from {_text(before)} to {_text(after)}")

    def _items(self, old: Term, new: Term, path: Path) -> None:
        before, after = old.schema.get("prefixItems"), new.schema.get("prefixItems")
        if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
            for number, (one, other) in enumerate(zip(before, after, strict=True)):
                self.terms(old.below(one), new.below(other), (*path, str(number)))
        elif before != after:
            self.add(path, "type_changed", CHANGES, f"its type changed from {describe(old)} to {describe(new)}")
        self.terms(old.below(old.schema.get("items")), new.below(new.schema.get("items")), (*path, "*"))


@dataclass(frozen=True, slots=True)
class _Objects:
    """The fields of objects, and what else they may hold."""

    into: _Comparing

    def compare(self, old: Term, new: Term, path: Path) -> None:
        before, after = old.part("properties"), new.part("properties")
        removed, added = [n for n in before if n not in after], [n for n in after if n not in before]
        if len(removed) == len(added) == 1 and _is_same(old.below(before[removed[0]]), new.below(after[added[0]])):
            detail = f"it was renamed to {added[0]!r}"
            self.into.add((*path, removed[0]), "field_renamed", CHANGES, detail)
            removed, added = [], []
        for name in removed:
            self.into.add((*path, name), "field_removed", CHANGES, "it was removed")
        for name in added:
            if name in new.names("required"):
                self.into.add((*path, name), "required_field_added", NARROWS, "it was added, and must be given")
            else:
                self.into.add((*path, name), "optional_field_added", NONE, "it was added, and may be left out")
        for name in before:
            if name in after:
                self._required(old, new, name, path)
                self.into.terms(old.below(before[name]), new.below(after[name]), (*path, name))
        self._extras(old, new, path)

    def _required(self, old: Term, new: Term, name: str, path: Path) -> None:
        before, after = name in old.names("required"), name in new.names("required")
        if after and not before:
            self.into.add((*path, name), "became_required", NARROWS, "it must be given now")
        elif before and not after:
            # A model always gives its fields; only what is nested may be a mapping that leaves some out.
            given = not path or "default" in new.below(new.part("properties")[name]).schema
            self.into.add((*path, name), "became_optional", NONE if given else WIDENS, "it may be left out now")

    def _extras(self, old: Term, new: Term, path: Path) -> None:
        before, after = old.schema.get("additionalProperties"), new.schema.get("additionalProperties")
        if before == after:
            return
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            self.into.terms(old.below(before), new.below(after), (*path, "*"))
        elif after is False:
            breaks = NARROWS if before is None else CHANGES
            self.into.add(path, "extras_forbidden", breaks, "undeclared fields are refused now")
        elif before is False:
            self.into.add(path, "extras_allowed", NONE if after is None else WIDENS, "undeclared fields are taken now")
        elif before is None:
            breaks = WIDENS if after is True else CHANGES
            self.into.add(path, "extras_allowed", breaks, "undeclared fields are kept now")
        else:
            breaks = WIDENS if before is True and after is None else CHANGES
            self.into.add(path, "extras_dropped", breaks, "undeclared fields are no longer kept as they were")


def _is_same(old: Term, new: Term) -> bool:
    return canonical(old) == canonical(new)


_ALL = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})


def _kinds(term: Term) -> frozenset[str]:
    """The JSON types of a schema's values, each number a boolean could be read as included."""
    kind = term.schema.get("type")
    values = _enumerated(term)
    if values is not None:
        return frozenset().union(*(_widened(_kind_of(json.loads(value))) for value in values))
    return _widened(kind) if isinstance(kind, str) else _ALL


def _widened(kind: str) -> frozenset[str]:
    return frozenset(_ORDER) if kind in _ORDER else frozenset({kind})


def _kind_of(value: object) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")


def _rank(kind: object) -> int:
    return _ORDER.index(kind) if isinstance(kind, str) and kind in _ORDER else -1


def _enumerated(term: Term) -> frozenset[str] | None:
    if "const" in term.schema:
        return frozenset({_text(term.schema["const"])})
    values = term.schema.get("enum")
    return frozenset(map(_text, values)) if isinstance(values, list) else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _words(terms: Iterable[Term]) -> str:
    return " or ".join(_each(terms)) or "nothing"


def _each(terms: Iterable[Term]) -> Iterator[str]:
    yield from dict.fromkeys(map(describe, terms))
