"""Hostile Python files: what cannot be read is a finding, what can be read is read, and nothing crashes or hangs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.contract.hostile_python import (
    DIRTY,
    EITHER,
    FIVE_MEGABYTES,
    READABLE,
    UNREADABLE,
    write_files,
    write_odd_places,
)
from tests.projects import run_cwc

CLEAN = "def double(x):\n    return x * 2\n"
DRAWS = "import random\n\ndef draw():\n    return random.random()\n"


def contract(folder: Path, *paths: str, code: int) -> list[dict[str, Any]]:
    done = run_cwc("contract", *paths, "--format", "json", cwd=folder)
    assert done.returncode == code, done.stderr or done.stdout
    assert "Traceback" not in done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["diagnostics"]
    return found


def codes(found: list[dict[str, Any]], name: str) -> set[str]:
    return {one["code"] for one in found if one["path"] == f"{name}.py"}


def test_what_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    write_files(tmp_path, UNREADABLE)
    found = contract(tmp_path, ".", code=1)
    assert {name: codes(found, name) for name in UNREADABLE} == {name: {"DET905"} for name in UNREADABLE}


def test_what_can_be_read_is_read(tmp_path: Path) -> None:
    write_files(tmp_path, READABLE)
    found = contract(tmp_path, ".", code=1)
    assert [name for name in READABLE if "DET202" not in codes(found, name)] == []


def test_what_some_can_read_is_never_clean(tmp_path: Path) -> None:
    write_files(tmp_path, EITHER)
    found = contract(tmp_path, ".", code=1)
    assert [name for name in EITHER if not codes(found, name) & {"DET202", "DET905"}] == []


@pytest.mark.long
def test_five_megabytes(tmp_path: Path) -> None:
    write_files(tmp_path, {"large": FIVE_MEGABYTES})
    assert codes(contract(tmp_path, "large.py", code=1), "large") & {"DET202", "DET905"}


def test_links_and_things_that_are_no_files(tmp_path: Path) -> None:
    write_odd_places(tmp_path)
    found = contract(tmp_path, ".", code=1)
    unreadable = {one["path"] for one in found if one["code"] == "DET905"}
    assert {"itself.py", "dangling.py", "endless.py", "pipe.py"} <= unreadable
    assert not {one["path"] for one in found} - unreadable


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text(CLEAN)
    (tmp_path / "secret.py").chmod(0)
    assert codes(contract(tmp_path, "secret.py", code=1), "secret") == {"DET905"}


def test_nothing_to_check_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in ("empty", "nowhere", "nowhere.py"):
        done = run_cwc("contract", path, cwd=tmp_path)
        assert done.returncode == 2
        assert "error" in done.stderr
    assert run_cwc("contract", cwd=tmp_path).returncode == 2


def test_a_module_named_like_a_standard_one(tmp_path: Path) -> None:
    """It is followed, since its folder comes first; that the library's is meant elsewhere is noted. It is never run."""
    (tmp_path / "random.py").write_text("raise SystemExit('run')\n")
    (tmp_path / "flow.py").write_text(DRAWS)
    found = contract(tmp_path, "flow.py", code=0)
    assert [(one["code"], one["severity"], one["path"]) for one in found] == [("DET103", "note", "flow.py")]


def test_a_module_named_like_one_that_python_has_loaded(tmp_path: Path) -> None:
    """Then the file never stands for it."""
    (tmp_path / "time.py").write_text("def time():\n    return 0\n")
    (tmp_path / "flow.py").write_text(DIRTY.decode())
    assert "DET202" in codes(contract(tmp_path, "flow.py", code=1), "flow")


def test_a_long_chain_of_imports(tmp_path: Path) -> None:
    for number in range(1500):
        (tmp_path / f"m{number}.py").write_text(f"from m{number + 1} import f\n")
    (tmp_path / "m1500.py").write_text(DRAWS.replace("draw", "f"))
    found = contract(tmp_path, "m0.py", code=1)
    assert {one["code"] for one in found} & {"DET103", "DET110", "DET201"}


def test_stars_in_a_circle(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"m{number}.py").write_text(
            f"from m{(number + 1) % 300} import *\nfrom m{number * 7 % 300} import *\n"
        )
    (tmp_path / "m300.py").write_text("from m0 import *\nfrom uuid import uuid4\n\ndef f():\n    return uuid4()\n")
    assert codes(contract(tmp_path, "m300.py", code=1), "m300") >= {"DET203"}


def test_names_of_files(tmp_path: Path) -> None:
    """Paths are shown as they are written, whatever is in them."""
    for name in ("with space.py", "quote'\".py", "new\nline.py", "emoji_\N{SNAKE}.py", "-dash.py", "%percent.py"):
        (tmp_path / name).write_text(DRAWS)
    (tmp_path / os.fsdecode(b"latin_\xe9.py")).write_text(DRAWS)
    found = contract(tmp_path, ".", code=1)
    assert len({one["path"] for one in found}) == 7
