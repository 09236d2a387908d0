"""What programs see of a report."""

from __future__ import annotations

import json

from cwc.diagnostics.as_json import render_json
from cwc.diagnostics.model import Diagnostic, Label, Pointer, Report, SeveritySettings
from cwc.source import Source, Span
from tests.unit.diagnostics.reports import PATH, Document, finding, report_on, span_of

TEXT = "name: x\nsteps: []\n"


def parsed(report: Report, settings: SeveritySettings | None = None) -> dict[str, object]:
    value = json.loads(render_json(report, settings or SeveritySettings(), files=3, flows=2))
    assert isinstance(value, dict)
    return value


def test_the_whole_object() -> None:
    report = Report()
    report.add_document(Document(Source(PATH, TEXT, ""), {"/steps/0/tool~1name": span_of(TEXT, "[]")}))
    report.add(
        Diagnostic(
            definition=finding().definition,
            message="wrong",
            primary=Label(PATH, Pointer(("steps", 0, "tool/name"))),
            related=(Label(PATH, span_of(TEXT, "x"), "here"),),
            help=("mend it",),
            flow="x",
            step_index=0,
        )
    )
    assert parsed(report) == {
        "version": 1,
        "diagnostics": [
            {
                "code": "CWC9991",
                "slug": "test_error",
                "severity": "error",
                "message": "wrong",
                "path": PATH,
                "line": 2,
                "column": 8,
                "end_line": 2,
                "end_column": 10,
                "pointer": "/steps/0/tool~1name",
                "flow": "x",
                "step_index": 0,
                "help": ["mend it"],
                "related": [{"message": "here", "path": PATH, "line": 1, "column": 7, "end_line": 1, "end_column": 8}],
            }
        ],
        "summary": {"errors": 1, "warnings": 0, "notes": 0, "files": 3, "flows": 2},
    }


def test_what_is_not_known_is_null() -> None:
    report = Report([Diagnostic(definition=finding().definition, message="wrong")])
    members = parsed(report)["diagnostics"]
    assert isinstance(members, list)
    unknown = {"path", "line", "column", "end_line", "end_column", "pointer", "flow", "step_index"}
    assert {name for name, value in members[0].items() if value is None} == unknown


def test_sorted_and_weighed() -> None:
    report = report_on(
        TEXT,
        finding("c", Span(9, 10)),
        finding("b", Span(1, 2), severity="warning"),
        finding("a", Span(0, 1), severity="note"),
        finding("d", path="z"),
    )
    value = parsed(report, SeveritySettings({"CWC9993": "off"}, strict=True))
    members = value["diagnostics"]
    assert isinstance(members, list)
    assert [(member["message"], member["severity"]) for member in members] == [
        ("b", "error"),
        ("c", "error"),
        ("d", "error"),
    ]
    assert value["summary"] == {"errors": 3, "warnings": 0, "notes": 0, "files": 3, "flows": 2}


def test_an_empty_report() -> None:
    summary = {"errors": 0, "warnings": 0, "notes": 0, "files": 3, "flows": 2}
    assert parsed(Report()) == {"version": 1, "diagnostics": [], "summary": summary}


def test_anything_can_be_encoded() -> None:
    hostile = "\ud800\x1b\u202e\x00é"
    report = Report([finding(hostile, path=hostile)])
    text = render_json(report, SeveritySettings(), files=0, flows=0)
    assert text.isascii()
    assert "\x1b" not in text
    members = json.loads(text)["diagnostics"]
    assert (members[0]["message"], members[0]["path"]) == (hostile, hostile)
