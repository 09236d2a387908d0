"""Error classes that ChainWeaver has too have its names, arguments and attributes."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from chainweaver import exceptions as theirs

from cwc.runtime import errors as ours

OWN = {
    "PredicateEvaluationError",
    "SyncLaneNotBuiltError",
    "FormatVersionError",
    "RunFencedError",
    "CheckpointEncodingError",
    "UndeclaredParamsError",
    "RegistryStateError",
    "StepCacheError",
}
NAMES = [kind.__name__ for kind in ours.CwcError.__subclasses__() if kind.__module__ == ours.__name__]
SHARED = sorted(set(NAMES) - OWN)


def test_every_other_class_is_one_of_the_reference() -> None:
    assert [name for name in SHARED if not hasattr(theirs, name)] == []
    assert [name for name in OWN if hasattr(theirs, name)] == []


@pytest.mark.parametrize("name", SHARED)
def test_arguments_and_attributes_are_the_same(name: str) -> None:
    our_kind, their_kind = getattr(ours, name), getattr(theirs, name)
    given: dict[str, Any] = {
        parameter.name: ["a", "b"] if "list" in str(parameter.annotation) else parameter.name
        for parameter in inspect.signature(their_kind).parameters.values()
    }
    error, reference = our_kind(**given), their_kind(**given)
    assert {name: value for name, value in vars(error).items() if name != "location"} == vars(reference)
    assert str(error) != str(reference)


@pytest.mark.parametrize("name", SHARED)
def test_the_document_gives_the_code_of_the_reference(name: str) -> None:
    document = (Path(__file__).parents[2] / "docs" / "errors.md").read_text(encoding="utf-8")
    row = re.search(rf"\| `{name}` \| the same, (CW-E\d+) \|", document)
    assert row is not None
    assert row[1] == getattr(theirs, name).code
