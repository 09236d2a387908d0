"""The first steps of a new user: what is said where a folder is no project yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cwc.cli.group import cwc
from tests.projects import inside

OTHER_PROJECT = '[project]\nname = "theirs"\n'
NUMBER = '{"number": 5}'


def run(*arguments: str, cwd: Path) -> Result:
    with inside(cwd):
        return CliRunner().invoke(cwc, list(arguments), prog_name="cwc")


def added(text: str) -> str:
    """What a message says to add to pyproject.toml: its second paragraph."""
    return text.split("\n\n")[1] + "\n"


def test_init_tells_what_a_pyproject_lacks(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(OTHER_PROJECT)
    told = run("init", cwd=tmp_path).stdout.partition("pyproject.toml makes no project of the folder yet.")[2]
    (tmp_path / "pyproject.toml").write_text(OTHER_PROJECT + added(told))
    assert "Next: cwc build && cwc run double_and_format" in told
    assert run("build", cwd=tmp_path).exit_code == 0
    assert run("run", "double_and_format", "--input", NUMBER, cwd=tmp_path).exit_code == 0


def test_init_tells_nothing_of_a_pyproject_that_has_all(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(OTHER_PROJECT + '[tool.cwc]\ntools = ["tools"]\n')
    assert "Add to it" not in run("init", cwd=tmp_path).output
    assert "Add to it" not in run("init", "other", cwd=tmp_path).output


def test_init_beside_tools_of_ones_own_promises_no_run(tmp_path: Path) -> None:
    (tmp_path / "tools.py").write_text("x = 1\n")
    told = run("init", cwd=tmp_path).stdout
    assert "tools.py is your own" in told
    assert "cwc run" not in told


@pytest.mark.parametrize("arguments", [["check"], ["run", "double_and_format"], ["run", "nothing"]])
def test_a_pyproject_without_the_section_is_told_of(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "pyproject.toml").write_text(OTHER_PROJECT)
    run("init", cwd=tmp_path)
    text = run(*arguments, cwd=tmp_path).stderr
    assert "no project was found: 'pyproject.toml' has no [tool.cwc]; add that" in text
    assert "run cwc in the folder of the project" not in text
