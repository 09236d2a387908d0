"""Does validating a value that was dumped give an object of its own, or one that cannot change?"""

from __future__ import annotations

from cwc.plan.types.model import (
    UNKNOWN,
    Choice,
    Fixed,
    Items,
    Mapping,
    Record,
    Scalar,
    Type,
    Union,
)

_REBUILT = ("list", "tuple", "set", "frozenset")


def rebuilds(value: Type, input: Type) -> bool:
    """Whether nothing that can change in a value of one type is in what an input of another makes of it.

    ``value`` is the type of a dump, so that its records are dicts, never instances. False where it cannot be told:
    what is unknown, validators of the user's own, types that hold themselves.
    """
    match value, input:
        case (Scalar() | Choice(), _):
            return True
        case Union(members), _:
            return all(rebuilds(member, input) for member in members)
        case _, Union(members):
            return all(rebuilds(value, member) for member in members)
        case _, Scalar() | Choice():
            return True
        case (Items() | Fixed(), Items() | Fixed()):
            return input.kind in _REBUILT and all(
                rebuilds(own, taken) for own in _items(value) for taken in _items(input)
            )
        case (Mapping() | Record(), Mapping(_, taken)):
            return all(rebuilds(own, taken) for own in _values(value))
        case (Mapping() | Record(), Record(_, fields, extra)):
            return extra != "allow" and all(
                rebuilds(_under(value, key), field.type) for field in fields for key in field.keys
            )
        case _:
            return False


def rebuilds_data(input: Type) -> bool:
    """Whether an input makes anew whatever is made of lists, dicts and values that cannot change."""
    match input:
        case Scalar() | Choice():
            return True
        case Union(members):
            return all(map(rebuilds_data, members))
        case Items() | Fixed():
            return input.kind in _REBUILT and all(map(rebuilds_data, _items(input)))
        case Mapping(key, value):
            return rebuilds_data(key) and rebuilds_data(value)
        case Record(_, fields, extra):
            return extra != "allow" and all(rebuilds_data(field.type) for field in fields)
        case _:
            return False


def _items(type_: Items | Fixed) -> tuple[Type, ...]:
    return (type_.item,) if isinstance(type_, Items) else type_.items


def _values(type_: Mapping | Record) -> tuple[Type, ...]:
    """The types of all that a dict holds, its keys included."""
    if isinstance(type_, Mapping):
        return type_.key, type_.value
    return (*(field.type for field in type_.fields), *([UNKNOWN] if type_.extra == "allow" else []))


def _under(type_: Mapping | Record, key: str) -> Type:
    """The type of what can be under a key; a scalar's where there is nothing."""
    if isinstance(type_, Mapping):
        return type_.value
    found = next((field.type for field in type_.fields if key in field.keys), None)
    if found is not None:
        return found
    return UNKNOWN if type_.extra == "allow" else Scalar("none")
