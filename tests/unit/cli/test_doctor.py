"""`cwc doctor`: what is in force and where it comes from, and what is the matter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cwc import __version__
from cwc.cli.group import cwc
from cwc.driver.config import settings_schema
from tests.projects import inside


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Path]:
    with inside(tmp_path):
        assert run("init", "demo").exit_code == 0
    with inside(tmp_path / "demo"):
        yield tmp_path / "demo"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cwc, list(arguments), prog_name="cwc")


def found() -> dict[str, dict[str, Any]]:
    data = json.loads(run("doctor", "--format", "json").stdout)
    return {title: {line["name"]: line for line in lines} for title, lines in data.items() if title != "version"}


def test_every_setting_is_told_with_where_it_comes_from(demo: Path) -> None:
    (demo / "pyproject.toml").write_text('[tool.cwc]\ntools = ["tools"]\nlane = "both"\n', "utf-8")
    project = found()["project"]
    properties: Any = settings_schema()["properties"]
    assert set(project) == {"root", *properties}
    assert (project["lane"]["value"], project["lane"]["note"]) == ("both", "pyproject.toml, [tool.cwc]")
    assert (project["schedule"]["value"], project["schedule"]["note"]) == ("levels", "default")
    assert project["root"]["value"] == demo.as_posix()


def test_what_is_there(demo: Path) -> None:
    before = found()
    assert before["versions"]["cwc"]["value"] == __version__
    assert before["tools"]["tools"]["value"] == "3 tools"
    assert before["tools"]["tools"]["note"] == "double, add, format"
    assert before["flows"]["files"]["value"] == "1"
    assert {line["value"] for line in before["files"].values()} == {
        "nothing is built",
        "no states are set",
        "none",
        "empty",
    }
    run("build")
    (demo / ".cwc_cache").mkdir(exist_ok=True)
    (demo / ".cwc_cache" / "build-0").write_bytes(b"")
    run("lock")
    run("flows", "status", "double_and_format", "disabled")
    files = [line["value"] for line in found()["files"].values()]
    assert files[:3] == ["2 files", "1 flow", "3 tools"]
    assert files[3].endswith(("call remembered", "calls remembered"))
    (demo / "generated" / "double_and_format.py").unlink()
    assert "1 of them is gone" in found()["files"]["generated/cwc-manifest.json"]["note"]
    text = run("doctor")
    assert (text.exit_code, text.stderr) == (0, "")
    assert "\n  lane  " in text.stdout


@pytest.mark.parametrize(
    ("file", "text", "code"),
    [
        ("pyproject.toml", "[tool.cwc]\nlane = 3\n", 2),
        ("tools.py", "raise RuntimeError\n", 1),
        ("cwc.lock", "[", 2),
        ("pyproject.toml", '[tool.cwc]\ntools = ["nowhere"]\n', 2),
    ],
)
def test_what_is_wrong_is_reported(demo: Path, file: str, text: str, code: int) -> None:
    (demo / file).write_text(text, "utf-8")
    done = run("doctor")
    assert done.exit_code == code
    assert "versions" in done.stdout
    assert "error[CWC" in done.stderr


def test_a_damaged_state_file_and_a_folder_without_a_project(demo: Path, tmp_path: Path) -> None:
    run("build")
    (demo / "generated" / "cwc-state.json").write_text("{", "utf-8")
    assert found()["files"]["generated/cwc-state.json"]["value"] == "cannot be used"
    done = run("doctor")
    assert done.exit_code == 2
    assert "error[CWC835]" in done.stderr
    with inside(tmp_path):
        assert run("doctor").exit_code == 0
