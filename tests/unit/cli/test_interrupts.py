"""Ctrl-C at any moment: 130, one line on stderr, and no traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cwc.cli.group import cwc
from tests.projects import ROOT

START = """
import sys

class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupts())
sys.path.insert(0, {root!r})
sys.argv[1:] = ["check"]
from cwc.cli import main
main()
"""


@pytest.mark.parametrize("module", ["click", "cwc.cli.group", "cwc.cli.check", "cwc.driver.project", "yaml"])
def test_an_interrupt_while_it_starts(tmp_path: Path, module: str) -> None:
    code = START.format(module=module, root=str(ROOT))
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "cwc: interrupted\n")


def test_an_interrupt_while_arguments_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cwc, "parse_args", interrupt)
    done = CliRunner().invoke(cwc, ["check"])
    assert (done.exit_code, done.output) == (130, "cwc: interrupted\n")


def test_an_interrupt_of_a_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cwc.driver.watching.builds", interrupt)
    done = CliRunner().invoke(cwc, ["watch"])
    assert (done.exit_code, done.output) == (130, "cwc: interrupted\n")
