"""What is recorded comes back equal, with the types that it had; and what cannot is refused when it is written."""

from __future__ import annotations

import base64
import copy
import dataclasses
import enum
import json
import math
import re
import sys
import threading
from collections import Counter, OrderedDict, defaultdict, deque
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Network
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    AnyUrl,
    BaseModel,
    ByteSize,
    ConfigDict,
    Field,
    HttpUrl,
    PostgresDsn,
    PrivateAttr,
    SecretBytes,
    SecretStr,
)
from pydantic_core import TzInfo, Url

from cwc.runtime.stores.encoding import UndecodableError, decode, encode
from cwc.runtime.stores.not_kept import NotKept


class Colour(enum.Enum):
    RED = "red"
    ROUGE = "red"
    ODD = object()


class Size(enum.IntEnum):
    SMALL = 1


class Word(enum.StrEnum):
    ONE = "one"


class Rights(enum.Flag):
    READ = 1
    WRITE = 2


class Point(NamedTuple):
    x: int
    y: Any


@dataclasses.dataclass
class Plain:
    one: int
    two: Any = dataclasses.field(default=None, compare=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Slotted:
    one: Any


class Model(BaseModel):
    model_config = ConfigDict(extra="allow")

    value: int = Field(default=0, gt=-5, validation_alias="v")
    other: Any = None
    _hidden: int = PrivateAttr(default=7)


class Nothing:
    """A class of which no value can be recorded."""


ZONES = st.sampled_from(
    [
        None, UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(seconds=-1), "odd"), TzInfo(0),
        TzInfo(-3600), ZoneInfo("Europe/Berlin"), ZoneInfo("UTC"),
    ]
)  # fmt: skip
FOLDS = st.sampled_from((0, 1))
TEXTS = st.text(st.characters() | st.characters(categories=["Cs"]))
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from((2**63, -(2**63), 2**63 - 1)),
    st.integers(60, 40_000).map(lambda bits: 1 << bits),
    st.floats(),
    st.sampled_from((-0.0, math.inf, math.nan, 5e-324)),
    TEXTS,
    st.sampled_from(("$", "\ud83d\ude00", "\ud800", "\x00", "é")),
    st.binary(),
    st.complex_numbers(),
    st.dates(),
    st.builds(lambda moment, zone, fold: moment.replace(tzinfo=zone, fold=fold), st.datetimes(), ZONES, FOLDS),
    st.builds(lambda moment, fold: moment.replace(fold=fold), st.times(), FOLDS),
    st.builds(lambda moment, zone: moment.replace(tzinfo=zone), st.times(), ZONES),
    st.timedeltas(),
    st.decimals(allow_nan=True),
    st.sampled_from((Decimal("sNaN12"), Decimal("-0.00"), Decimal("1E+9999"))),
    st.fractions(),
    st.uuids(),
    st.sampled_from([*Rights, Rights.READ | Rights.WRITE, Rights(0)]),
    st.sampled_from((Colour.RED, Colour.ROUGE, Colour.ODD, Size.SMALL, Word.ONE)),
    st.sampled_from((Path("a/b"), PurePosixPath("/x"), PureWindowsPath("c:\\x"), Path("\udcff"))),
    st.sampled_from((IPv4Address("1.2.3.4"), IPv6Address("::1"), IPv4Interface("1.2.3.4/8"), IPv6Network("::/64"))),
    st.sampled_from((range(3), range(9, 1, -2), re.compile("a+", re.I), re.compile(b"a"), ByteSize(12), int, Model)),
    st.sampled_from((AnyUrl("http://a.b/c?d#e"), HttpUrl("https://ü.de"), Url("ftp://x/"), TzInfo(60))),
    st.sampled_from((PostgresDsn("postgres://u:p@a,b/c"), ZoneInfo("Asia/Tokyo"), timezone(timedelta(hours=1)))),
)  # fmt: skip


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


HASHABLE = SCALARS.filter(lambda value: _hashable(value) and not (isinstance(value, Decimal) and value.is_snan()))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(TEXTS, inner, max_size=4),
        st.dictionaries(HASHABLE, inner, max_size=4),
        st.dictionaries(st.sampled_from(("$", "a", "/~")), inner, max_size=3),
        st.sets(HASHABLE, max_size=4),
        st.frozensets(HASHABLE, max_size=4),
        st.lists(inner, max_size=3).map(lambda items: deque(items, 5)),
        st.dictionaries(TEXTS, inner, max_size=2).map(OrderedDict),
        st.dictionaries(TEXTS, inner, max_size=2).map(lambda items: defaultdict(list, items)),
        st.lists(st.sampled_from("abc")).map(Counter),
        st.binary().map(bytearray),
        st.builds(Point, st.integers(), inner),
        st.builds(Plain, st.integers(), inner),
        st.builds(Slotted, inner),
        st.builds(lambda one, extra: Model.model_validate({"v": one, "spare": extra}), st.integers(-4, 9), inner),
    ),
    max_leaves=12,
)


def same(one: Any, other: Any) -> bool:
    """Told in another way than the encoding tells it."""
    if type(one) is not type(other):
        return False
    match one:
        case float() | Decimal() | complex():
            return repr(one) == repr(other)
        case datetime() | time():
            zones = (repr(one.tzinfo), one.fold) == (repr(other.tzinfo), other.fold)
            return zones and one.replace(tzinfo=None) == other.replace(tzinfo=None)
        case dict():
            factories = [getattr(each, "default_factory", None) for each in (one, other)]
            return factories[0] is factories[1] and same([*one.items()], [*other.items()])
        case deque():
            return one.maxlen == other.maxlen and same([*one], [*other])
        case list() | tuple():
            return len(one) == len(other) and all(map(same, one, other))
        case set() | frozenset():
            left = list(other)
            for item in one:
                found = [at for at, candidate in enumerate(left) if same(item, candidate)]
                if not found:
                    return False
                del left[found[0]]
            return not left
        case BaseModel():
            names = ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
            return all(same(getattr(one, name), getattr(other, name)) for name in names)
        case Plain():
            return same(vars(one), vars(other))
        case Slotted():
            return same(one.one, other.one)
        case _:
            return bool(one == other)


@given(VALUES)
def test_round_trip(value: Any) -> None:
    before = copy.deepcopy(value)
    text = encode(value)
    text.encode()
    again = decode(text)
    assert same(before, again), text
    assert same(before, value)
    assert encode(again) == text or "set" in text


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.tuples(inner)), st.text())
def test_a_pointer_leads_to_what_cannot_be_recorded(value: Any, key: str) -> None:
    hidden = {"a": [value, {key: (1, Nothing())}]}
    with pytest.raises(NotKept, match="Nothing") as caught:
        encode(hidden)
    escaped = key.replace("~", "~0").replace("/", "~1")
    assert caught.value.pointer == f"/a/1/{escaped}/1"


@dataclasses.dataclass
class Unfindable:
    one: int = 1


Unfindable.__qualname__ = "Renamed"


def _local() -> Any:
    class Local(BaseModel):
        one: int = 1

    return Local()


def _circle() -> Any:
    circle: list[Any] = []
    circle.append(circle)
    return circle


def _deep() -> Any:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    return deep


class Text(str):
    """A class of which a plain string would come back."""


class Whole(int):
    pass


@pytest.mark.parametrize(
    "value",
    [
        Nothing(), Unfindable(), _local(), _circle(), _deep(), Text("a"), Whole(1), threading.Lock(), iter([1]),
        len, lambda: 1, Nothing, sys, defaultdict(lambda: 1), {Nothing(): 1}, {"a": {1: {2, Text("b")}}},
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_would_not_come_back_is_refused(value: Any) -> None:
    if value is Nothing:
        assert decode(encode(value)) is Nothing
        return
    with pytest.raises(NotKept):
        encode({"x": value})


@pytest.mark.parametrize("secret", [SecretStr("s3cret"), SecretBytes(b"s3cret")])
def test_secrets_are_recorded_on_demand_only(secret: Any) -> None:
    with pytest.raises(NotKept, match="store_secrets") as caught:
        encode({"a": {"b": secret}})
    assert caught.value.pointer == "/a/b"
    assert "s3cret" not in str(caught.value)
    again = decode(encode({"b": secret}, store_secrets=True))["b"]
    assert again == secret
    assert again.get_secret_value() == secret.get_secret_value()


def test_validators_are_not_run_again() -> None:
    model = Model.model_validate({"v": 3})
    model.__dict__["value"] = -100
    assert decode(encode(model)).value == -100


@pytest.mark.parametrize(
    "text",
    [
        "", "{", '{"$":["nothing",1]}', '{"$":1}', '{"$":["date","x"]}', "[" * 100_000,
        '{"$":["model",["os:nothing",{}]]}', '{"$":["class","subprocess_of_nobody:Popen"]}',
        '{"$":["urlclass",["subprocess:Popen","true"]]}', '{"$":["enum",["builtins:int",true,"real"]]}',
        '{"$":["dataclass",["builtins:int",{}]]}', '{"$":["model",["builtins:dict",1,2,3,4]]}',
        '{"$":["namedtuple",["builtins:list",[]]]}',
    ],
)  # fmt: skip
def test_a_text_that_is_none_of_ours_is_refused(text: str) -> None:
    with pytest.raises(UndecodableError):
        decode(text)


def test_decoding_imports_nothing() -> None:
    sys.modules.pop("turtledemo", None)
    with pytest.raises(UndecodableError):
        decode('{"$":["class","turtledemo:nothing"]}')
    assert "turtledemo" not in sys.modules


def test_plain_json_stands_as_itself() -> None:
    value = {"a": [1, 2.5, None, True, "é"], "b": {"c": {}}}
    assert json.loads(encode(value)) == value
    assert encode(b"ab") == f'{{"$":["bytes","{base64.b64encode(b"ab").decode()}"]}}'
    assert decode(encode((UUID(int=5), date(2020, 1, 1)))) == (UUID(int=5), date(2020, 1, 1))
