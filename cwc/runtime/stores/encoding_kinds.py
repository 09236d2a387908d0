"""The classes of values that JSON has no form for: each with a tag, what it is taken apart into, and the way back."""

from __future__ import annotations

import base64
import dataclasses
import ipaddress
import pathlib
import re
import sys
import uuid
import zoneinfo
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

from pydantic import AnyUrl, BaseModel, ByteSize, PostgresDsn, SecretBytes, SecretStr
from pydantic_core import MultiHostUrl, TzInfo, Url

from cwc.runtime.stores.not_kept import NotKept


@dataclasses.dataclass(frozen=True, slots=True)
class Kind:
    """How values of one class are recorded: ``apart`` gives simpler values, ``again`` makes the same value of them."""

    tag: str
    apart: Callable[[Any], Any]
    again: Callable[[Any], Any]


def kind_of(value: object) -> Kind:
    """How a value is recorded. Raises NotKept where there is no way."""
    found = _KINDS.get(type(value))
    if found is not None:
        return found
    for base, kind in _FAMILIES:
        if isinstance(value, base):
            return kind
    if dataclasses.is_dataclass(value):
        return _DATACLASS
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return _NAMED_TUPLE
    if hasattr(value, "__next__"):
        raise NotKept("an iterator would be used up by recording it")
    raise NotKept(f"there is no way to record a {type(value).__module__}.{type(value).__qualname__}")


def kind_named(tag: str) -> Kind:
    """The kind with this tag. Raises KeyError."""
    return _TAGS[tag]


def reference_to(cls: type) -> str:
    """``module:qualname`` of a class. Raises NotKept for one that is not found by it."""
    reference = f"{cls.__module__}:{cls.__qualname__}"
    try:
        found = class_at(reference)
    except LookupError:
        found = None
    if found is not cls:
        raise NotKept(f"class {cls.__qualname__!r} is not found under its name in module {cls.__module__!r}")
    return reference


def class_at(reference: str) -> type:
    """The class at a reference, in a module that is loaded already: what a store says is never imported.

    Raises LookupError.
    """
    module, _, path = reference.partition(":")
    found: Any = sys.modules.get(module)
    for name in path.split("."):
        found = getattr(found, name, None)
    if not isinstance(found, type):
        raise LookupError(f"there is no class {reference!r}")
    return found


def _class_of(reference: str, base: type) -> Any:
    found = class_at(reference)
    if not issubclass(found, base):
        raise LookupError(f"class {reference!r} is no {base.__name__} any more")
    return found


def _enum_apart(member: Enum) -> list[Any]:
    name = member.name
    by_name = type(member).__members__.get(name) is member if isinstance(name, str) else False
    return [reference_to(type(member)), by_name, name if by_name else member.value]


def _enum_again(parts: list[Any]) -> Enum:
    reference, by_name, key = parts
    cls = _class_of(reference, Enum)
    member: Enum = cls[key] if by_name else cls(key)
    return member


_MODEL_STATE = ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")


def _model_apart(model: BaseModel) -> list[Any]:
    return [reference_to(type(model)), *(getattr(model, name) for name in _MODEL_STATE)]


def _model_again(parts: list[Any]) -> BaseModel:
    # Not by its validators: what they made of the input is what is recorded.
    cls = _class_of(parts[0], BaseModel)
    model: BaseModel = cls.__new__(cls)
    model.__setstate__(dict(zip(_MODEL_STATE, parts[1:], strict=True)))
    return model


def _dataclass_apart(value: Any) -> list[Any]:
    names = [field.name for field in dataclasses.fields(value) if hasattr(value, field.name)]
    fields = {name: getattr(value, name) for name in names}
    return [reference_to(type(value)), {**fields, **getattr(value, "__dict__", {})}]


def _dataclass_again(parts: list[Any]) -> Any:
    cls: Any = class_at(parts[0])
    if not hasattr(cls, "__dataclass_fields__"):
        raise LookupError(f"class {parts[0]!r} is no dataclass any more")
    value = object.__new__(cls)
    for name, field in parts[1].items():
        object.__setattr__(value, name, field)
    return value


def _named_tuple_again(parts: list[Any]) -> Any:
    return _class_of(parts[0], tuple)._make(parts[1])


def _url_again(parts: list[Any]) -> Any:
    cls: Any = class_at(parts[0])
    if not issubclass(cls, _URLS):
        raise LookupError(f"class {parts[0]!r} is no URL any more")
    return cls(parts[1])


def _datetime_again(parts: list[Any]) -> datetime:
    text, fold, zone = parts
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


def _time_again(parts: list[Any]) -> time:
    text, fold, zone = parts
    return time.fromisoformat(text).replace(tzinfo=zone, fold=fold)


def _offset_of(zone: TzInfo) -> float:
    offset = zone.utcoffset(None)
    assert offset is not None
    return offset.total_seconds()


def _timezone_apart(zone: timezone) -> list[Any]:
    # With a name where it was given one, which comparison leaves out.
    arguments: tuple[Any, ...] = zone.__getinitargs__()  # type: ignore[attr-defined]
    return list(arguments)


def _zone_key(zone: zoneinfo.ZoneInfo) -> str:
    if zone.key is None:
        raise NotKept("the time zone has no name")
    return zone.key


def _factory_of(value: defaultdict[Any, Any]) -> list[Any]:
    return [value.default_factory, dict(value)]


def _secret(again: Callable[[Any], Any]) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    return lambda secret: secret.get_secret_value(), again


def _unbase64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


_KINDS: dict[type, Kind] = {
    tuple: Kind("tuple", list, tuple),
    set: Kind("set", list, set),
    frozenset: Kind("frozenset", list, frozenset),
    bytes: Kind("bytes", lambda value: base64.b64encode(value).decode(), _unbase64),
    bytearray: Kind("bytearray", bytes, bytearray),
    complex: Kind("complex", lambda value: [value.real, value.imag], lambda parts: complex(*parts)),
    datetime: Kind(
        "datetime", lambda value: [value.replace(tzinfo=None).isoformat(), value.fold, value.tzinfo], _datetime_again
    ),
    date: Kind("date", date.isoformat, date.fromisoformat),
    time: Kind("time", lambda value: [value.replace(tzinfo=None).isoformat(), value.fold, value.tzinfo], _time_again),
    timedelta: Kind(
        "timedelta", lambda value: [value.days, value.seconds, value.microseconds], lambda parts: timedelta(*parts)
    ),
    timezone: Kind("timezone", _timezone_apart, lambda parts: timezone(*parts)),
    TzInfo: Kind("tzinfo", _offset_of, TzInfo),
    zoneinfo.ZoneInfo: Kind("zoneinfo", _zone_key, zoneinfo.ZoneInfo),
    Decimal: Kind("decimal", str, Decimal),
    Fraction: Kind("fraction", lambda value: [value.numerator, value.denominator], lambda parts: Fraction(*parts)),
    uuid.UUID: Kind("uuid", str, uuid.UUID),
    ByteSize: Kind("bytesize", int, ByteSize),
    range: Kind("range", lambda value: [value.start, value.stop, value.step], lambda parts: range(*parts)),
    re.Pattern: Kind("pattern", lambda value: [value.pattern, int(value.flags)], lambda parts: re.compile(*parts)),
    deque: Kind("deque", lambda value: [list(value), value.maxlen], lambda parts: deque(*parts)),
    OrderedDict: Kind("ordereddict", dict, OrderedDict),
    Counter: Kind("counter", dict, Counter),
    defaultdict: Kind("defaultdict", _factory_of, lambda parts: defaultdict(*parts)),
    Url: Kind("url", str, Url),
    MultiHostUrl: Kind("multihosturl", str, MultiHostUrl),
    SecretStr: Kind("secretstr", *_secret(SecretStr)),
    SecretBytes: Kind("secretbytes", *_secret(SecretBytes)),
    type: Kind("class", reference_to, class_at),
} | {
    cls: Kind(cls.__name__.lower(), str, cls)
    for cls in (
        pathlib.PurePosixPath,
        pathlib.PureWindowsPath,
        type(pathlib.Path()),
        ipaddress.IPv4Address,
        ipaddress.IPv6Address,
        ipaddress.IPv4Interface,
        ipaddress.IPv6Interface,
        ipaddress.IPv4Network,
        ipaddress.IPv6Network,
    )
}
_DATACLASS = Kind("dataclass", _dataclass_apart, _dataclass_again)
_NAMED_TUPLE = Kind("namedtuple", lambda value: [reference_to(type(value)), list(value)], _named_tuple_again)
_URL_CLASS = Kind("urlclass", lambda value: [reference_to(type(value)), str(value)], _url_again)
_URLS = (AnyUrl, *PostgresDsn.__bases__)
_FAMILIES: tuple[tuple[type, Kind], ...] = (
    (Enum, Kind("enum", _enum_apart, _enum_again)),
    (BaseModel, Kind("model", _model_apart, _model_again)),
    (type, _KINDS[type]),
    *((base, _URL_CLASS) for base in _URLS),
)
_TAGS = {kind.tag: kind for kind in (*_KINDS.values(), _DATACLASS, _NAMED_TUPLE, *(kind for _, kind in _FAMILIES))}
