"""Verdicts on pairs of types, against Pydantic: what fits is never refused, and what does not fit is."""

from __future__ import annotations

import dataclasses
import warnings
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from hypothesis import event, given, settings
from pydantic import BaseModel, ConfigDict, Discriminator, Strict, Tag, ValidationError, create_model

from cwc.plan.shapes import describe_model
from cwc.plan.types.model import Ref, Type, Unknown
from cwc.plan.types.relation import Relation, relate
from tests.type_pairs import SCALARS, pairs, values

CONFIG = ConfigDict(arbitrary_types_allowed=True)

CONSTRAINTS = {
    "greater_than", "greater_than_equal", "less_than", "less_than_equal", "multiple_of", "too_short", "too_long",
    "string_too_short", "string_too_long", "string_pattern_mismatch", "timezone_aware", "timezone_naive",
    "uuid_version", "base64_decode", "int_parsing_size",
}  # fmt: skip

UNDECIDED = Relation("narrows")
"""What is unknown fits, whatever comes of it."""


def verdict_and_outcomes(producer: Any, consumer: Any) -> tuple[Relation, list[tuple[Any, bool | None]]]:
    """The build's verdict, and whether the consumer takes values of the producer's type, as they are dumped."""
    gives = create_model("Gives", __config__=CONFIG, a=(producer, ...))
    takes = create_model("Takes", __config__=CONFIG, a=(consumer, ...))
    value, input = describe_model(gives).output_type("a"), describe_model(takes).input_type("a")
    found = relate(value, input)
    if is_unknown(value) or is_unknown(input) or "allow" in str(value):
        event("something unknown")
        found = found if found.verdict == "mismatch" else UNDECIDED
    outcomes = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for value in values(producer):
            dumped = gives.model_validate({"a": value}).model_dump()["a"]
            outcomes.append((dumped, accepts(takes, dumped)))
    return found, outcomes


def is_unknown(type_: Type, seen: frozenset[str] = frozenset()) -> bool:
    """Whether something in a type is unknown, behind references too."""
    if isinstance(type_, Ref):
        return type_.name not in seen and is_unknown(type_.target, seen | {type_.name})
    if isinstance(type_, type) or not dataclasses.is_dataclass(type_):
        return isinstance(type_, tuple) and any(is_unknown(each, seen) for each in type_)
    parts = (getattr(type_, each.name) for each in dataclasses.fields(type_))
    return isinstance(type_, Unknown) or any(is_unknown(each, seen) for each in parts)


def accepts(model: type[BaseModel], value: Any) -> bool | None:
    """Whether a value is taken, or refused by no more than constraints, of which the build knows nothing; None: by
    constraints and else, which of them being a member of a union that would have taken it cannot be seen."""
    try:
        model.model_validate({"a": value})
    except ValidationError as error:
        constrained = {each["type"] in CONSTRAINTS and not _is_of_tuple(each) for each in error.errors()}
        return constrained.pop() if len(constrained) == 1 else None
    return True


def shown(producer: Any, consumer: Any, found: Relation, outcomes: Any) -> str:
    """What failed, models spelled out."""
    takes = create_model("Takes", __config__=CONFIG, a=(consumer, ...))
    gives = create_model("Gives", __config__=CONFIG, a=(producer, ...))
    types = f"{describe_model(gives).output_type('a')}\n{describe_model(takes).input_type('a')}"
    return f"{producer} to {consumer}\n{types}\n{found}\n{outcomes}"


def _is_of_tuple(error: Any) -> bool:
    """The length of a tuple is a matter of its type."""
    return bool(error.get("ctx", {}).get("field_type") == "Tuple")


def is_constrained(annotation: Any, seen: tuple[Any, ...] = ()) -> bool:
    """Whether the values of a type are fewer than the build takes it to have."""
    if annotation in seen:
        return False
    seen = (*seen, annotation)
    if getattr(annotation, "__metadata__", None):
        return not all(isinstance(each, Strict | Discriminator | Tag) for each in annotation.__metadata__)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields.values()
        return any(info.metadata or is_constrained(info.annotation, seen) for info in fields)
    return any(is_constrained(each, seen) for each in get_args(annotation))


def judge(producer: Any, consumer: Any) -> None:
    found, outcomes = verdict_and_outcomes(producer, consumer)
    event(found.verdict)
    refused = [value for value, accepted in outcomes if accepted is False]
    if found is UNDECIDED:
        return
    if found.takes_all:
        assert not refused, shown(producer, consumer, found, refused)
    elif not is_constrained(producer) and None not in {accepted for _, accepted in outcomes}:
        assert refused, shown(producer, consumer, found, outcomes)
    if found.verdict == "narrows" and (producer in SCALARS or get_origin(producer) in (Literal, Union)):
        assert len(refused) < len(outcomes), shown(producer, consumer, found, outcomes)


@given(pairs())
def test_verdicts(pair: tuple[Any, Any]) -> None:
    judge(*pair)


@pytest.mark.long
@given(pairs())
@settings(max_examples=20_000)
def test_many_verdicts(pair: tuple[Any, Any]) -> None:
    judge(*pair)


@pytest.mark.parametrize("producer", SCALARS, ids=str)
def test_all_pairs_of_scalars(producer: Any) -> None:
    for consumer in SCALARS:
        found, outcomes = verdict_and_outcomes(producer, consumer)
        accepted = {taken for _, taken in outcomes}
        expected = {"fits": {True}, "coerces": {True}, "narrows": {True, False}}.get(found.verdict)
        assert accepted == expected or (found.verdict == "mismatch" and False in accepted), (consumer, found, outcomes)
