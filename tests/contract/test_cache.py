"""The cache of contract checks: it never says anything but what a check from nothing would say."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from cwc._stored import cache_folder
from cwc.cli import group
from cwc.diagnostics.model import Report
from cwc.driver.contract import paths as contract
from cwc.driver.contract.paths import check_contract
from tests.projects import inside

FILES = {
    "pyproject.toml": "[tool.cwc]\n",
    "app/__init__.py": "",
    "app/main.py": "from app.helpers import pick\nfrom app import other\n\nprint(pick(), other)\n",
    "app/helpers.py": "import random\n\n\ndef pick() -> float:\n    return random.random()\n",
    "app/other.py": "import time  # cwc: allow DET202 until=2999-01-01 -- a reason\n\nNOW = time.time()\n",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "project"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def told(root: Path, *, cached: bool) -> list[object]:
    """All that a check says: severities, places and ways included."""
    report = Report()
    with inside(root):
        check_contract([Path("app/main.py")], report, cached=cached)
    return [(each.code, each.message, each.primary, each.chain, each.severity) for each in report]


def is_recalled(root: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a check is answered from the cache alone."""

    def refuse(*_: object, **__: object) -> None:
        raise LookupError

    with monkeypatch.context() as patch:
        patch.setattr(contract, "check_closure", refuse)
        try:
            told(root, cached=True)
        except LookupError:
            return False
    return True


def entries() -> list[Path]:
    folder = cache_folder()
    assert folder is not None
    return sorted(Path(folder).glob("contract-*"))


def test_a_second_check_says_the_same_without_checking(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = told(project, cached=False)
    assert plain
    assert not entries()
    assert told(project, cached=True) == plain
    assert is_recalled(project, monkeypatch)
    assert told(project, cached=True) == plain
    assert len(entries()) == 1


def test_the_verb_uses_the_cache_unless_it_is_told_not_to(project: Path) -> None:
    with inside(project):
        anew = CliRunner().invoke(group.cwc, ["contract", "app/main.py", "--no-cache"])
        assert not entries()
        first = CliRunner().invoke(group.cwc, ["contract", "app/main.py"])
        assert len(entries()) == 1
        second = CliRunner().invoke(group.cwc, ["contract", "app/main.py"])
    assert anew.exit_code == 1
    assert (anew.exit_code, anew.output) == (first.exit_code, first.output) == (second.exit_code, second.output)


CHANGES: dict[str, Callable[[Path], object]] = {
    "a module that is reached": lambda root: (root / "app/helpers.py").write_text("def pick() -> int:\n    return 4\n"),
    "a module that is gone": lambda root: (root / "app/other.py").unlink(),
    "a file that hides a standard module": lambda root: (root / "random.py").write_text("def random(): return 4\n"),
    "a package before a module": lambda root: _package(root / "app/helpers"),
    "a file that is a folder now": lambda root: _swap(root / "app/other.py"),
    "a setting": lambda root: (root / "pyproject.toml").write_text('[tool.cwc.contract]\ntools = ["app.helpers"]\n'),
}


def _package(folder: Path) -> None:
    folder.mkdir()
    (folder / "__init__.py").write_text("pick = len\n")


def _swap(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_is_seen(project: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    before = told(project, cached=True)
    assert is_recalled(project, monkeypatch)
    CHANGES[change](project)
    after = told(project, cached=True)
    assert after == told(project, cached=False)
    assert after != before


@pytest.mark.parametrize("cut", [0, 1, 70, -1])
def test_a_damaged_entry_is_worth_nothing(project: Path, monkeypatch: pytest.MonkeyPatch, cut: int) -> None:
    plain = told(project, cached=True)
    (entry,) = entries()
    whole = entry.read_bytes()
    entry.write_bytes(whole[:cut] + b"x" + whole[cut:][2:])
    assert not is_recalled(project, monkeypatch)
    assert told(project, cached=True) == plain
    assert is_recalled(project, monkeypatch)


def test_a_folder_that_cannot_be_written_to_is_no_cache(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = project.parent / "blocked"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert told(project, cached=True) == told(project, cached=False)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX ones")
def test_a_folder_that_others_can_write_to_is_no_cache(project: Path) -> None:
    told(project, cached=True)
    folder = cache_folder()
    assert folder is not None
    os.chmod(folder, 0o777)
    assert cache_folder() is None


def test_a_cache_inside_the_project_is_not_used(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(project / "cache"))
    told(project, cached=True)
    assert not entries()


def test_an_allowance_ends_on_its_day(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told(project, cached=True)
    text = entries()[0].read_bytes().partition(b"\n")[2]
    assert b'"day":""' not in text
    (project / "app/other.py").write_text("")
    told(project, cached=True)
    assert b'"day":""' in entries()[0].read_bytes()
