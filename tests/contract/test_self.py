"""cwc held to its own contract: the runtime, and every golden module with the runtime behind it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from cwc.diagnostics.model import Report
from cwc.driver.contract.paths import check_contract
from tests.projects import ROOT, inside

GOLDENS = sorted(path.parent for path in (ROOT / "tests" / "cases").glob("*/*/generated/__init__.py"))


def said(*paths: Path) -> list[str]:
    """All that the contract says of paths of this project, but notes."""
    report = Report()
    with inside(ROOT):
        check_contract(paths, report, config=ROOT / "contract.toml")
    shown = []
    for diagnostic in report:
        if (diagnostic.severity or diagnostic.definition.severity) != "note":
            place = report.place(diagnostic.primary)
            shown.append(f"{place or diagnostic.primary}: {diagnostic.code} {diagnostic.message}")
    return shown


def test_the_runtime_keeps_the_contract() -> None:
    assert said(ROOT / "cwc" / "runtime") == []


def test_goldens_keep_the_contract() -> None:
    assert GOLDENS
    assert said(*GOLDENS) == []


def test_the_runtime_is_looked_at() -> None:
    """Without the settings there is something to allow, so the settings say what they are for."""
    with inside(ROOT / "cwc"):
        report = Report()
        check_contract([Path("runtime")], report, config=ROOT / "tests" / "contract" / "no_settings.toml")
    assert {"DET202", "DET304", "DET405"} <= {diagnostic.code for diagnostic in report}


@pytest.mark.parametrize("name", ["carve_out", "profile"])
def test_every_allowance_has_a_reason(name: str) -> None:
    settings = tomllib.loads((ROOT / "contract.toml").read_text("utf-8"))["tool"]["cwc"]["contract"]
    assert settings[name]
    assert all(len(entry["reason"]) > 20 for entry in settings[name])
