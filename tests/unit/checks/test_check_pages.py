"""Every finding about a flow has its page: the wrong flow gives the finding, the right one builds without it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from cwc.diagnostics.model import Definition, Report
from cwc.diagnostics.pages import page
from cwc.driver.catalogue import all_definitions
from cwc.driver.project import Request, compile_project
from tests.projects import ROOT, inside

FORM = re.compile(
    r"# (?P<code>CWC\d{3}) (?P<slug>[a-z0-9_]+)\n\n(?!\n).+?\n\n(?!#).+?\n"
    r"\n## Wrong\n\n```yaml\n(?P<wrong>.+?)```\n\n## Right\n\n```yaml\n(?P<right>.+?)```\n",
    re.DOTALL,
)
READING = re.compile("CWC[01]..|DET")
PROJECT = re.compile("CWC(20.|321|71.|8..)")
"""Findings about more than flows and tools; their pages are run by other tests."""

OF_FLOWS = [
    definition
    for definition in all_definitions()
    if not READING.match(definition.code) and not PROJECT.match(definition.code)
]


def chained(flow: str) -> str:
    """The flows that a page leaves out: each but the last of a chain runs the next one, as the first does."""
    links = [flow.replace("link_1\n", f"link_{n + 1}\n").replace("link_0", f"link_{n}") for n in range(11)]
    return "---\n".join(
        [*links, links[-1].replace("flow_name: link_11", "tool_name: double").replace("link_10", "link_11")]
    )


def reported(folder: Path, flow: str, copies: int) -> Report:
    (folder / "flows").mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "example_tools.py", folder / "tools.py")
    for number, document in enumerate(flow.split("---\n") * copies):
        (folder / "flows" / f"example{number}.flow.yaml").write_text(document, "utf-8")
    report = Report()
    with inside(folder):
        assert compile_project(Request(tools=("tools",)), report) is not None
    return report


@pytest.mark.parametrize("definition", OF_FLOWS, ids=lambda definition: definition.code)
def test_page(definition: Definition, tmp_path: Path) -> None:
    text = page(definition)
    assert text is not None, "every finding has a page"
    form = FORM.fullmatch(text)
    assert form is not None
    assert (form["code"], form["slug"]) == (definition.code, definition.slug)
    copies = 2 if definition.slug == "module_name_clash" else 1
    text = chained(form["wrong"]) if definition.slug == "max_depth_exceeded" else form["wrong"]
    wrong = reported(tmp_path / "wrong", text, copies)
    assert definition.slug in {found.slug for found in wrong}
    right = reported(tmp_path / "right", form["right"], 1)
    errors = [found.slug for found in right if (found.severity or found.definition.severity) == "error"]
    assert errors == []
    assert definition.slug not in {found.slug for found in right}
