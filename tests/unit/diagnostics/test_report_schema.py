"""The JSON report keeps its published schema, whatever is in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cwc.diagnostics.as_json import render_json
from cwc.diagnostics.model import Report, SeveritySettings
from cwc.driver.project import Request, check_project
from tests.projects import ROOT, inside

SCHEMA = json.loads((ROOT / "schemas" / "report.schema.json").read_text("utf-8"))
CASES = sorted(path.parent for path in (ROOT / "tests" / "cases").glob("*/*/flows"))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("folder", [*CASES, ROOT / "docs"], ids=lambda path: path.name)
def test_reports_keep_it(folder: Path) -> None:
    report = Report()
    with inside(folder):
        outcome = check_project(Request(tools=("tools",)), report)
        shown = json.loads(render_json(report, SeveritySettings(), files=outcome.files, flows=outcome.flows))
    Draft202012Validator(SCHEMA).validate(shown)
    assert len(shown["diagnostics"]) == len(report.diagnostics)


def test_a_report_of_another_shape_is_refused() -> None:
    assert not Draft202012Validator(SCHEMA).is_valid({"version": 2, "diagnostics": [], "summary": {}})
