"""Logs of SARIF 2.1.0, held against the published schema (the one of SchemaStore, 2.1.0-rtm.5)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from cwc.diagnostics.model import Diagnostic, Edit, Label, Pointer, Report, SeveritySettings
from cwc.diagnostics.sarif import render_sarif
from cwc.driver.project import Request, check_project
from cwc.source import Source, Span
from tests.projects import ROOT, inside
from tests.unit.diagnostics.reports import PATH, Document, finding, report_on, span_of

SCHEMA = json.loads(Path(__file__).with_name("sarif-2.1.0-rtm.5.json").read_text("utf-8"))
VALIDATOR = Draft4Validator(SCHEMA)
CASES = sorted(path.parent for path in (ROOT / "tests" / "cases").glob("*/*/flows"))
TEXT = "name: x\nsteps: []\n"


def log_of(report: Report, **severities: Any) -> dict[str, Any]:
    log = json.loads(render_sarif(report, SeveritySettings(severities)))
    VALIDATOR.validate(log)
    assert isinstance(log, dict)
    return log


def results_of(report: Report, **severities: Any) -> list[dict[str, Any]]:
    results = log_of(report, **severities)["runs"][0]["results"]
    assert isinstance(results, list)
    return results


def at_pointer(text: str, part: str, *, flow: str | None = "x", pointer: Pointer | None = None) -> Report:
    """A report on one place of a document."""
    pointer = pointer or Pointer(("steps",))
    report = Report()
    report.add_document(Document(Source(PATH, text, ""), {str(pointer): span_of(text, part)}))
    report.add(
        Diagnostic(definition=finding().definition, message="wrong", primary=Label(PATH, pointer), flow=flow),
    )
    return report


def prints_of(report: Report) -> list[str]:
    return [result["partialFingerprints"]["cwc/v1"] for result in results_of(report)]


def test_a_whole_result() -> None:
    report = report_on(
        TEXT,
        Diagnostic(
            definition=finding().definition,
            message="wrong",
            primary=Label(PATH, span_of(TEXT, "[]"), "here"),
            related=(Label("b c.yaml", None, "there"),),
            chain=(Label(PATH, span_of(TEXT, "x"), "first"), Label("b.py", None)),
            help=("mend it",),
            fix=(Edit(Label(PATH, span_of(TEXT, "x")), "y"),),
        ),
    )
    x = {"startLine": 1, "startColumn": 7, "endLine": 1, "endColumn": 8}
    (result,) = results_of(report)
    assert len(result.pop("partialFingerprints")["cwc/v1"]) == 34
    assert result == {
        "ruleId": "CWC9991",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "wrong\nhelp: mend it"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": PATH},
                    "region": {"startLine": 2, "startColumn": 8, "endLine": 2, "endColumn": 10},
                },
                "message": {"text": "here"},
            }
        ],
        "relatedLocations": [
            {
                "id": 1,
                "physicalLocation": {"artifactLocation": {"uri": "b%20c.yaml"}},
                "message": {"text": "there"},
            }
        ],
        "codeFlows": [
            {
                "threadFlows": [
                    {
                        "locations": [
                            {
                                "location": {
                                    "physicalLocation": {"artifactLocation": {"uri": PATH}, "region": x},
                                    "message": {"text": "first"},
                                }
                            },
                            {"location": {"physicalLocation": {"artifactLocation": {"uri": "b.py"}}}},
                        ]
                    }
                ]
            }
        ],
        "fixes": [
            {
                "artifactChanges": [
                    {
                        "artifactLocation": {"uri": PATH},
                        "replacements": [{"deletedRegion": x, "insertedContent": {"text": "y"}}],
                    }
                ]
            }
        ],
    }


def test_rules_are_those_in_use_with_their_pages(tmp_path: Path) -> None:
    with inside(ROOT / "tests" / "cases" / "linear" / "mistakes"):
        report = Report()
        check_project(Request(tools=("tools",)), report)
        run = log_of(report)["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({diagnostic.code for diagnostic in report})
    for rule in rules:
        assert rule["help"]["markdown"].startswith(f"# {rule['id']} {rule['name']}\n")
        assert "## Wrong" in rule["help"]["text"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])


@pytest.mark.parametrize("folder", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_logs_of_projects_keep_the_schema(folder: Path) -> None:
    report = Report()
    with inside(folder):
        check_project(Request(tools=("tools",)), report)
        assert len(results_of(report)) == len(report.diagnostics)


def test_severities_are_levels() -> None:
    report = Report([finding("a"), finding("b", severity="warning"), finding("c", severity="note")])
    assert [result["level"] for result in results_of(report)] == ["error", "warning", "note"]
    assert [result["level"] for result in results_of(report, test_error="note", test_note="off")] == ["note", "warning"]


def test_fingerprints_outlive_moved_lines() -> None:
    before, after = at_pointer(TEXT, "[]"), at_pointer("# moved\n\nname: x\nsteps:   []\n", "[]")
    assert prints_of(before) == prints_of(after)


def test_fingerprints_tell_findings_apart() -> None:
    reports = [
        at_pointer(TEXT, "[]"),
        at_pointer(TEXT, "[]", pointer=Pointer(("steps",), key=True)),
        at_pointer(TEXT, "[]", pointer=Pointer(("name",))),
        at_pointer(TEXT, "[]", flow="y"),
        at_pointer(TEXT, "[]", flow=None),
        report_on(TEXT, finding(at=span_of(TEXT, "x"))),
        report_on(TEXT, finding(at=span_of(TEXT, "[]"))),
        Report([finding(path="other.yaml")]),
    ]
    assert len({print for report in reports for print in prints_of(report)}) == len(reports)
    twice = at_pointer(TEXT, "[]")
    twice.add(twice.diagnostics[0])
    assert [print[-2:] for print in prints_of(twice)] == [":1", ":2"]


def test_what_would_read_as_a_link_is_escaped() -> None:
    (result,) = results_of(Report([finding("see [here](http://example.org) and [this]")]))
    assert result["message"]["text"] == r"see \[here](http://example.org) and [this]"


def test_a_finding_about_no_file_has_a_place_all_the_same() -> None:
    (result,) = results_of(Report([Diagnostic(definition=finding().definition, message="no tools")]))
    assert result["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": "pyproject.toml"}}}]


@settings(deadline=None)
@given(st.text(), st.integers(0, 20), st.integers(0, 20), st.text(), st.text(min_size=1))
def test_any_text_makes_a_log(text: str, start: int, length: int, message: str, path: str) -> None:
    diagnostic = finding(message, Span(start, start + length), message, path=path, help=(message,))
    (result,) = results_of(report_on(text, diagnostic, path=path))
    result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].encode("ascii")
