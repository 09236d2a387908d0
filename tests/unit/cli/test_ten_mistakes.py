"""A flow file with ten different mistakes is told of all ten in one run, each at its line and column."""

from __future__ import annotations

import json

from tests.projects import ROOT, run_cwc

EXPECTED = [
    ("invalid_version", 3, 10),
    ("unresolved_reference", 5, 19),
    ("unknown_field", 6, 1),
    ("missing_tool", 8, 16),
    ("out_of_range", 12, 26),
    ("invalid_on_error", 14, 15),
    ("unknown_output_key", 16, 27),
    ("invalid_reference", 17, 21),
    ("tool_or_flow", 18, 16),
    ("context_collision", 19, 16),
]


def test_ten_mistakes() -> None:
    folder = ROOT / "tests" / "cases" / "linear" / "mistakes"
    done = run_cwc("check", "--tools", "tools", "--format", "json", cwd=folder)
    found = json.loads(done.stdout)["diagnostics"]
    assert [(entry["slug"], entry["line"], entry["column"]) for entry in found] == EXPECTED
    assert done.returncode == 1
