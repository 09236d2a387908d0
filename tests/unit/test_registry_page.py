"""The page on the registry: its code runs, on the scaffold, and its commands are real."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from cwc.cli.group import cwc
from tests.projects import ROOT, inside

PAGE = (ROOT / "docs" / "registry.md").read_text("utf-8")


def test_its_code_runs(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) >= 3
    with inside(tmp_path):
        assert CliRunner().invoke(cwc, ["init"]).exit_code == 0
        assert CliRunner().invoke(cwc, ["build"]).exit_code == 0
        exec(compile("\n".join(blocks), "docs/registry.md", "exec"), {})


def test_its_commands_are_real() -> None:
    verbs = re.findall(r"^    cwc flows (\S+)", PAGE, re.MULTILINE)
    assert verbs == ["list", "status", "drift", "accept-drift"]
    for verb in verbs:
        assert CliRunner().invoke(cwc, ["flows", verb, "--help"]).exit_code == 0
