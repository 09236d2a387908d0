"""Models that are plain but for one thing, each by a name that says which, and raw outputs for them."""

from __future__ import annotations

import datetime
import decimal
import warnings
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from hypothesis import strategies as st
from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field, create_model

from tests.kind_values import Generated, Text, fitting, values
from tests.kinds import HASHED, MODELS, PLAIN, SCALARS, Colour, Inner, Lasting, Named, Number
from tests.models import BASES, CONFIGS, EXTRAS

WRAPPED: tuple[Any, ...] = (
    list[int], list[Inner], dict[str, Inner], dict[int, int], tuple[int, ...], tuple[int, Inner], set[int],
    frozenset[str], Inner | None, int | None, int | str, str | int | float | bool, str | datetime.date,
    decimal.Decimal | float, int | decimal.Decimal, Inner | int, Inner | Lasting, list[int] | int, dict[str, Any],
    Annotated[int | str, Field(union_mode="left_to_right")], Annotated[list[int], Field(max_length=1)],
    Annotated[int, Field(ge=2)] | decimal.Decimal | float, dict[str, list[Inner]], list[Any], set[Colour],
)  # fmt: skip
KINDS: tuple[Any, ...] = (*PLAIN, *SCALARS, *MODELS, *WRAPPED, Any)
"""Types of every make, to be told by their numbers: the names of some have addresses in them."""
OPTIONS: dict[str, dict[str, Any]] = {
    "alias": {"alias": "other"},
    "validation alias": {"validation_alias": AliasChoices("other", AliasPath("deep", 0))},
    "serialization alias": {"serialization_alias": "shown"},
    "exclude": {"exclude": True},
    "exclude if": {"exclude_if": lambda value: value == 1},
    "default": {"default": 1},
    "validated default": {"default": "1", "validate_default": True},
    "frozen": {"frozen": True},
    "strict": {"strict": True},
    "title": {"title": "X"},
    "description": {"description": "It is said of it."},
    "factory": {"default_factory": lambda: 5},
    "factory of the data": {"default_factory": lambda data: len(data)},
    "deprecated": {"deprecated": True},
}
DEFAULTS: tuple[Any, ...] = (
    None, 1, 0, True, 1.5, float("nan"), "x", "", b"x", (), [], {}, [1], set(), frozenset(), Colour.RED, Named.A,
    Number.ONE, Text("x"), decimal.Decimal(1), datetime.date(2024, 1, 2), Inner(count=1), {"count": 1},
)  # fmt: skip
DEFAULTED: tuple[Any, ...] = (
    int, float, str, bool, bytes, decimal.Decimal, Colour, Named, Number, Literal["x", 1], Inner, Inner | None,
    Lasting, Lasting | None,
    list[int], dict[str, int], set[int], tuple[int, ...], int | str, str | None, datetime.date | None, *HASHED,
)  # fmt: skip
FACTORIES: tuple[Any, ...] = (list, dict, set, Inner, lambda: [], lambda: [1], tuple)


def _made(kind: Any = int, field: Any = ..., **settings: Any) -> type[BaseModel]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made: type[BaseModel] = create_model("Nearly", **settings, a=(int, 2), x=(kind, field), item=(Inner, ...))
    return made


def _told() -> Iterator[tuple[str, type[BaseModel]]]:
    yield "nothing", _made()
    for number, kind in enumerate(KINDS):
        yield f"type {number}", _made(kind)
    for told, options in OPTIONS.items():
        yield told, _made(field=Field(**options))
    for number, config in enumerate(CONFIGS):
        yield f"config {number}", _made(__config__=config)
        yield f"config {number} of strings", _made(str, __config__=config)
        nested: type[BaseModel] = create_model("Nested", __config__=config, count=(int, 1), label=(str, "A"))
        yield f"config {number} of a model in it", _made(nested)
    for base in BASES:
        yield f"base {base.__name__}", _made(__base__=base)
    for number, extra in enumerate(EXTRAS):
        yield f"decorated {number}", _made(__config__=ConfigDict(), __validators__=extra)


NEARLY_PLAIN: dict[str, type[BaseModel]] = dict(_told())


def defaulted() -> Iterator[type[BaseModel]]:
    """Models with any default of any type."""
    for kind in DEFAULTED:
        for default in DEFAULTS:
            yield _made(kind, Field(default=default))
        for factory in FACTORIES:
            yield _made(kind, Field(default_factory=factory))


def with_defaults() -> Iterator[type[BaseModel]]:
    """Models with an input that is passed and one of any type that may be left out, with any default."""
    for kind in DEFAULTED:
        for default in DEFAULTS:
            for validated in (None, True):
                field = Field(default=default, validate_default=validated)
                yield create_model("Takes", a=(int, ...), x=(kind, field))


def raws(model: type[BaseModel]) -> st.SearchStrategy[Any]:
    """Raw outputs for such a model, most of which it takes; some go wrong behind an iterator that was read."""
    kind = model.model_fields["x"].annotation
    x = st.one_of(fitting(kind), fitting(kind), values)
    items = st.sampled_from([{"count": 1}, {"count": 1, "label": "b"}, Inner(count=1), {"count": "x"}, {}])
    a = st.sampled_from([1, "1", 3, 1.5, True, Number.ONE, Colour.RED])
    others = {"a": a, "other": x, "shown": x, "deep": st.lists(x, max_size=1), "more": values, "X": x, "ITEM": items}
    sound = st.sampled_from([{"count": 1}, {"count": 1, "label": "b"}, Inner(count=1)])
    whole = st.fixed_dictionaries({"x": fitting(kind), "item": sound}, optional={"a": st.sampled_from([3, Colour.RED])})
    parts = st.fixed_dictionaries({"item": items}, optional=others | {"x": x})
    read = st.fixed_dictionaries({"x": st.lists(st.integers(0, 3), max_size=2).map(Generated), "item": items})
    return st.one_of(whole, whole, whole, parts, read, values)
