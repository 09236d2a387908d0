"""What people see of a report."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwc.diagnostics.as_json import render_json
from cwc.diagnostics.excerpt import LONGEST_LINE
from cwc.diagnostics.model import Diagnostic, Label, Pointer, Report, SeveritySettings
from cwc.diagnostics.text import render_text
from cwc.source import Source, Span
from tests.unit.diagnostics.reports import PATH, Document, finding, report_on, span_of

FLOW = """\
name: double_add_format
steps:
  - tool_name: double
    input_mapping:
      number: valeu
"""


def rendered(report: Report, *, color: bool = False, **chosen: str) -> str:
    return render_text(report, SeveritySettings(chosen), color=color)  # type: ignore[arg-type]


def excerpt_of(text: str, span: Span, label: str = "") -> list[str]:
    """The lines between the arrow and the help of a single diagnostic."""
    lines = rendered(report_on(text, finding(at=span, label=label))).split("\n")
    return lines[2 : lines.index(next(line for line in lines if "= help:" in line))]


def test_a_diagnostic_shows_its_line_with_carets_and_help() -> None:
    diagnostic = finding(
        "key 'valeu' is never produced",
        span_of(FLOW, "valeu"),
        "no step before this one writes it",
        help=("did you mean 'value', written by step 0 'double'?",),
    )
    assert rendered(report_on(FLOW, diagnostic)) == dedent("""\
        error[CWC9991]: key 'valeu' is never produced
         --> flows/a.flow.yaml:5:15
          |
        5 |       number: valeu
          |               ^^^^^ no step before this one writes it
          = help: did you mean 'value', written by step 0 'double'?
          = help: run `cwc explain CWC9991`

        1 error in 1 file""")


def test_related_places_follow_under_a_heading_of_their_own() -> None:
    text = "\n" * 9 + FLOW
    diagnostic = finding(
        at=span_of(text, "valeu"),
        related=(Label(PATH, span_of(text, "double\n"), "step 0 writes it"), Label("other.yaml", None)),
    )
    assert rendered(report_on(text, diagnostic)) == dedent("""\
        error[CWC9991]: something is wrong
          --> flows/a.flow.yaml:14:15
           |
        14 |       number: valeu
           |               ^^^^^
        note: step 0 writes it
          --> flows/a.flow.yaml:12:16
           |
        12 |   - tool_name: double
           |                ^^^^^^
        note: see also
          --> other.yaml
           = help: run `cwc explain CWC9991`

        1 error in 1 file""")


def test_a_chain_is_told_hop_by_hop() -> None:
    diagnostic = replace(
        finding(at=span_of(FLOW, "valeu")),
        chain=(Label(PATH, span_of(FLOW, "double"), "imports b"), Label("b.py", None, "imports c"), Label("c.py")),
    )
    lines = rendered(report_on(FLOW, diagnostic)).split("\n")
    note = lines.index("  = note: this is how it comes there:")
    assert lines[note + 1 : note + 4] == [
        f"          {PATH}:1:7: imports b",
        "          b.py: imports c",
        "          c.py",
    ]


def test_pointers_are_shown_where_the_document_has_them() -> None:
    source = Source(PATH, FLOW, "")
    report = Report()
    report.add_document(Document(source, {"/name": span_of(FLOW, "double_add_format")}))
    report.add(finding(at=Pointer(("name",))))
    assert f"--> {PATH}:1:7" in rendered(report)


def test_a_whole_file_and_no_file_at_all() -> None:
    report = Report([finding("cannot be read", label="it is a folder", path="x.flow.yaml")])
    report.add(Diagnostic(definition=finding().definition, message="no tools"))
    assert rendered(report) == dedent("""\
        error[CWC9991]: no tools
          = help: run `cwc explain CWC9991`

        error[CWC9991]: cannot be read
         --> x.flow.yaml
          = note: it is a folder

        2 errors in 1 file""")


def test_diagnostics_stand_by_file_line_column_and_code() -> None:
    spans = [("b.yaml", Span(0, 1)), ("a.yaml", Span(3, 4)), ("a.yaml", Span(1, 2)), ("a.yaml", Span(0, 1))]
    report = Report([finding(at=span, path=path) for path, span in spans])
    report.add_source(Source("a.yaml", "ab\ncd", ""))
    report.add_source(Source("b.yaml", "ab\ncd", ""))
    places = re.findall("--> (.*)", rendered(report))
    assert places == ["a.yaml:1:1", "a.yaml:1:2", "a.yaml:2:1", "b.yaml:1:1"]


def test_the_summary_counts_by_severity_and_file() -> None:
    report = Report([finding(), finding(), finding(severity="warning", path="b"), finding(severity="note", path="c")])
    assert rendered(report).endswith("\n\n2 errors, 1 warning, 1 note in 3 files")
    assert rendered(Report()) == ""


def test_severity_settings_raise_lower_and_drop() -> None:
    report = Report([finding(), finding(severity="warning")])
    assert "warning[CWC9991]" in rendered(report, CWC9991="warning")
    assert "CWC9991" not in rendered(report, CWC9991="off")
    assert rendered(report, test_error="off", test_warning="off") == ""


def test_colour_changes_nothing_else() -> None:
    report = report_on(FLOW, finding(at=span_of(FLOW, "valeu"), label="here"))
    coloured = rendered(report, color=True)
    assert "\x1b[1;31m^^^^^ here\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == rendered(report)
    assert "\x1b" not in rendered(report)


def test_wide_characters_and_combining_marks_keep_carets_in_place() -> None:
    text = "name: 日本 e\u0301 x"
    assert excerpt_of(text, span_of(text, "x"))[1:] == [f"1 | {text}", "  | " + " " * 13 + "^"]
    assert excerpt_of(text, span_of(text, "日本"))[2] == "  | " + " " * 6 + "^^^^"


def test_tabs_become_spaces() -> None:
    text = "a:\tb\tc"
    assert excerpt_of(text, span_of(text, "c"))[1:] == ["1 | a:  b   c", "  |         ^"]


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [("\x1b[31m", r"\x1b[31m"), ("\u202e", r"\u202e"), ("\x00", r"\x00"), ("\x9b", r"\x9b"), ("\ud800", r"\ud800")],
)
def test_what_could_steer_a_terminal_is_escaped(hostile: str, shown: str) -> None:
    text = f"a: {hostile}b"
    diagnostic = finding(
        f"bad {hostile}",
        Span(3, 3 + len(hostile)),
        f"label {hostile}",
        path=PATH,
        help=(f"help {hostile}",),
        related=(Label(f"path {hostile}", None, f"related {hostile}"),),
    )
    output = rendered(report_on(text, diagnostic))
    assert hostile not in output
    assert f"1 | a: {shown}b\n  |    {'^' * len(shown)} label {shown}\n" in output
    for part in ("bad", "help", "path", "related"):
        assert f"{part} {shown}" in output


def test_a_message_of_several_lines_cannot_pass_for_another_diagnostic() -> None:
    diagnostic = finding("first\r\nerror[CWC001]: forged", help=("one\n= help: forged",))
    assert rendered(Report([diagnostic])).split("\n")[:5] == [
        "error[CWC9991]: first",
        "  error[CWC001]: forged",
        " --> flows/a.flow.yaml",
        "  = help: one",
        "          = help: forged",
    ]


def test_a_long_line_is_cut_around_the_place() -> None:
    text = "a" * 5_000 + "HERE" + "b" * 5_000
    line, carets = excerpt_of(text, span_of(text, "HERE"))[1:]
    assert line.startswith("1 | ...a")
    assert line.endswith("b...")
    assert len(line) == len("1 | ......") + LONGEST_LINE
    assert line[carets.index("^") : carets.rindex("^") + 1] == "HERE"


def test_a_place_longer_than_the_line_that_is_shown() -> None:
    text = "x" * 1_000
    line, carets = excerpt_of(text, Span(0, 1_000))[1:]
    assert carets.count("^") == LONGEST_LINE
    assert line == "1 | " + "x" * LONGEST_LINE + "..."


def test_several_lines_show_the_first_and_the_last() -> None:
    assert excerpt_of(FLOW, Span(FLOW.index("tool_name"), len(FLOW)), "this step") == [
        "  |",
        "3 |   - tool_name: double",
        "  |     ^^^^^^^^^^^^^^^^^",
        "  | ...",
        "5 |       number: valeu",
        "  |       ^^^^^^^^^^^^^ this step",
    ]


def test_a_place_that_ends_in_white_space_ends_before_it() -> None:
    text = "steps:\n  - one\n\n  \nname: x"
    assert excerpt_of(text, Span(text.index("- one"), text.index("name")))[1:] == ["2 |   - one", "  |   ^^^^^"]


@pytest.mark.parametrize(
    ("text", "span", "lines"),
    [
        ("", Span(0, 0), ["1 |", "  | ^"]),
        ("a\n", Span(2, 2), ["2 |", "  | ^"]),
        ("a", Span(1, 1), ["1 | a", "  |  ^"]),
        ("a\r\nb", Span(1, 2), ["1 | a", "  |  ^"]),
        ("a", Span(40, 50), ["1 | a", "  |  ^"]),
    ],
)
def test_places_at_the_end(text: str, span: Span, lines: list[str]) -> None:
    assert excerpt_of(text, span)[1:] == lines


@settings(deadline=None)
@given(st.text(), st.integers(0, 50), st.integers(0, 50), st.text())
def test_any_text_can_be_shown(text: str, start: int, length: int, message: str) -> None:
    diagnostic = finding(message, Span(start, start + length), message, help=(message,))
    output = rendered(report_on(text, diagnostic))
    unseen = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not [char for char in output.replace("\n", "") if unicodedata.category(char) in unseen]
    output.encode()
    assert "^" in output


def test_help_that_is_not_of_one_place_is_told_once() -> None:
    found = replace(finding(help=("did you mean 'b'?",)), primary=None, general=("name the modules",))
    report = Report([replace(found, message="no tool 'a'"), replace(found, message="no tool 'c'")])
    assert rendered(report) == dedent("""\
        error[CWC9991]: no tool 'a'
          = help: did you mean 'b'?
          = help: name the modules
          = help: run `cwc explain CWC9991`

        error[CWC9991]: no tool 'c'
          = help: did you mean 'b'?

        2 errors""")
    members = json.loads(render_json(report, SeveritySettings(), files=0, flows=0))["diagnostics"]
    assert [member["help"] for member in members] == [["did you mean 'b'?", "name the modules"]] * 2
