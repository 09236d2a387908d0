"""What holds for both syntaxes: the extension decides, limits bound, and the report knows the text."""

from __future__ import annotations

import pytest

from cwc.diagnostics.model import Pointer, Report
from cwc.source import Source, Span
from cwc.syntax import LIMITS, Limits, parse
from tests.unit.syntax.reading import data_of, syntax


@pytest.mark.parametrize("name", ["a.flow.json", "A.FLOW.JSON", "x/b.Flow.Json"])
def test_json_is_read_as_json(name: str) -> None:
    tree = parse(Source(name, '{"a": 1e3}', ""), Report())
    assert tree is not None
    assert tree.data() == {"a": 1000.0}


@pytest.mark.parametrize("name", ["a.flow.yaml", "a.flow.yml", "A.FLOW.YML", ".flow.yaml"])
def test_yaml_is_read_as_yaml(name: str) -> None:
    tree = parse(Source(name, '{"a": 1e3}', ""), Report())
    assert tree is not None
    assert tree.data() == {"a": "1e3"}


@pytest.mark.parametrize("name", ["a.yaml", "a.json", "a.flow", "a.flow.yaml.bak", "flow.yaml", ""])
def test_any_other_name_is_an_error(name: str) -> None:
    report = Report()
    assert parse(Source(name, "a: 1", ""), report) is None
    assert [diagnostic.slug for diagnostic in report] == ["unknown_extension"]


def test_the_report_knows_the_text_and_the_tree() -> None:
    report = Report()
    source = Source("a.flow.yaml", "a: 1", "")
    tree = parse(source, report)
    assert report.sources["a.flow.yaml"] is source
    assert report.documents["a.flow.yaml"] is tree


def test_the_report_knows_a_text_that_cannot_be_read() -> None:
    report = Report()
    assert parse(Source("a.flow.yaml", "a: [", ""), report) is None
    assert "a.flow.yaml" in report.sources
    assert "a.flow.yaml" not in report.documents


def test_the_limits_are_those_of_the_format() -> None:
    assert Limits(5 * 1024 * 1024, 100_000, 64, 100_000, 1_000, 4_300) == LIMITS


AT_LIMIT = [
    (Limits(nodes=4), "[1, {a: 2}]", "[1, {a: 2}, 3]", "too_many_nodes"),
    (Limits(nodes=5), "[&a [1], *a]", "[&a [1, 2], *a]", "too_many_nodes"),
    (Limits(depth=3), "[[1], {a: 1}]", "[[[1]]]", "nested_too_deep"),
    (Limits(depth=3), "{a: [[]]}", "{a: {b: {c: 1}}}", "nested_too_deep"),
    (Limits(depth=3), "[&a [1], *a]", "[&a [1], [*a]]", "nested_too_deep"),
    (Limits(characters=3), "abc: def", "abc: defg", "string_too_long"),
    (Limits(characters=3), "abc: def", "abcd: def", "string_too_long"),
    (Limits(digits=3), "a: 999", "a: 1000", "integer_too_long"),
    (Limits(digits=3), "a: 0xF", "a: 0xFFF", "integer_too_long"),
]


@pytest.mark.parametrize(("limits", "fits", "breaks", "slug"), AT_LIMIT)
def test_a_file_at_a_limit_is_read_and_one_beyond_is_not(limits: Limits, fits: str, breaks: str, slug: str) -> None:
    assert not syntax(fits, limits=limits).slugs
    reading = syntax(breaks, limits=limits)
    assert reading.slugs == [slug]
    assert reading.tree is None
    assert reading.report.place(reading.only.primary) is not None


@pytest.mark.parametrize(
    ("limits", "fits", "breaks", "slug"),
    [
        (Limits(nodes=4), '[1, {"a": 2}]', '[1, {"a": 2}, 3]', "too_many_nodes"),
        (Limits(depth=3), "[[1]]", "[[[1]]]", "nested_too_deep"),
        (Limits(characters=3), '{"abc": "def"}', '{"abcd": "def"}', "string_too_long"),
        (Limits(digits=3), "[-999]", "[-1000]", "integer_too_long"),
    ],
)
def test_the_limits_hold_for_json_too(limits: Limits, fits: str, breaks: str, slug: str) -> None:
    assert not syntax(fits, "json", limits).slugs
    assert syntax(breaks, "json", limits).slugs == [slug]


def test_sixty_four_levels_are_read() -> None:
    assert syntax("[" * 64 + "]" * 64, "json").tree is not None
    assert syntax("[" * 65 + "]" * 65, "json").slugs == ["nested_too_deep"]


PATHS: list[tuple[Pointer, Span]] = [
    (Pointer(("a", "x", "y")), Span(3, 14)),
    (Pointer(("a", 0)), Span(4, 5)),
    (Pointer(("a", 7)), Span(3, 14)),
    (Pointer(("a", -1)), Span(3, 14)),
    (Pointer(("a", "0")), Span(3, 14)),
    (Pointer(("nowhere",), key=True), Span(0, 14)),
    (Pointer((), key=True), Span(0, 14)),
    (Pointer(("a", 1, "b"), key=True), Span(8, 9)),
    (Pointer(("a", 1, "b", "c"), key=True), Span(11, 12)),
]


@pytest.mark.parametrize(("pointer", "span"), PATHS)
def test_a_place_that_is_not_there_is_the_nearest_around_it(pointer: Pointer, span: Span) -> None:
    tree = syntax("a: [1, {b: 2}]").tree
    assert tree is not None
    assert tree.span(pointer) == span


def test_data_is_fresh_each_time() -> None:
    tree = syntax("a: &x {b: 1}\nc: *x\n").tree
    assert tree is not None
    data = tree.data()
    assert isinstance(data, dict)
    data["a"]["b"] = 2
    assert tree.data() == data_of("a: {b: 1}\nc: {b: 1}\n")


def test_keys_that_are_no_text_are_found_by_what_they_are() -> None:
    tree = syntax("3: x\nno: y\n").tree
    assert tree is not None
    assert tree.span(Pointer((3,))) == Span(3, 4)
