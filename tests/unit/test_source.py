"""Sources count lines and columns as editors do."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwc.source import Place, Source, Span, digest_of


def source(text: str) -> Source:
    return Source("flows/a.flow.yaml", text, digest_of(text.encode()))


@pytest.mark.parametrize(
    ("text", "offset", "line", "column"),
    [
        ("abc", 0, 1, 1),
        ("abc", 3, 1, 4),
        ("a\nb", 1, 1, 2),
        ("a\nb", 2, 2, 1),
        ("a\r\nb", 3, 2, 1),
        ("a\rb", 2, 2, 1),
        ("a\n\rb", 3, 3, 1),
        ("a\n", 2, 2, 1),
        ("", 0, 1, 1),
        ("é𝄞x", 2, 1, 3),
        ("a\x85b\u2028c\u2029d\x0ce", 8, 1, 9),
    ],
)
def test_a_place_is_a_line_and_a_column_of_characters(text: str, offset: int, line: int, column: int) -> None:
    place = source(text).place(Span(offset, offset))
    assert (place.line, place.column) == (line, column)


def test_a_place_spans_lines_and_ends_exclusively() -> None:
    assert source("ab\ncd\n").place(Span(1, 4)) == Place("flows/a.flow.yaml", 1, 2, 2, 2)


def test_a_place_reads_as_editors_link_it() -> None:
    assert str(source("ab\ncd").place(Span(4, 5))) == "flows/a.flow.yaml:2:2"


@pytest.mark.parametrize("span", [Span(9, 12), Span(-3, -1), Span(2, 1)])
def test_a_span_outside_of_the_text_is_drawn_in(span: Span) -> None:
    place = source("ab\nc").place(span)
    assert 1 <= place.line <= place.end_line <= 2
    assert (place.line, place.column) <= (place.end_line, place.end_column)


def test_the_text_of_a_line_has_no_line_break() -> None:
    text = source("one\r\ntwo\n\nfour")
    assert [text.line_text(line) for line in range(6)] == ["", "one", "two", "", "four", ""]


def test_the_digest_is_the_sha256_of_the_bytes() -> None:
    assert digest_of(b"flow") == hashlib.sha256(b"flow").hexdigest()


@given(st.text(alphabet="ab\r\n\u2028é", max_size=30), st.integers(-2, 32))
def test_every_offset_has_its_place(text: str, offset: int) -> None:
    whole = source(text)
    place = whole.place(Span(offset, offset))
    inside = min(max(offset, 0), len(text))
    before = text[:inside]
    # A CR at the very end may be one half of a CRLF, which ends no line before its LF.
    joined = before.endswith("\r") and text[inside : inside + 1] == "\n"
    breaks = before.replace("\r\n", "\n").replace("\r", "\n").count("\n") - joined
    assert place.line == breaks + 1
    assert place.column >= 1


@given(st.text(alphabet="ab\r\n\x85", max_size=30))
def test_lines_put_together_are_the_text(text: str) -> None:
    whole = source(text)
    last = whole.place(Span(len(text), len(text))).line
    lines = [whole.line_text(line) for line in range(1, last + 1)]
    assert "\n".join(lines) == text.replace("\r\n", "\n").replace("\r", "\n")
