"""`cwc check --fix` on the wrong flow of every explain page: mistakes that have a fix are gone, and none comes in."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from cwc.diagnostics.model import Definition, Report
from cwc.diagnostics.pages import page
from cwc.driver.catalogue import all_definitions
from cwc.driver.fixing import fix_project
from cwc.driver.project import Request, check_project
from tests.projects import ROOT, inside
from tests.unit.checks.test_check_pages import FORM, PROJECT

OF_FLOW_FILES = [entry for entry in all_definitions() if entry.code.startswith("CWC") and not PROJECT.match(entry.code)]
MENDED = {
    "yaml_11_scalar",
    "unknown_flow_type",
    "unknown_field",
    "missing_tool",
    "unresolved_reference",
    "missing_mapping_key",
}
"""Those whose pages show a slip that has one sure remedy."""


def slugs(report: Report) -> Counter[str]:
    return Counter(found.slug for found in report)


@pytest.mark.parametrize("definition", OF_FLOW_FILES, ids=lambda definition: definition.code)
def test_page(definition: Definition, tmp_path: Path) -> None:
    form = FORM.fullmatch(page(definition) or "")
    assert form is not None
    (tmp_path / "flows").mkdir()
    shutil.copy(ROOT / "tests" / "example_tools.py", tmp_path / "tools.py")
    for number, text in enumerate(form["wrong"].split("---\n")):
        ending = "json" if text.startswith("{") else "yaml"
        (tmp_path / "flows" / f"example{number}.flow.{ending}").write_text(text, "utf-8")
    request = Request(tools=("tools",))
    with inside(tmp_path):
        before, after, again = Report(), Report(), Report()
        check_project(request, before)
        mended = fix_project(request, after)
        check_project(request, again)
    assert slugs(after) == slugs(again)
    assert not any(found.fix for found in after if found.slug in MENDED)
    fixable = {found.slug for found in before if found.fix}
    assert bool(mended.files) == bool(fixable)
    if definition.slug in fixable:
        assert definition.slug not in slugs(after)
    assert (definition.slug in MENDED) <= (definition.slug in fixable)
