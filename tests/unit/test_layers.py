"""The layers hold, and a violation breaks the gate."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.projects import ROOT

PLANTED = {
    "a check that looks at the emitter": ("cwc/checks/collisions.py", "import cwc.emit.render"),
    "a lower layer that imports a higher one": ("cwc/plan/lower.py", "import cwc.driver.compile"),
    "the runtime importing the compiler": ("cwc/runtime/steps.py", "import cwc.source"),
    "the emitter importing the runtime": ("cwc/emit/code.py", "import cwc.runtime.errors"),
    "jinja2 outside the emitter": ("cwc/plan/lower.py", "import jinja2"),
    "libcst outside the contract": ("cwc/emit/render.py", "import libcst"),
    "click outside the command line": ("cwc/driver/compile.py", "import click"),
    "yaml outside syntax": ("cwc/language/document.py", "import yaml"),
    "networkx outside plan and checks": ("cwc/language/document.py", "import networkx"),
    "yaml in the runtime": ("cwc/runtime/steps.py", "import yaml"),
    "a module outside every layer": ("cwc/misc.py", "X = 1"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    return subprocess.run(
        command, cwd=folder, env={"PYTHONPATH": str(folder)}, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "cwc", tmp_path / "cwc", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_are_kept(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_violation_is_found(copy: Path, what: str) -> None:
    name, line = PLANTED[what]
    path = copy / name
    text = path.read_text("utf-8") if path.exists() else ""
    path.write_text(f"{text}\n{line}\n", "utf-8")
    assert lint(copy).returncode != 0, what
