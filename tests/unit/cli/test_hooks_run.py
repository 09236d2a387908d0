"""The hooks as pre-commit runs them: installed from this checkout, over a scratch repository."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.projects import ROOT, run_cwc

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="pre-commit installs hooks from a git repository"),
]
HELPERS = {
    "decisions.py": "from helpers import label\n\n\ndef choose(names: list[str]) -> str:\n    return label(names)\n",
    "helpers.py": "from _order import first\n\n\ndef label(names: list[str]) -> str:\n    return first(names)\n",
    "_order.py": "def first(names: list[str]) -> str:\n    return sorted(names)[0]\n",
}
DIRTY = "import random\n\n\ndef first(names: list[str]) -> str:\n    return random.choice(names)\n"


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=tester", "-c", "user.email=tester@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def try_hooks(folder: Path, *arguments: str) -> tuple[int, dict[str, str], str]:
    """The exit code, Passed, Failed or Skipped by hook, and everything printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON"))}
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), "--color", "never", *arguments],
        cwd=folder,
        env={**environment, "PRE_COMMIT_HOME": str(folder.parent / "cache")},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=600,
        check=False,
    )
    outcomes = dict(re.findall(r"^(cwc [^.]+)\..*(Passed|Failed|Skipped)$", done.stdout, re.MULTILINE))
    return done.returncode, outcomes, done.stdout + done.stderr


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A scaffolded project, built, with decisions beside it that are clean."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "--quiet")
    assert run_cwc("init", cwd=folder).returncode == 0
    assert run_cwc("build", cwd=folder).returncode == 0
    for name, text in HELPERS.items():
        (folder / name).write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "a project")
    return folder


def test_a_clean_repository_passes(repository: Path) -> None:
    code, hooks, shown = try_hooks(repository, "--all-files")
    assert hooks == {"cwc check": "Passed", "cwc build --check": "Passed", "cwc contract": "Passed"}, shown
    assert code == 0


def test_a_dirty_repository_fails(repository: Path) -> None:
    flow = next((repository / "flows").glob("*.yaml"))
    flow.write_text(flow.read_text().replace("value: doubled", "value: doubeld"))
    (repository / "_order.py").write_text(DIRTY)
    git(repository, "add", "--all")
    code, hooks, shown = try_hooks(repository, "--files", f"flows/{flow.name}", "decisions.py")
    assert hooks == {"cwc check": "Failed", "cwc build --check": "Failed", "cwc contract": "Failed"}, shown
    assert code == 1
    assert "key 'doubeld' is never produced" in shown
    assert "_order.py:1" in shown, "decisions.py did not change, and is two imports away from what did"


def test_a_stale_module_fails_whatever_changed(repository: Path) -> None:
    flow = next((repository / "flows").glob("*.yaml"))
    flow.write_text(flow.read_text().replace("amount: 10", "amount: 11"))
    git(repository, "add", "--all")
    code, hooks, shown = try_hooks(repository, "--files", "tools.py")
    assert hooks == {"cwc check": "Skipped", "cwc build --check": "Failed", "cwc contract": "Passed"}, shown
    assert code == 1
    assert "generated/" in shown
