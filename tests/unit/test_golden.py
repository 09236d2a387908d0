"""Every folder under tests/cases is a project whose modules, plans and report are as they were accepted.

``pytest --accept`` rewrites them; the change is then reviewed in the diff.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cwc.diagnostics.model import Report, SeveritySettings
from cwc.diagnostics.text import render_text
from cwc.driver.project import Request, compile_project
from cwc.plan.text import dump_plan
from tests.projects import ROOT, inside

CASES = sorted(path.parent for path in (ROOT / "tests" / "cases").glob("*/*/flows"))
PACKAGE = '"""Modules that cwc generated from flow files."""\n'


def results_of(case: Path) -> dict[str, str]:
    """The golden files of a case, as cwc makes them now."""
    report = Report()
    with inside(case):
        compiled = compile_project(Request(tools=("tools",)), report)
        text = render_text(report, SeveritySettings(), color=False)
    assert compiled is not None
    files = {f"generated/{flow.file}": flow.artifact.text for flow in compiled.flows if flow.artifact is not None}
    if files:
        files["generated/__init__.py"] = PACKAGE
    plans = sorted((flow.plan.name, dump_plan(flow.plan)) for flow in compiled.flows)
    return {**files, "plan.txt": "\n".join(text for _, text in plans), "report.txt": text}


def stored(case: Path) -> list[Path]:
    """The golden files that there are."""
    return sorted([*case.glob("*.txt"), *(case / "generated").glob("*.py")])


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_golden(case: Path, request: pytest.FixtureRequest) -> None:
    actual = results_of(case)
    if request.config.getoption("--accept"):
        for path in stored(case):
            path.unlink()
        for name, text in actual.items():
            (case / name).parent.mkdir(exist_ok=True)
            (case / name).write_text(text, encoding="utf-8")
    expected = {path.relative_to(case).as_posix(): path.read_text("utf-8") for path in stored(case)}
    assert actual == expected


GENERATED = [case for case in CASES if (case / "generated").exists()]


@pytest.mark.parametrize("case", GENERATED, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_generated_code_passes_mypy_strict_and_ruff(case: Path, tmp_path: Path) -> None:
    for command in (
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / ".mypy_cache" / "cases"), "generated"],
        [sys.executable, "-m", "ruff", "check", "--isolated", "generated"],
    ):
        done = subprocess.run(command, cwd=case, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_goldens() -> None:
    assert len(CASES) >= 3
    assert GENERATED
