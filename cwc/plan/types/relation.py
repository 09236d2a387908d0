"""Does an input take every value of a type? SEMANTICS A 5, sound for Pydantic's lax validation."""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from cwc.plan.types.model import (
    Checked,
    Choice,
    Fixed,
    Instance,
    Items,
    Mapping,
    Record,
    RecordField,
    Ref,
    Scalar,
    Type,
    Union,
    Unknown,
    resolved,
)
from cwc.plan.types.scalars import CLASSES, VERDICTS, Verdict, choice_verdict, scalar_verdict, value_verdict
from cwc.plan.types.words import describe


@dataclass(frozen=True, slots=True)
class Relation:
    """The verdict on a type and an input, and what would be refused, or change its class.

    ``reason`` names the part of the type, empty where everything is taken as it is; ``path`` leads from the value to
    where it stands, as in ``.items[].price``.
    """

    verdict: Verdict
    reason: str = ""
    path: str = ""

    def __str__(self) -> str:
        return f"{self.reason} at {self.path}" if self.path else self.reason

    @property
    def takes_all(self) -> bool:
        return self.verdict in ("fits", "coerces")


FITS = Relation("fits")
_SHOWN = 4
"""Reasons."""


def relate(value: Type, input: Type) -> Relation:
    """What becomes of the values of one type in an input of another."""
    return _Relating().relate(value, input)


@dataclass(slots=True)
class _Relating:
    """One question. ``known`` are the pairs of types that hold themselves: those in question are taken to fit."""

    known: dict[tuple[int, int], Relation] = field(default_factory=dict)

    def relate(self, value: Type, input: Type) -> Relation:
        if not isinstance(value, Ref) and not isinstance(input, Ref):
            return self._relate(value, input)
        value, input = resolved(value), resolved(input)
        pair = (id(value), id(input))
        if pair not in self.known:
            self.known[pair] = FITS
            self.known[pair] = self._relate(value, input)
        return self.known[pair]

    def _relate(self, value: Type, input: Type) -> Relation:
        match value, input:
            case (Unknown(), _) | (_, Unknown()):
                return FITS
            case _, Checked(inner):
                return self.relate(value, inner)
            case Checked(inner), _:
                return self.relate(inner, input)
            case Union(members), _:
                return _any_of([self.relate(member, input) for member in members])
            case Scalar("bool"), Choice() | Union():
                return self.relate(Choice((True, False)), input)
            case Scalar("none"), Choice():
                return self.relate(Choice((None,)), input)
            case Choice(values), _ if len(values) > 1:
                return self._of_choice(value, input)
            case _, Union(members):
                return _best([self.relate(value, member) for member in members], value, input)
            case _:
                return self._of_one(value, input)

    def _of_choice(self, value: Choice, input: Type) -> Relation:
        if isinstance(input, Choice) and input.enum is not None and input.enum is value.enum:
            return FITS
        return _any_of([self.relate(replace(value, values=(each,)), input) for each in value.values])

    def _of_one(self, value: Type, input: Type) -> Relation:
        """A type that is no union, and an input that is none."""
        match value, input:
            case Scalar(), Scalar():
                return _refusing(scalar_verdict(value, input), value, input)
            case Scalar(), Choice():
                return _refusing(choice_verdict(value, input), value, input)
            case Choice(values=(one,)), Scalar() | Choice():
                return _refusing(value_verdict(one, input), value, input)
            case _, Instance():
                return _of_class(value, input)
            case Instance(), _:
                return _of_instance(value, input)
            case Items() | Fixed(), Items() | Fixed():
                return self._items(value, input)
            case Mapping(), Mapping():
                return _worst([self._below("(key)", value.key, input.key), self._below("[]", value.value, input.value)])
            case Record(), Mapping():
                return self._record_as_mapping(value, input)
            case Mapping(), Record():
                return self._mapping_as_record(value, input)
            case Record(), Record():
                return self._records(value, input)
            case _:
                return _refusing("mismatch", value, input)

    def _below(self, path: str, value: Type, input: Type) -> Relation:
        found = self.relate(value, input)
        return replace(found, path=path + found.path)

    def _items(self, value: Items | Fixed, input: Items | Fixed) -> Relation:
        own = _refusing(_container_verdict(value, input), value, input)
        if own.verdict == "mismatch":
            return own
        given = value.items if isinstance(value, Fixed) else (value.item,)
        taken = input.items if isinstance(input, Fixed) else (input.item,)
        if input.kind in ("set", "frozenset"):
            kept = [_hashable_part(each) for each in (given if isinstance(taken[0], Unknown) else taken)]
            if None in kept:
                return Relation("mismatch", f"`{describe(value)}`, whose items cannot be in a set")
            taken = taken if isinstance(taken[0], Unknown) else tuple(each for each in kept if each is not None)
        pairs = zip(given, taken, strict=True) if len(given) == len(taken) else [(g, t) for g in given for t in taken]
        found = [self._below("[]", each, other) for each, other in pairs]
        return _worst([own, *found])

    def _record_as_mapping(self, value: Record, input: Mapping) -> Relation:
        found = []
        for each in value.fields:
            found.append(self._below(f".{each.keys[0]}", Choice(each.keys), input.key))
            found.append(self._below(f".{each.keys[0]}", each.type, input.value))
        return _worst(found)

    def _mapping_as_record(self, value: Mapping, input: Record) -> Relation:
        if input.instances_only:
            return _refusing("mismatch", value, input)
        possible = [each for each in input.fields if self._can_be_key(value.key, each)]
        required = [each for each in input.fields if each.required]
        if not all(each in possible for each in required):
            return _refusing("mismatch", value, input)
        found = [self._perhaps(each, value.value) for each in possible]
        lacking = [Relation("narrows", f"`{describe(value)}` without {each.keys[0]!r}") for each in required[:1]]
        texts = self.relate(value.key, Scalar("str", strict=True)).verdict == "fits"
        if not lacking and (input.extra == "forbid" or (input.extra == "allow" and not texts)):
            lacking = [Relation("narrows", f"`{describe(value)}` with keys that {input.name!r} does not know")]
        return _worst([*lacking, *found])

    def _can_be_key(self, key: Type, each: RecordField) -> bool:
        return any(self.relate(Choice((name,)), key).verdict == "fits" for name in each.keys)

    def _perhaps(self, each: RecordField, value: Type) -> Relation:
        """What becomes of a value that stands under a key, if the key is there."""
        found = self._below(f".{each.keys[0]}", value, each.type)
        return found if each.required or found.verdict != "mismatch" else replace(found, verdict="narrows")

    def _records(self, value: Record, input: Record) -> Relation:
        if input.instances_only:
            return _refusing("mismatch", value, input)
        given = {each.keys[0]: each for each in value.fields}
        found: list[Relation] = []
        for each in input.fields:
            found += self._filled(value, given, each, input)
        taken = {key for each in input.fields for key in each.keys}
        for key, each in given.items() if input.extra == "forbid" else ():
            if key not in taken:
                verdict: Verdict = "mismatch" if each.required else "narrows"
                found.append(Relation(verdict, f"`{value.name}`, for {input.name!r} has no {key!r}"))
        if input.extra == "forbid" and value.extra == "allow":
            found.append(Relation("narrows", f"`{value.name}` with keys that {input.name!r} does not know"))
        return _worst(found)

    def _filled(
        self, value: Record, given: dict[str, RecordField], each: RecordField, input: Record
    ) -> Iterable[Relation]:
        """What becomes of one key of an input."""
        fills = [given[key] for key in each.keys if key in given]
        for other in fills[:1] if fills and fills[0].required else fills:
            yield self._below(f".{other.keys[0]}", other.type, each.type)
        if each.required and not any(other.required for other in fills):
            possible = fills or value.extra == "allow" or _is_subclass(input.cls, value.cls)
            reason = f"`{value.name}`" + (
                f" without {each.keys[0]!r}" if possible else f", which has no {each.keys[0]!r}"
            )
            yield Relation("narrows" if possible else "mismatch", reason)


def _refusing(verdict: Verdict, value: Type, input: Type) -> Relation:
    return FITS if verdict == "fits" else Relation(verdict, f"`{describe(value)}`")


def _worst(found: Sequence[Relation]) -> Relation:
    """Of parts that must all be taken."""
    return max(found, key=lambda each: VERDICTS.index(each.verdict), default=FITS)


def _best(found: Sequence[Relation], value: Type, input: Type) -> Relation:
    """Of inputs one of which must take the value."""
    best = min(found, key=lambda each: VERDICTS.index(each.verdict))
    return best if best.takes_all or len(found) == 1 else replace(best, reason=best.reason or f"`{describe(value)}`")


def _any_of(found: Sequence[Relation]) -> Relation:
    """Of values any of which can come."""
    refused = [each for each in found if not each.takes_all]
    if not refused or len(found) == 1:
        return _worst(found)
    always = len(refused) == len(found) and all(each.verdict == "mismatch" for each in found)
    reasons = list(dict.fromkeys(map(str, refused)))
    shown = ", ".join(reasons[:_SHOWN]) + ", …" * (len(reasons) > _SHOWN)
    return Relation("mismatch" if always else "narrows", shown)


def _container_verdict(value: Items | Fixed, input: Items | Fixed) -> Verdict:
    """Of containers alone, whatever their items."""
    if value.kind != input.kind and input.strict:
        return "mismatch"
    if not isinstance(input, Fixed):
        return "fits" if value.kind == input.kind else "coerces"
    if isinstance(value, Fixed):
        same = len(value.items) == len(input.items)
        return "mismatch" if not same else "fits" if value.kind == input.kind else "coerces"
    return "narrows" if value.kind == input.kind else "mismatch"


def _hashable_part(item: Type) -> Type | None:
    """What of a type can be in a set."""
    match resolved(item):
        case Items(kind) if kind in ("list", "set", "deque"):
            return None
        case Items(item=inner):
            return item if _hashable_part(inner) else None
        case Fixed(items=items):
            return item if all(map(_hashable_part, items)) else None
        case Record(cls=cls):
            return None if cls is None or cls.__hash__ is None or issubclass(cls, dict) else item
        case Mapping():
            return None
        case Union(members):
            kept = [each for each in map(_hashable_part, members) if each is not None]
            return Union(tuple(kept)) if kept else None
        case Checked(inner):
            return item if _hashable_part(inner) else None
        case _:
            return item


def _of_class(value: Type, input: Instance) -> Relation:
    """Of an input that takes the instances of a class."""
    cls = _class_of(value)
    if cls is None or not _has_plain_instances(input.cls):
        return FITS
    if isinstance(value, Choice):
        return FITS if isinstance(value.values[0], input.cls) else _refusing("mismatch", value, input)
    verdict: Verdict = "narrows" if _is_subclass(input.cls, cls) else "mismatch"
    return FITS if issubclass(cls, input.cls) else _refusing(verdict, value, input)


def _of_instance(value: Instance, input: Type) -> Relation:
    """Of instances of a class that Pydantic knows nothing of, and that does not pass for what it knows."""
    passes = issubclass(value.cls, (*CLASSES.values(), Iterable)) or any(
        hasattr(value.cls, name) for name in ("__float__", "__index__", "__complex__")
    )
    if isinstance(input, Record):
        passes = input.attributes or value.cls is input.cls or _is_subclass(value.cls, input.cls)
    return FITS if passes else _refusing("mismatch", value, input)


def _class_of(value: Type) -> type | None:
    match value:
        case Scalar(name):
            return CLASSES[name]
        case Instance(cls):
            return cls
        case Choice(values):
            return type(values[0])
        case Items(kind) | Fixed(kind):
            return {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset, "deque": deque}[kind]
        case Mapping() | Record():
            return dict
        case _:
            return None


def _is_subclass(cls: type | None, of: type | None) -> bool:
    return cls is not None and of is not None and cls is not of and of in inspect.getmro(cls)


def _has_plain_instances(cls: type) -> bool:
    """Whether being an instance of a class is a matter of its ancestors alone, and asking runs no code of users."""
    return type(cls).__instancecheck__ is type.__instancecheck__ or cls.__module__ == "collections.abc"
