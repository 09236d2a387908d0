"""References are a module, a colon and a class."""

from __future__ import annotations

import pytest

from cwc.language.references import Reference, parse_reference


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("builtins:Exception", Reference("builtins", "Exception")),
        ("my.flows.models:NumberInput", Reference("my.flows.models", "NumberInput")),
        ("models:Outer.Inner", Reference("models", "Outer.Inner")),
        ("_a1:_B2", Reference("_a1", "_B2")),
        ("match:type", Reference("match", "type")),
    ],
)
def test_a_reference_has_two_sides(text: str, reference: Reference) -> None:
    assert parse_reference(text) == reference
    assert str(reference) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it has no ':' between a module and a class"),
        ("models.NumberInput", "it has no ':' between a module and a class"),
        (":NumberInput", "it names no module"),
        ("models:", "it names no class"),
        (":", "it names no module"),
        ("models:a:b", "the name of its class is not made of Python identifiers and dots"),
        ("my models:A", "the name of its module is not made of Python identifiers and dots"),
        (".models:A", "the name of its module is not made of Python identifiers and dots"),
        ("models.:A", "the name of its module is not made of Python identifiers and dots"),
        ("models:A..B", "the name of its class is not made of Python identifiers and dots"),
        ("models:f.<locals>.A", "the name of its class is not made of Python identifiers and dots"),
        ("models:A\n", "the name of its class is not made of Python identifiers and dots"),
        ("models:A;import os", "the name of its class is not made of Python identifiers and dots"),
        ("models:Größe", "the name of its class is not made of Python identifiers and dots"),
        ("models:ｅｖａｌ", "the name of its class is not made of Python identifiers and dots"),
        ("models:\ud800", "the name of its class is not made of Python identifiers and dots"),
        ("class:A", "'class' is a keyword of Python"),
        ("models:None", "'None' is a keyword of Python"),
        (
            "__main__:A",
            "'__main__' cannot be imported by generated code: give it a name without two leading underscores",
        ),
        (
            "models:A.__class__",
            "'__class__' cannot be imported by generated code: give it a name without two leading underscores",
        ),
    ],
)
def test_what_is_no_reference_has_a_reason(text: str, reason: str) -> None:
    assert parse_reference(text) == reason
