"""The same flows give the same bytes: whatever the hash seed, the locale, the folder, or the order of arguments."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.projects import ROOT, run_cwc

CASE = ROOT / "tests" / "cases" / "linear" / "wiring"


def built(folder: Path, *arguments: str, env: dict[str, str], cwd: Path | None = None) -> dict[str, bytes]:
    """Every file that a build of a copy of the case writes."""
    shutil.copytree(CASE, folder, ignore=shutil.ignore_patterns("generated", "__pycache__"))
    (folder / "pyproject.toml").write_text('[tool.cwc]\ntools = ["tools"]\n')
    done = run_cwc("build", *arguments, cwd=cwd or folder, env=env)
    assert done.returncode == 0, done.stderr
    return {path.name: path.read_bytes() for path in (folder / "generated").iterdir() if path.is_file()}


def test_equal_bytes(tmp_path: Path) -> None:
    first = built(tmp_path / "a", env={"PYTHONHASHSEED": "0", "LC_ALL": "C"})
    assert len(first) > 8
    assert built(tmp_path / "b" / "deeper", env={"PYTHONHASHSEED": "7", "LC_ALL": "C.UTF-8"}) == first

    names = sorted(path.name for path in (CASE / "flows").iterdir())
    shuffled = [f"flows/{name}" for name in (*names[3:], *names[:3])][::-1]
    assert built(tmp_path / "c", *shuffled, env={"PYTHONHASHSEED": "1"}) == first

    inner = tmp_path / "d"
    shutil.copytree(CASE, inner / "x", ignore=shutil.ignore_patterns("generated"))
    assert built(inner / "y", env={"PYTHONHASHSEED": "2"}, cwd=None) == first


def test_the_working_directory_does_not_show(tmp_path: Path) -> None:
    first = built(tmp_path / "a", env={})
    (tmp_path / "b" / "below").mkdir(parents=True)
    second = built(tmp_path / "b" / "project", env={}, cwd=None)
    assert first == second
    done = run_cwc("build", cwd=tmp_path / "a" / "flows")
    assert done.returncode == 0, done.stderr
    third = {path.name: path.read_bytes() for path in (tmp_path / "a" / "generated").iterdir() if path.is_file()}
    assert third == first
