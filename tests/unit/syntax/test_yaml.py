"""YAML texts become the data that PyYAML's safe loader makes of them, and every place is known."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import Any

import pytest
import yaml

from cwc.diagnostics.model import Pointer
from cwc.syntax import yaml_text
from cwc.syntax.tree import MappingNode
from tests.unit.syntax.reading import data_of, syntax


@pytest.fixture(params=["libyaml", "python"], autouse=True)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each test runs with either of PyYAML's parsers."""
    if request.param == "python":
        monkeypatch.setattr(yaml_text, "LOADER", yaml.SafeLoader)
    elif not yaml.__with_libyaml__:
        pytest.skip("PyYAML was built without libyaml")
    return str(request.param)


DOCUMENTS = [
    "a: 1\nb: [1, {c: d}, []]\n",
    "- - 1\n  - 2\n- x: y\n",
    "text: |\n  one\n\n  two\nfolded: >-\n  one\n  two\n",
    "{a: 'it''s', b: \"\\u00e9\\x41\", c: plain text}",
    "yes: no\non: off\nnull: ~\n3: 4.5\n",
    "a: 012\nb: 0x1F\nc: 0b11\nd: 1_000\ne: 1:30\nf: 1:30.5\ng: .inf\nh: 1e3\ni: 08\n",
    "a: !!str 12\nb: !!int '12'\nc: !!float 3\nd: ! 12\ne: !!binary aGVsbG8=\nf: !!null x\n",
    "a: 2001-12-14\nb: 2001-12-14t21:59:43.10-05:00\nc: 2001-12-14 21:59:43Z\n",
    "o: !!omap [a: 1, b: [2]]\np: !!pairs [a: 1, a: 2]\ns: !!set {x, y}\nq: !!seq [1]\nm: !!map {a: 1}\n",
    "base: &b {x: 1, y: 2}\nmore: &m {y: 3, z: 4}\none: {<<: *b, y: 9}\ntwo: {<<: [*b, *m], w: 0}\nthree: {'<<': 1}\n",
    "a: &a [1, 2]\nb: *a\nc: {d: *a}\n&k key: &v value\nother: {*k : *v}\n",
    "=: 1\n",
    "é: 𝄞\n\u2028b: 'x\u2029y'\n\x85c: 1\n",
    "%YAML 1.1\n---\na: 1\n...\n",
    "? a\n: 1\n? b\n",
    "-1",
    "'a'",
]


@pytest.mark.parametrize("text", DOCUMENTS)
def test_data_is_what_the_safe_loader_makes(text: str) -> None:
    assert data_of(text) == yaml.safe_load(text)


def test_scalars_keep_their_yaml_11_meaning() -> None:
    text = "[yes, Off, 010, 1:30, 2024-01-02, 2024-01-02 03:04:05Z, .nan, 1e3, 09, ~, '']"
    data = data_of(text)
    assert isinstance(data, list)
    when = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert data[:6] == [True, False, 8, 90, date(2024, 1, 2), when]
    assert math.isnan(data[6])
    assert data[7:] == ["1e3", "09", None, ""]


SURPRISES = [
    ("yes", "yes", "'yes' is read as the boolean true"),
    ("OFF", "OFF", "'OFF' is read as the boolean false"),
    ("012", "012", "'012' is read as the octal number 10"),
    ("-017", "-017", "'-017' is read as the octal number -15"),
    ("1:30", "1:30", "'1:30' is read as the base-60 number 90"),
    ("1:30.5", "1:30.5", "'1:30.5' is read as the base-60 number 90.5"),
    ("2024-01-02", "2024-01-02", "'2024-01-02' is read as the date 2024-01-02"),
]


@pytest.mark.parametrize(("value", "place", "message"), SURPRISES)
def test_a_scalar_that_surprises_is_a_warning(value: str, place: str, message: str) -> None:
    reading = syntax(f"a: {value}\n")
    assert reading.shown() == [("yaml_11_scalar", place)]
    assert reading.only.message == message
    assert reading.tree is not None


@pytest.mark.parametrize("value", ["true", "False", "12", "-3", "0", "0x1F", "0b1", "1.5", "~", "null", "'no'", "08"])
def test_a_scalar_that_says_what_it_is_is_no_warning(value: str) -> None:
    assert not syntax(f"a: {value}\n").slugs


def test_a_long_scalar_that_surprises_is_shown_shortened() -> None:
    assert len(syntax("a: 0" + "7" * 4000).only.message) < 200


def test_a_key_that_surprises_is_a_warning_too() -> None:
    assert syntax("no: 1\n").shown() == [("yaml_11_scalar", "no")]


ERRORS = [
    ("a: [1, 2\n", "invalid_yaml"),
    ("a:\n\t- b\n", "invalid_yaml"),
    ("a: b: c\n", "invalid_yaml"),
    ("a: 'x\n", "invalid_yaml"),
    ("a: *nowhere\n", "invalid_yaml"),
    ("a: &x 1\nb: &x 2\n", "invalid_yaml"),
    ("a: \x01\n", "invalid_yaml"),
    ("a: \ud800\n", "invalid_yaml"),
    ("a: x\ufeffy\n", "invalid_yaml"),
    ("{[a]: 1}", "invalid_yaml"),
    ("{{a: 1}: 1}", "invalid_yaml"),
    ("x: &x [a]\n? *x\n: 1\n", "invalid_yaml"),
    ("%YAML 3.0\n---\na: 1\n", "invalid_yaml"),
    ("", "empty_document"),
    ("# only a comment\n", "empty_document"),
    ("~", "empty_document"),
    ("---\n", "empty_document"),
    ("a: 1\n---\nb: 2\n", "several_documents"),
    ("a: !!python/object/apply:os.system [ls]\n", "unknown_tag"),
    ("a: !!python/name:os.system x\n", "unknown_tag"),
    ("a: !mine 3\n", "unknown_tag"),
    ("a: !mine {b: 3}\n", "unknown_tag"),
    ("a: !!map [1]\n", "unknown_tag"),
    ("a: !!seq {b: 1}\n", "unknown_tag"),
    ("a: !!str [b]\n", "unknown_tag"),
    ("a: =\n", "unknown_tag"),
    ("- <<\n", "unknown_tag"),
    ("a: !!int x\n", "invalid_scalar"),
    ("a: !!int ''\n", "invalid_scalar"),
    ("a: !!float x\n", "invalid_scalar"),
    ("a: !!bool maybe\n", "invalid_scalar"),
    ("a: !!timestamp x\n", "invalid_scalar"),
    ("a: !!binary a\n", "invalid_scalar"),
    ("a: !!binary é\n", "invalid_scalar"),
    ("a: 2024-02-30\n", "invalid_scalar"),
    ("a: 2024-01-01T00:00:00+99:00\n", "invalid_scalar"),
    ("a: 0b_\n", "invalid_scalar"),
    ("a: &a [*a]\n", "cyclic_alias"),
    ("&a b: {c: &d {e: *d}}\n", "cyclic_alias"),
    ("a: {<<: 1}\n", "invalid_collection"),
    ("a: {<<: [{b: 1}, 2]}\n", "invalid_collection"),
    ("a: !!omap [{b: 1, c: 2}]\n", "invalid_collection"),
    ("a: !!pairs [b]\n", "invalid_collection"),
    ("a: " + "9" * 4301, "integer_too_long"),
    ("a: 0x" + "f" * 4000, "integer_too_long"),
    ("a: 1" + ":59" * 3000, "integer_too_long"),
]


@pytest.mark.parametrize(("text", "slug"), ERRORS, ids=[f"{number}-{slug}" for number, (_, slug) in enumerate(ERRORS)])
def test_what_cannot_be_read_is_an_error_with_a_place(text: str, slug: str) -> None:
    reading = syntax(text)
    assert reading.tree is None
    assert reading.slugs == [slug]
    assert reading.report.place(reading.only.primary) is not None


def test_a_long_integer_that_python_can_read_is_read() -> None:
    assert data_of("a: " + "9" * 4300) == {"a": 10**4300 - 1}


PLACES = [
    ("name: x\nsteps:\n\t- b\n", "\t"),
    ("é: 𝄞\nb: *nowhere\n", "*nowhere"),
    ("a: 1\n---\nb: 2\n", "---"),
    ("é: !mine 3\n", "!mine 3"),
    ("𝄞: &a [*a]\n", "*a"),
    ("𝄞: {<<: é}\n", "é"),
    ("𝄞: \x07\n", "\x07"),
]


@pytest.mark.parametrize(("text", "place"), PLACES)
def test_an_error_points_at_its_cause(text: str, place: str) -> None:
    reading = syntax(text)
    assert reading.text_of(reading.only) == place


def test_a_construct_that_is_not_closed_shows_where_it_began() -> None:
    reading = syntax("a: [1,\nb: 2\n")
    assert [related.message for related in reading.only.related] == ["while parsing a flow sequence"]


def test_a_tab_has_its_own_help() -> None:
    assert "spaces" in syntax("a:\n\t- b\n").only.help[0]


def test_several_mistakes_are_found_in_one_run() -> None:
    reading = syntax("a: !mine 1\nb: 2024-02-30\nc: 1\nc: 2\n")
    assert reading.slugs == ["unknown_tag", "invalid_scalar", "duplicate_key"]
    assert reading.tree is None


def test_a_duplicate_key_is_an_error_and_the_last_one_stands() -> None:
    reading = syntax("a: 1\nb: 2\na: 3\n")
    assert reading.shown() == [("duplicate_key", "a")]
    assert reading.report.place(reading.only.primary) != reading.report.place(reading.only.related[0])
    assert reading.tree is not None
    assert reading.tree.data() == {"a": 3, "b": 2}


@pytest.mark.parametrize("text", ["base: &b {x: 1}\nown: {<<: *b, x: 2}\n", "base: &b {x: 1}\nown: {x: 2, <<: *b}\n"])
def test_a_key_may_override_what_a_merge_brings(text: str) -> None:
    assert data_of(text) == {"base": {"x": 1}, "own": {"x": 2}}


def test_equal_keys_of_different_types_are_duplicates_as_in_a_dict() -> None:
    assert "duplicate_key" in syntax("1: a\ntrue: b\n").slugs


SPANS: list[tuple[str, tuple[str | int, ...], str]] = [
    ("é: 𝄞x\nb: [1, 'zwei']\n", ("b", 1), "'zwei'"),
    ("é: 𝄞x\nb: [1, 'zwei']\n", ("b",), "[1, 'zwei']"),
    ("a: |\n  one\n  two\n\n\nb: 1\n", ("a",), "|\n  one\n  two"),
    ("a:\n  b: 1\n  c:\n  - x\n  - y\n\n# end\nd: 1\n", ("a",), "b: 1\n  c:\n  - x\n  - y"),
    ("a:\n  b: 1\n  c:\n  - x\n  - y\n\n# end\nd: 1\n", ("a", "c"), "- x\n  - y"),
    ("a: &x {b: 1}\nc: *x\n", ("c",), "*x"),
    ("a: &x {b: 1}\nc: *x\n", ("c", "b"), "1"),
    ("a: &x {b: 7}\nc:\n  <<: *x\n  d: 1\n", ("c", "b"), "7"),
    ("a: &x {b: 7}\nc:\n  <<: *x\n\ne: 1\n", ("c",), "<<: *x"),
    ("a:\nb: 1\n", ("a",), ""),
    ("a: !!omap [b: 1]\n", ("a", 0, 1), "1"),
    ("a: 1\r\nb:  x # c\r\n", ("b",), "x"),
]


@pytest.mark.parametrize(("text", "tokens", "span"), SPANS)
def test_every_value_has_its_span(text: str, tokens: tuple[str | int, ...], span: str) -> None:
    tree = syntax(text).tree
    assert tree is not None
    found = tree.span(Pointer(tokens))
    assert text[found.start : found.end] == span


def test_a_key_has_its_own_span() -> None:
    tree = syntax("steps:\n- 'tool_name': x\n").tree
    assert tree is not None
    span = tree.span(Pointer(("steps", 0, "tool_name"), key=True))
    assert tree.source.text[span.start : span.end] == "'tool_name'"


def test_a_node_behind_an_alias_is_shared() -> None:
    tree = syntax("a: &x {b: [1, 2]}\nc: *x\n").tree
    assert tree is not None
    assert isinstance(tree.root, MappingNode)
    first, second = (entry.value for entry in tree.root.entries.values())
    assert isinstance(first, MappingNode)
    assert isinstance(second, MappingNode)
    assert first.entries is second.entries


def test_aliases_of_aliases_end_at_the_limit_of_values() -> None:
    lines = ["a0: &a0 [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    assert syntax("\n".join(lines)).slugs == ["too_many_nodes"]


def test_aliases_that_build_depth_end_at_the_limit_of_depth() -> None:
    lines = ["a0: &a0 [0]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 100)]
    assert syntax("\n".join(lines)).slugs == ["nested_too_deep"]


def test_merges_of_merges_stay_small() -> None:
    lines = ["a0: &a0 {x0: 1}"] + [
        f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}], x{n}: 1}}" for n in range(1, 60)
    ]
    data: Any = data_of("\n".join(lines))
    assert len(data["a59"]) == 60


@pytest.mark.parametrize(
    ("opening", "slug"),
    [
        ("[", "nested_too_deep"),
        ("{a: ", "nested_too_deep"),
        ("- ", "nested_too_deep"),
        ("- ? ", "invalid_yaml"),
        ("{? [", "invalid_yaml"),
    ],
)
def test_bottomless_nesting_is_an_error(opening: str, slug: str) -> None:
    assert syntax(opening * 50_000).slugs == [slug]
