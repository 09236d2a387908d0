"""Values of generated types: fitting ones, as they are or to be coerced, and any others."""

from __future__ import annotations

import collections
import datetime
import decimal
import uuid
from collections.abc import Mapping, Sequence
from types import MappingProxyType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st

from tests.kinds import Colour, Counted, Inner, InnerChild, Keyed, Lasting, Lying, Named, Number, Open, Pair, Plain


class Listed(list[Any]):
    """A list that holds more than its items."""

    def __init__(self, items: list[Any]) -> None:
        super().__init__(items)
        self.more = [1]

    def __repr__(self) -> str:
        return f"Listed({list(self)}, {self.more})"


class Mapped(dict[str, Any]):
    """A dict that holds more than its entries."""

    def __init__(self, entries: Any = ()) -> None:
        super().__init__(entries)
        self.more = [1]

    def __repr__(self) -> str:
        return f"Mapped({dict(self)}, {self.more})"


class Token:
    """A key that can change."""

    def __init__(self) -> None:
        self.seen = [1]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Token)

    def __hash__(self) -> int:
        return 1

    def __repr__(self) -> str:
        return f"Token({self.seen})"


class Text(str):
    """A string that is more than that."""

    __slots__ = ()


class Count(int):
    """A number that is more than that."""


_plain_values = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 12), st.just(2**70), st.floats(width=16),
    st.text("abz1 \ud800", max_size=4),
    st.sampled_from([b"x", "2024-01-02", "1.5", "true", "red", "ONE", Colour.RED, Number.TWO, Named.A, 1.0, "3",
                     bytearray(b"q"), Text("a"), Count(3), "[1]", "cat", Pair(1),
                     decimal.Decimal("1.50"), uuid.UUID(int=7), datetime.date(2024, 1, 2), datetime.timedelta(days=1)]),
    st.builds(Inner, count=st.integers(0, 3)), st.builds(InnerChild, count=st.integers(0, 3)),
    st.builds(Open, count=st.integers(0, 3), other=st.integers(0, 3)), st.builds(Counted, count=st.integers(0, 3)),
    st.fixed_dictionaries({"count": st.integers(0, 3)}, optional={"label": st.text("ab", max_size=2), "x": st.none()}),
    st.builds(Lasting, count=st.integers(0, 3)), st.builds(Lying, count=st.integers(0, 3)),
    st.builds(Plain, count=st.integers(0, 3), items=st.just([1])),
    st.fixed_dictionaries({"kind": st.sampled_from(["cat", "dog"])}, optional={"bark": st.just("b")}),
    st.fixed_dictionaries({"value": st.integers(0, 3)}, optional={"rest": st.just([{"value": "2"}])}),
    st.fixed_dictionaries({"held": st.one_of(st.integers(0, 3), st.just({"count": 1}), st.just([]))}),
)  # fmt: skip

values = st.recursive(
    _plain_values,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.lists(inner, max_size=2).map(tuple),
        st.lists(inner, max_size=2).map(collections.deque),
        st.lists(inner, max_size=2).map(Listed),
        st.dictionaries(st.text("ab", max_size=1), inner, max_size=2).map(Mapped),
        st.builds(lambda each: {Token(): each}, inner),
        st.dictionaries(st.text("ab", max_size=1), inner, max_size=2).map(MappingProxyType),
        st.dictionaries(st.text("ab", max_size=1), inner, max_size=2).map(collections.OrderedDict),
        st.lists(st.integers(0, 3), max_size=2).map(set),
        st.lists(st.integers(0, 3), max_size=2).map(lambda each: Generated(each)),
        st.dictionaries(st.one_of(st.text("ab", max_size=1), st.integers(0, 2)), inner, max_size=2),
    ),
    max_leaves=4,
)


defaults = st.one_of(_plain_values, _plain_values.map(lambda value: [value]))


class Generated:
    """An iterator over its items, which is used up when it was read once: see `fresh`."""

    def __init__(self, items: list[int]) -> None:
        self.items = items
        self.left = iter(items)

    def __iter__(self) -> Generated:
        return self

    def __next__(self) -> int:
        return next(self.left)

    def __repr__(self) -> str:
        return f"Generated({self.items})"


def fresh(value: Any) -> Any:
    """A value with its iterators made anew, so that it can be validated twice."""
    if isinstance(value, Generated):
        return Generated(value.items)
    if type(value) in (list, tuple):
        return type(value)(map(fresh, value))
    if type(value) is dict:
        return {key: fresh(each) for key, each in value.items()}
    return value


def fitting(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type, as they are or as Pydantic takes them; of some types anything."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return fitting(arguments[0])
    if origin in (Union, UnionType):
        return st.one_of(*map(fitting, arguments))
    if origin in (list, Sequence, collections.deque) or (origin is tuple and arguments[-1:] == (...,)):
        return st.lists(fitting(arguments[0]), max_size=2).map(list if origin is Sequence else origin)
    if origin is tuple:
        return st.tuples(*map(fitting, arguments))
    if origin in (set, frozenset):
        return st.lists(fitting(arguments[0]), max_size=2).map(tuple)
    if origin in (dict, Mapping):
        return st.dictionaries(fitting(arguments[0]), fitting(arguments[1]), max_size=2)
    return _FITTING.get(kind, values)


_counts = st.one_of(st.integers(0, 3), st.sampled_from(["2", 1.0, True, Count(2), Number.ONE, Colour.RED]))
_FITTING: dict[Any, st.SearchStrategy[Any]] = {
    int: st.one_of(st.integers(-3, 12), _counts),
    float: st.one_of(st.floats(width=16), _counts),
    str: st.one_of(st.text("ab", max_size=2), st.sampled_from([Named.A, Text("b")])),
    bool: st.sampled_from([True, False, 1, "yes"]),
    type(None): st.none(),
    bytes: st.sampled_from([b"x", "y"]),
    datetime.date: st.sampled_from([datetime.date(2024, 1, 2), "2024-01-02"]),
    decimal.Decimal: st.sampled_from([decimal.Decimal("1.50"), "1.5", 2]),
    Colour: st.sampled_from([Colour.RED, "blue"]),
    Named: st.sampled_from([Named.A, "a"]),
    Literal["red", 1]: st.sampled_from(["red", 1]),
    Keyed: st.fixed_dictionaries({"count": _counts}, optional={"label": st.text("ab", max_size=1), "x": st.none()}),
    Plain: st.fixed_dictionaries({"count": _counts}, optional={"items": st.lists(_counts, max_size=2)}),
    Pair: st.one_of(st.tuples(_counts), st.fixed_dictionaries({"number": _counts}), st.builds(Pair, _counts)),
    Lasting: st.one_of(st.fixed_dictionaries({"count": _counts}), st.builds(Lasting, count=st.integers(0, 3))),
    Lying: st.fixed_dictionaries({"count": _counts}),
    Inner: st.one_of(
        st.fixed_dictionaries({"count": _counts}, optional={"label": st.text("ab", max_size=1), "x": st.none()}),
        st.fixed_dictionaries({"count": _counts}),
        st.builds(Inner, count=st.integers(0, 3)),
        st.builds(InnerChild, count=st.integers(0, 3)),
    ),
}
