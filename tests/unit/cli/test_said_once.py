"""Help that is the same at every place is told once, and every place is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from cwc.cli.group import cwc
from tests.projects import inside

FLOW = """\
type: Flow
name: %s
description: Calls what is not there.
steps:
  - {tool_name: a, input_mapping: {x: 1}}
  - {tool_name: a, input_mapping: {x: 2}}
  - {tool_name: b, input_mapping: {x: 3}}
"""


@pytest.mark.parametrize("settings", [None, "[tool.cwc]\n"])
def test_that_there_are_no_tools(settings: str | None, tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    for name in ("one", "two"):
        (tmp_path / f"flows/{name}.flow.yaml").write_text(FLOW % name)
    if settings:
        (tmp_path / "pyproject.toml").write_text(settings)
    with inside(tmp_path):
        done = CliRunner().invoke(cwc, ["check"], prog_name="cwc")
    assert done.exit_code == 1
    assert [done.stderr.count(f"--> flows/{name}.flow.yaml:") for name in ("one", "two")] == [3, 3]
    assert done.stderr.count("no tools were loaded") == 1
    assert done.stderr.count("no project was found") == (0 if settings else 1)
    assert done.stderr.count("run `cwc explain CWC220`") == 1
