"""An error that a project makes less of never leads to code that cannot be: the flow builds whole, or says why not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cwc.diagnostics.model import Definition, Report
from cwc.diagnostics.pages import page
from cwc.driver.catalogue import all_definitions
from cwc.driver.memory import load_flow
from cwc.driver.project import Outcome, Request, build_project
from tests.projects import ROOT, inside
from tests.unit.checks.test_check_pages import FORM, PROJECT

ERRORS = [entry for entry in all_definitions() if entry.severity == "error" and not PROJECT.match(entry.code)]
FLOWS = [entry for entry in ERRORS if entry.code.startswith("CWC")]
COLLISION = """\
type: Flow
name: example
description: An example.
on_context_collision: error
input_schema_ref: tools:NumberInput
steps:
  - tool_name: double
    input_mapping: {number: number}
  - tool_name: triple
    input_mapping: {number: number}
"""


def built(folder: Path, flow: str, *lowered: str) -> tuple[Outcome, Report]:
    """A build of a flow in which kinds of findings are off."""
    (folder / "flows").mkdir()
    shutil.copy(ROOT / "tests" / "example_tools.py", folder / "tools.py")
    severities = ", ".join(f'{name} = "off"' for name in lowered)
    (folder / "pyproject.toml").write_text(f'[tool.cwc]\ntools = ["tools"]\nseverity = {{{severities}}}\n')
    ending = "json" if flow.startswith("{") else "yaml"
    for number, text in enumerate(flow.split("---\n")):
        (folder / "flows" / f"example{number}.flow.{ending}").write_text(text, "utf-8")
    report = Report()
    with inside(folder):
        outcome = build_project(Request(), report)
        for compiled in outcome.compiled.flows if outcome.compiled else ():
            if compiled.artifact is not None:
                assert load_flow(compiled, outcome.compiled.flows if outcome.compiled else ()) is not None
    return outcome, report


@pytest.mark.parametrize("definition", FLOWS, ids=lambda definition: definition.code)
def test_every_error_can_be_lowered(definition: Definition, tmp_path: Path) -> None:
    form = FORM.fullmatch(page(definition) or "")
    assert form is not None
    outcome, report = built(tmp_path, form["wrong"], *(entry.code for entry in ERRORS))
    assert outcome.compiled is not None
    lost = {flow.document.path for flow in outcome.compiled.flows if flow.artifact is None} | {*outcome.compiled.unread}
    left = {found.primary.path for found in report if outcome.settings.of(found) == "error" and found.primary}
    assert left == lost
    assert {found.slug for found in report if outcome.settings.of(found) == "error"} <= {"lowered_error"}


@pytest.mark.parametrize("slug", ["missing_tool", "wrong_type", "invalid_yaml"])
def test_what_cannot_be_built_is_an_error_of_its_own(slug: str, tmp_path: Path) -> None:
    definition = next(entry for entry in FLOWS if entry.slug == slug)
    form = FORM.fullmatch(page(definition) or "")
    assert form is not None
    outcome, report = built(tmp_path, form["wrong"], slug, "lowered_error")
    (found,) = [found for found in report if outcome.settings.of(found) == "error"]
    assert (found.slug, f"{definition.code} {slug}" in found.message) == ("lowered_error", True)
    assert not outcome.written


def test_a_flow_that_always_ends_in_a_collision_is_not_built(tmp_path: Path) -> None:
    outcome, report = built(tmp_path, COLLISION, "context_collision")
    assert [found.slug for found in report if outcome.settings.of(found) == "error"] == ["lowered_error"]
    assert not outcome.written


def test_an_error_that_leaves_the_plan_whole_can_be_lowered(tmp_path: Path) -> None:
    flow = COLLISION.replace("{number: number}", "{}").replace("triple", "add_ten").replace("error", "overwrite")
    flow = flow.replace("  - tool_name: double\n    input_mapping: {}\n", "")
    outcome, report = built(tmp_path, flow, "missing_required_input")
    assert "missing_required_input" in {found.slug for found in report}
    assert not report.has_errors(outcome.settings)
    assert (tmp_path / "generated" / "example.py").is_file()
