"""Files that cannot be read, and folders that are odd: a finding or an error, never a traceback, and never silence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.contract.checking import found_in
from tests.projects import run_cwc

BROKEN: dict[str, bytes] = {
    "syntax error": b"def f(:\n",
    "wrong encoding": b"x = '\xff\xfe'\n",
    "unknown encoding": b"# -*- coding: klingon -*-\nx = 1\n",
    "NUL": b"x = 1\0\n",
    "deep parentheses": b"x = " + b"(" * 5000 + b")" * 5000 + b"\n",
    "deep attributes": b"x = y" + b".a" * 50_000 + b"\n",
    "deep blocks": b"".join(b" " * depth + b"if x:\n" for depth in range(200)) + b" " * 200 + b"pass\n",
    "a lone surrogate escape": b"x = '\\udc80'\ndef f(:\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_counts_as_broken(name: str, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_bytes(BROKEN[name])
    found = found_in({}, tmp_path)
    assert [(severity, code, path) for severity, code, path, _ in found] == [("error", "DET905", "main.py")]


def test_a_broken_helper_is_reported_from_the_module_that_reaches_it(tmp_path: Path) -> None:
    found = found_in({"flow.py": "import helper\n", "helper.py": "def f(:\n"}, tmp_path, ("flow.py",))
    assert [(code, path) for _, code, path, _ in found] == [("DET905", "helper.py")]


def test_a_long_sum_is_no_mistake(tmp_path: Path) -> None:
    text = "x = 1\ny = " + " + ".join(["x"] * 300) + "\n"
    assert found_in({"main.py": text}, tmp_path) == []


def test_five_megabytes(tmp_path: Path) -> None:
    text = "TABLE = [\n" + "    'a line of a long table',\n" * 170_000 + "]\nimport random\n"
    assert len(text) > 5_000_000
    assert [code for _, code, _, _ in found_in({"main.py": text}, tmp_path)] == ["DET103"]


def test_links_that_lead_in_circles(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "again").symlink_to(tmp_path / "app")
    (tmp_path / "app" / "self.py").symlink_to("self.py")
    found = found_in({"app/main.py": "import random\n"}, tmp_path)
    assert {(code, path) for _, code, path, _ in found} == {("DET103", "app/main.py"), ("DET905", "app/self.py")}


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "main.py").mkdir()
    (tmp_path / "other.py").write_text("x = 1\n")
    assert found_in({}, tmp_path) == []
    os.mkfifo(tmp_path / "pipe.py")
    assert [(code, path) for _, code, path, _ in found_in({}, tmp_path)] == [("DET905", "pipe.py")]


def test_a_module_that_is_named_like_a_standard_one(tmp_path: Path) -> None:
    own = {"random.py": "def pick(xs):\n    return xs[0]\n", "main.py": "import random\n\nprint(random.pick([1]))\n"}
    assert {severity for severity, *_ in found_in(own, tmp_path / "own")} == {"note"}, "its folder comes first"
    shadowed = {"time.py": "def time():\n    return 0\n", "main.py": "import time\n\nprint(time.time())\n"}
    found = found_in(shadowed, tmp_path / "builtin")
    assert [(code, path) for _, code, path, _ in found] == [("DET202", "main.py")], "built-in modules are not shadowed"


def test_exit_codes(tmp_path: Path) -> None:
    (tmp_path / "clean.py").write_text("x = 1\n")
    (tmp_path / "warned.py").write_text("def f(x=[]):\n    return x\n")
    (tmp_path / "wrong.py").write_text("import random\n")
    (tmp_path / "docs").mkdir()
    codes = {
        ("clean.py",): 0,
        ("warned.py",): 0,
        ("wrong.py",): 1,
        (".",): 1,
        ("docs",): 2,
        ("gone.py",): 2,
        (): 2,
        ("clean.py", "--config", "gone.toml"): 2,
    }
    for arguments, code in codes.items():
        done = run_cwc("contract", *arguments, cwd=tmp_path)
        assert done.returncode == code, (arguments, done.stderr)
        assert "Traceback" not in done.stderr
