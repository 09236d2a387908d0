"""`cwc flows`: what is listed, what a state does, and how drift is told and accepted."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cwc.cli.group import cwc
from tests.projects import inside

NAME = "double_and_format"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Path]:
    """A scaffolded project that was built, as the working directory."""
    with inside(tmp_path):
        assert run("init", "demo").exit_code == 0
    with inside(tmp_path / "demo"):
        assert run("build").exit_code == 0
        yield tmp_path / "demo"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cwc, list(arguments), prog_name="cwc")


def listed() -> dict[str, Any]:
    (found,) = json.loads(run("flows", "list", "--format", "json").stdout)["flows"]
    assert isinstance(found, dict)
    return found


def change(demo: Path, old: str = "    number: int\n", new: str = "    number: int\n    unit: str\n") -> None:
    text = (demo / "tools.py").read_text("utf-8")
    assert old in text
    (demo / "tools.py").write_text(text.replace(old, new), "utf-8")


def test_list(demo: Path) -> None:
    done = run("flows", "list")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "LATEST  FLOW               VERSION  STATUS  LEVEL  LANES       INPUTS",
        f"*       {NAME}  1.0.0    active  full   sync+async  number",
    ]
    assert listed() == {
        "name": NAME, "version": "1.0.0", "status": "active", "determinism_level": "full",
        "lanes": ["sync", "async"], "required_inputs": ["number"], "latest": True,
    }  # fmt: skip


def test_nothing_of_the_project_is_imported_to_list_and_to_set(demo: Path) -> None:
    (demo / "tools.py").write_text("raise RuntimeError\n", "utf-8")
    (demo / "generated" / f"{NAME}.py").write_text("raise RuntimeError\n", "utf-8")
    assert run("flows", "list").exit_code == 0
    assert run("flows", "status", NAME, "disabled").exit_code == 0


def test_a_status_is_kept_and_survives_a_rebuild(demo: Path) -> None:
    done = run("flows", "status", NAME, "disabled")
    assert (done.exit_code, done.stdout) == (0, f"{NAME} is disabled\n")
    flow = demo / "flows" / f"{NAME}.flow.yaml"
    flow.write_text(flow.read_text("utf-8").replace("10", "11"), "utf-8")
    assert run("build").exit_code == 0
    assert listed()["status"] == "disabled"
    assert run("clean").exit_code == 0
    assert (demo / "generated" / "cwc-state.json").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("status", "unknown", "active"), 2),
        (("status", NAME, "retired"), 2),
        (("status", NAME, "active", "--version", "9"), 2),
        (("accept-drift", "unknown"), 2),
        (("list", "--out", "nowhere"), 2),
        (("drift", "--out", "nowhere"), 2),
        (("drift", "--tools", "nowhere"), 2),
        (("unknown",), 2),
    ],
)
def test_what_cannot_be_done_is_said(demo: Path, arguments: tuple[str, ...], code: int) -> None:
    done = run("flows", *arguments)
    assert done.exit_code == code
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert not (demo / "generated" / "cwc-state.json").exists()


def test_errors_in_json(demo: Path) -> None:
    done = run("flows", "status", "unknown", "active", "--format", "json")
    assert [entry["slug"] for entry in json.loads(done.stdout)["diagnostics"]] == ["flow_not_listed"]


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"format": 2, "files": []}', "\udcff"], ids=["cut off", "other", "newer", "binary"]
)
def test_what_is_said_of_a_damaged_manifest_helps(demo: Path, text: str) -> None:
    manifest = demo / "generated" / "cwc-manifest.json"
    manifest.write_bytes(text.encode(errors="surrogateescape"))
    done = run("flows", "list")
    assert done.exit_code == 2
    assert "delete it and run `cwc build --force`" in " ".join(done.stderr.split())
    assert run("build").exit_code == 2
    manifest.unlink()
    assert run("build", "--force").exit_code == 0
    assert listed()["status"] == "active"


def test_drift_is_told_marks_the_flow_and_is_accepted(demo: Path) -> None:
    clean = run("flows", "drift")
    assert (clean.exit_code, clean.stdout) == (0, "")
    change(demo)
    done = run("flows", "drift")
    assert done.exit_code == 1
    assert done.stdout == (f"{NAME} 1.0.0: tool 'double': input /unit: it was added, and must be given (breaking)\n")
    assert listed()["status"] == "needs_review"
    (told,) = json.loads(run("flows", "drift", "--format", "json").stdout)["drift"]
    assert (told["name"], told["breaking"], told["tools"][0]["tool"]) == (NAME, True, "double")
    (found,) = told["tools"][0]["changes"]
    assert (found["side"], found["pointer"], found["kind"]) == ("input", "/unit", "required_field_added")
    assert run("flows", "accept-drift", NAME).exit_code == 0
    assert listed()["status"] == "active"
    assert run("flows", "drift").exit_code == 0
    change(demo, "    unit: str\n", "")
    assert "/unit: it was removed" in run("flows", "drift").stdout


def test_a_build_brings_back_what_drift_held_back(demo: Path) -> None:
    change(demo)
    done = run("flows", "drift")
    assert f"{NAME} 1.0.0 is needs_review now, and is not run\n" in done.stderr
    assert "run `cwc build` to prove flows with the tools as they are now" in done.stderr
    assert run("build", "--check").exit_code == 1
    assert run("build").exit_code == 1  # The new field is given by nobody.
    assert listed()["status"] == "needs_review"
    change(demo, "    unit: str\n", "    unit: str = ''\n")
    assert run("flows", "drift").exit_code == 1
    assert f"{NAME} 1.0.0 no longer needs review" in run("build").stdout
    assert listed()["status"] == "active"
    assert run("flows", "drift").exit_code == 0
    assert json.loads((demo / "generated" / "cwc-state.json").read_text("utf-8"))["flows"] == []


def test_a_build_that_finds_the_tools_as_they_were_brings_back_too(demo: Path) -> None:
    text = (demo / "tools.py").read_text("utf-8")
    change(demo)
    assert run("flows", "drift").exit_code == 1
    (demo / "tools.py").write_text(text, "utf-8")
    assert run("build", "--check").exit_code == 0
    assert listed()["status"] == "needs_review"
    assert run("lock").exit_code == 0
    assert run("build", "--locked").exit_code == 0
    assert listed()["status"] == "needs_review"
    assert "no longer needs review" in run("build").stdout
    assert listed()["status"] == "active"


def test_a_build_after_accepted_drift_counts_with_its_own_snapshot(demo: Path) -> None:
    text = (demo / "tools.py").read_text("utf-8")
    change(demo)
    assert run("flows", "drift").exit_code == 1
    assert run("flows", "accept-drift", NAME).exit_code == 0
    (demo / "tools.py").write_text(text, "utf-8")
    assert run("flows", "drift").exit_code == 1
    assert run("build").exit_code == 0
    assert listed()["status"] == "active"
    assert run("flows", "drift").exit_code == 0


@pytest.mark.parametrize("state", ["needs_review", "disabled"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_what_people_held_back_stays_held_back(demo: Path, state: str, when: str) -> None:
    if when == "before":
        run("flows", "status", NAME, state)
    change(demo, new="    number: int\n    unit: str = ''\n")
    assert run("flows", "drift").exit_code == 1
    if when == "after":
        run("flows", "status", NAME, state)
    assert run("build").exit_code == 0
    assert listed()["status"] in {"needs_review", state}
    assert run("run", NAME, "-i", '{"number": 5}').exit_code == 1


def test_a_tool_that_is_gone_is_drift(demo: Path) -> None:
    change(demo, "def double(", "def doubled(")
    done = run("flows", "drift")
    assert (done.exit_code, done.stdout) == (1, f"{NAME} 1.0.0: tool 'double' is gone\n")


def test_tools_that_cannot_be_imported_are_an_error_and_no_drift(demo: Path) -> None:
    (demo / "tools.py").write_text("raise RuntimeError('no')\n", "utf-8")
    done = run("flows", "drift")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "CWC202" in done.stderr
    assert listed()["status"] == "active"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a folder that cannot be written")
def test_a_folder_that_cannot_be_written(demo: Path) -> None:
    (demo / "generated").chmod(0o555)
    try:
        done = run("flows", "status", NAME, "disabled")
    finally:
        (demo / "generated").chmod(0o755)
    assert done.exit_code == 2
    assert "CWC835" in done.stderr
