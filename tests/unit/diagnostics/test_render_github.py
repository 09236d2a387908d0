"""Annotations in GitHub's workflow commands."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwc.diagnostics.github import render_github
from cwc.diagnostics.model import Label, Report, SeveritySettings
from cwc.source import Span
from tests.unit.diagnostics.reports import PATH, finding, report_on, span_of

TEXT = "name: x\nsteps:\n  - tool_name: double\n\n"
COMMAND = re.compile(r"::(error|warning|notice) (?:[a-zA-Z]+=[^:,\r\n]*)(?:,[a-zA-Z]+=[^:,\r\n]*)*::[^\r\n]*")


def rendered(report: Report, folder: str = "") -> str:
    return render_github(report, SeveritySettings(), folder=folder)


def test_a_whole_command() -> None:
    diagnostic = finding(
        "wrong, 100 %",
        span_of(TEXT, "double"),
        "of this",
        related=(Label("b:c.yaml", None, "and that"),),
        help=("mend it",),
    )
    assert rendered(report_on(TEXT, diagnostic)) == (
        f"::error title=CWC9991 test_error,file={PATH},line=3,endLine=3,col=16,endColumn=21::"
        "wrong, 100 %25%0Aof this%0Aand that: b:c.yaml%0Ahelp: mend it"
    )


def test_each_severity_has_its_command_and_what_is_off_has_none() -> None:
    report = Report([finding("a"), finding("b", severity="warning"), finding("c", severity="note")])
    assert re.findall("^::([a-z]+)", rendered(report), re.MULTILINE) == ["error", "warning", "notice"]
    assert render_github(report, SeveritySettings({"test_note": "off"})).count("\n") == 1


def test_properties_are_escaped() -> None:
    report = Report([finding(path="a,b:c%d\r\ne.yaml")])
    assert ",file=a%2Cb%3Ac%25d%0D%0Ae.yaml::" in rendered(report)


def test_paths_are_put_below_the_folder_of_the_repository() -> None:
    assert f"file=sub/project/{PATH}::" in rendered(Report([finding()]), "sub/project")


@pytest.mark.parametrize(
    ("span", "place"),
    [
        (Span(0, len(TEXT)), "line=1,endLine=3"),
        (Span(len(TEXT), len(TEXT)), "line=4,endLine=4"),
        (Span(TEXT.index("- tool"), len(TEXT)), "line=3,endLine=3,col=3,endColumn=21"),
        (Span(0, 4), "line=1,endLine=1,col=1,endColumn=5"),
    ],
)
def test_no_place_lies_behind_the_text(span: Span, place: str) -> None:
    assert f",{place}::" in rendered(report_on(TEXT, finding(at=span)))


def test_a_diagnostic_without_a_file_has_no_place() -> None:
    report = Report([finding()])
    report.diagnostics[0] = type(report.diagnostics[0])(definition=report.diagnostics[0].definition, message="no tools")
    assert rendered(report) == "::error title=CWC9991 test_error::no tools"


@settings(deadline=None)
@given(st.text(), st.integers(0, 20), st.integers(0, 20), st.text(), st.text(min_size=1))
def test_any_text_stays_inside_of_its_command(text: str, start: int, length: int, message: str, path: str) -> None:
    diagnostic = finding(message, Span(start, start + length), message, path=path, help=(message,))
    line = rendered(report_on(text, diagnostic, path=path))
    assert COMMAND.fullmatch(line)
    line.encode()
    at = re.search(r",line=(\d+),endLine=(\d+)", line)
    assert at is not None
    assert 1 <= int(at[1]) <= int(at[2]) <= max(1, len(re.findall(r"\r\n|\r|\n|\Z", text)))
