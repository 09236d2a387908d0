"""The types of values that stand in a flow file."""

from __future__ import annotations

from cwc.plan.types.model import NONE, Choice, Fixed, Items, Mapping, Record, RecordField, Type, union_of


def type_of_constant(value: object) -> Type:
    """The type of exactly one value."""
    match value:
        case None:
            return NONE
        case list():
            return Fixed("list", tuple(map(type_of_constant, value)))
        case tuple():
            return Fixed("tuple", tuple(map(type_of_constant, value)))
        case set() if value:
            return Items("set", union_of([type_of_constant(each) for each in value]))
        case dict() if all(isinstance(key, str) for key in value):
            fields = tuple(RecordField((key,), type_of_constant(each), True) for key, each in value.items())
            return Record("dict", fields)
        case dict():
            keys, values = ([type_of_constant(each) for each in part] for part in (value.keys(), value.values()))
            return Mapping(union_of(keys), union_of(values))
        case _:
            return Choice((value,))
