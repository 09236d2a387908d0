"""JSON texts become the data that Python's json module makes of them, and every place is known."""

from __future__ import annotations

import json
import math

import pytest

from cwc.diagnostics.model import Pointer
from tests.unit.syntax.reading import data_of, syntax

DOCUMENTS = [
    '{"a": 1, "b": [1, {"c": "d"}, []], "e": {}}',
    " [ 1 , -2.5 , 1e3 , 1E-2 , 0 , -0 ] ",
    "[null, true, false, Infinity, -Infinity]",
    '{"\\u00e9": "\\ud83d\\ude00", "𝄞": "\\n\\t\\"\\\\\\/"}',
    '"\\ud800"',
    '\t"a"\r\n',
    "1",
    '{"": ""}',
    '{"a\\u0000b": "\\u0001"}',
    "1e400",
    "9" * 4300,
]


@pytest.mark.parametrize("text", DOCUMENTS)
def test_data_is_what_the_json_module_makes(text: str) -> None:
    assert data_of(text, "json") == json.loads(text)


def test_nan_is_read() -> None:
    data = data_of("[NaN]", "json")
    assert isinstance(data, list)
    assert math.isnan(data[0])


ERRORS = [
    ("", "", "expected a value, found the end of the file"),
    ("[1, 2", "", "expected a comma or ']', found the end of the file"),
    ("[1,]", "]", "expected a value, found ']'"),
    ('{"a": 1,}', "}", "expected a key in double quotes, found '}'"),
    ("{'a': 1}", "'", 'expected a key in double quotes, found "\'"'),
    ('{"a" 1}', "1", "expected a colon, found '1'"),
    ("{1: 2}", "1", "expected a key in double quotes, found '1'"),
    ("[1 2]", "2", "expected a comma or ']', found '2'"),
    ("[1}", "}", "expected a comma or ']', found '}'"),
    ("{} {}", "{", "expected the end of the file, found '{'"),
    ("[01]", "1", "expected a comma or ']', found '1'"),
    ("[1.]", ".", "expected a comma or ']', found '.'"),
    ("[nul]", "n", "expected a value, found 'n'"),
    ("[٣]", "٣", "expected a value, found '٣'"),
    ("[1] // done", "/", "expected the end of the file, found '/'"),
    ("\u00a0[]", "\u00a0", "expected a value, found '\\xa0'"),
    ('["é", "x', '"', "this string has no closing quote"),
    ('["a\nb"]', "\n", "a control character in a string is written as an escape, such as \\n"),
    ('["\\x"]', "\\", "a backslash in a string starts an escape, and this is not one"),
]


@pytest.mark.parametrize(("text", "place", "message"), ERRORS)
def test_what_cannot_be_read_is_an_error_with_its_place(text: str, place: str, message: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)
    reading = syntax(text, "json")
    assert reading.tree is None
    assert reading.shown() == [("invalid_json", place)]
    assert reading.only.message == f"this is not valid JSON: {message}"


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("[1,]", "no comma stands before a closing bracket"),
        ("{'a': 1}", "strings take double quotes"),
        ("[1] # done", "JSON has no comments"),
        ("[1 2]", None),
    ],
)
def test_common_slips_have_their_help(text: str, help: str | None) -> None:
    assert syntax(text, "json").only.help == (() if help is None else (help,))


def test_an_integer_that_python_cannot_read_is_an_error_and_reading_goes_on() -> None:
    text = '{"a": -' + "9" * 4301 + ', "b": 1, "b": 2}'
    reading = syntax(text, "json")
    assert reading.slugs == ["integer_too_long", "duplicate_key"]
    assert reading.tree is None


def test_a_duplicate_key_is_an_error_and_the_last_one_stands() -> None:
    reading = syntax('{"a": 1, "b": 2, "\\u0061": 3}', "json")
    assert reading.shown() == [("duplicate_key", '"\\u0061"')]
    assert reading.tree is not None
    assert reading.tree.data() == {"a": 3, "b": 2}


@pytest.mark.parametrize(
    ("tokens", "key", "span"),
    [
        ((), False, '{"é": [1, {"b" : "𝄞"}] }'),
        (("é",), False, '[1, {"b" : "𝄞"}]'),
        (("é",), True, '"é"'),
        (("é", 0), False, "1"),
        (("é", 1, "b"), False, '"𝄞"'),
        (("é", 1, "b"), True, '"b"'),
    ],
)
def test_every_value_and_key_has_its_span(tokens: tuple[str | int, ...], key: bool, span: str) -> None:
    text = ' {"é": [1, {"b" : "𝄞"}] }\n'
    tree = syntax(text, "json").tree
    assert tree is not None
    found = tree.span(Pointer(tokens, key))
    assert text[found.start : found.end] == span


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":['])
def test_bottomless_nesting_is_an_error(opening: str) -> None:
    assert syntax(opening * 50_000, "json").slugs == ["nested_too_deep"]


def test_yaml_scalars_have_no_meaning_in_json() -> None:
    reading = syntax('{"no": "yes", "date": "2024-01-01"}', "json")
    assert not reading.slugs
    assert reading.tree is not None
    assert reading.tree.data() == {"no": "yes", "date": "2024-01-01"}
