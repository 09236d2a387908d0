"""Bytes become text, or a diagnostic says why not."""

from __future__ import annotations

import pytest

from cwc.diagnostics.model import Report
from cwc.source import digest_of
from cwc.syntax import Limits, decode

PATH = "flows/a.flow.yaml"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_utf8_becomes_a_source_with_the_digest_of_its_bytes(end: str) -> None:
    report = Report()
    source = decode(PATH, f"name: é𝄞{end}".encode(), report)
    assert source is not None
    assert (source.path, source.text) == (PATH, f"name: é𝄞{end}")
    assert source.digest == digest_of("name: é𝄞\n".encode())
    assert report.sources[PATH] is source
    assert not report.diagnostics


@pytest.mark.parametrize(
    ("data", "slug", "place"),
    [
        (b"ab\nname: gr\xfc\xdfe", "not_utf8", (2, 9)),
        ("é𝄞".encode() + b"\xff", "not_utf8", (1, 3)),
        (b"\xed\xa0\x80", "not_utf8", (1, 1)),
        (b"a\n\x00b", "binary_content", (2, 1)),
        ("type: Flow".encode("utf-16"), "not_utf8", (1, 1)),
        ("type: Flow".encode("utf-32"), "not_utf8", (1, 1)),
        (b"\x89PNG\r\n\x1a\n", "not_utf8", (1, 1)),
    ],
)
def test_what_is_no_text_is_refused_with_its_place(data: bytes, slug: str, place: tuple[int, int]) -> None:
    report = Report()
    assert decode(PATH, data, report) is None
    (diagnostic,) = report
    found = report.place(diagnostic.primary)
    assert diagnostic.slug == slug
    assert found is not None
    assert (found.line, found.column) == place


@pytest.mark.parametrize(("encoding", "name"), [("utf-16", "UTF-16"), ("utf-32", "UTF-32"), ("utf-16-be", None)])
def test_other_encodings_are_named_by_their_mark(encoding: str, name: str | None) -> None:
    report = Report()
    decode(PATH, "größe: 1".encode(encoding), report)
    (diagnostic,) = report
    assert name is None or diagnostic.message == f"the file is {name}"


def test_a_file_of_the_largest_size_is_read_and_a_larger_one_is_not() -> None:
    limits = Limits(bytes=4)
    report = Report()
    assert decode(PATH, b"a: 1", report, limits) is not None
    assert decode(PATH, b"a: 12", report, limits) is None
    assert [diagnostic.slug for diagnostic in report] == ["file_too_large"]
    assert Limits().bytes == 5 * 1024 * 1024


def test_the_empty_file_is_text() -> None:
    assert decode(PATH, b"", Report()) is not None
