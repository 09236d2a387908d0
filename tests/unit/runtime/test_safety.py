"""Safety: what follows from what, and what contradicts what."""

from __future__ import annotations

from enum import StrEnum
from types import SimpleNamespace

import pytest
from pydantic import ValidationError

from cwc.runtime.tools.safety import Safety, SideEffects, declared_safety


@pytest.mark.parametrize(
    ("side_effects", "read_only"),
    [("none", True), ("read", True), ("write", False), ("external", False), ("destructive", False)],
)
def test_read_only_follows_from_the_side_effects(side_effects: SideEffects, read_only: bool) -> None:
    assert Safety(side_effects=side_effects).read_only is read_only
    with pytest.raises(ValidationError, match="contradicts side_effects"):
        Safety(side_effects=side_effects, read_only=not read_only)


def test_requires_review_is_an_older_name_of_requires_approval() -> None:
    assert Safety.model_validate({"requires_review": True}).requires_approval
    assert Safety.model_validate({"requires_review": True, "requires_approval": True}).requires_approval
    with pytest.raises(ValidationError, match="contradict each other"):
        Safety.model_validate({"requires_review": True, "requires_approval": False})


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValidationError, match="idempotant"):
        Safety.model_validate({"idempotant": False})


def test_it_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Safety().idempotent = False


def test_it_is_read_from_any_object_of_its_attributes() -> None:
    class Level(StrEnum):
        WRITE = "write"

    contract = SimpleNamespace(side_effects=Level.WRITE, read_only=False, idempotent=False, other=1)
    assert Safety.of(contract) == Safety(side_effects="write", idempotent=False)
    with pytest.raises(ValueError, match="no declaration"):
        Safety.of({"idempotent": False})


def test_read_only_alone_stands_for_the_least_that_it_allows() -> None:
    assert declared_safety(None, read_only=True).side_effects == "read"
    assert declared_safety(None, read_only=False).side_effects == "write"
    assert declared_safety(None).side_effects == "none"
