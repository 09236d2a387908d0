"""What is wrong with the tools or the working directory is said first, and what only follows from it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cwc.cli.group import cwc
from tests.projects import inside

TOOLS = """\
from pydantic import BaseModel
from cwc import tool

class Number(BaseModel):
    number: int = 0

@tool(description="Twice.")
def double(given: Number) -> Number:
    return given
"""
CALLED = """\
type: Flow
name: called
description: Called.
steps:
  - {tool_name: double, input_mapping: {number: number}}
"""
CALLS = """\
type: Flow
name: calls
description: Calls.
steps:
  - flow_name: called
  - tool_name: double
    on_error: fallback:triple
"""
BROKEN = {
    "an import": ("import nope\n" + TOOLS, "CWC202"),
    "the syntax": (TOOLS + "def (:\n", "CWC202"),
    "a tool": (TOOLS.replace(" -> Number", ""), "CWC203"),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/called.flow.yaml").write_text(CALLED)
    (tmp_path / "flows/calls.flow.yaml").write_text(CALLS)
    (tmp_path / "pyproject.toml").write_text('[tool.cwc]\ntools = ["tools"]\n')
    (tmp_path / "tools.py").write_text(TOOLS)
    return tmp_path


def run(*arguments: str, cwd: Path) -> Result:
    with inside(cwd):
        return CliRunner().invoke(cwc, list(arguments), prog_name="cwc")


def codes(done: Result) -> list[str]:
    return [entry["code"] for entry in json.loads(done.stdout)["diagnostics"] if entry["severity"] == "error"]


@pytest.mark.parametrize("what", BROKEN)
def test_a_module_that_fails_is_all_there_is_to_say(project: Path, what: str) -> None:
    text, code = BROKEN[what]
    (project / "tools.py").write_text(text)
    done = run("build", "--format", "json", cwd=project)
    assert (done.exit_code, codes(done)) == (1, [code])
    assert not list(project.glob("generated/call*"))


def test_a_module_that_is_not_there(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.cwc]\ntools = ["tols"]\n')
    assert codes(run("check", "--format", "json", cwd=project)) == ["CWC201"]


def test_the_cause_stands_before_other_mistakes(project: Path) -> None:
    (project / "tools.py").write_text("import nope\n")
    (project / "flows/called.flow.yaml").write_text(CALLED + "input_schema_ref: 5\n")
    first, *others = codes(run("check", "--format", "json", cwd=project))
    assert first == "CWC202"
    assert others


@pytest.mark.parametrize("flow", ["calls", "flows/calls.flow.yaml"])
@pytest.mark.parametrize("verb", ["run", "graph"])
def test_one_flow_alone_tells_the_cause_too(project: Path, verb: str, flow: str) -> None:
    (project / "tools.py").write_text("import nope\n")
    done = run(verb, flow, cwd=project)
    assert done.exit_code == 1
    assert done.stderr.startswith("error[CWC202]")


def test_a_cause_that_is_no_error_hides_nothing(project: Path) -> None:
    (project / "tools.py").write_text("import nope\n")
    with (project / "pyproject.toml").open("a") as file:
        file.write('severity = {CWC202 = "off"}\n')
    done = run("check", "--format", "json", cwd=project)
    assert done.exit_code == 1
    assert {"CWC220", "CWC221"} <= set(codes(done))


def test_a_tool_that_is_missing_for_sure_is_told_of(project: Path) -> None:
    assert codes(run("check", "--format", "json", cwd=project)) == ["CWC221"]


def test_a_working_directory_without_a_project(project: Path) -> None:
    (project / "flows/called.flow.yaml").write_text(CALLED + "input_schema_ref: tools:Number\n")
    (project / "pyproject.toml").unlink()
    text = run("check", "flows", cwd=project).stderr
    for code in ("[CWC220]", "[CWC222]"):
        assert "no project was found" in text.partition(code)[2].partition("explain")[0]
    (project / "pyproject.toml").write_text("[tool.cwc]\n")
    assert "no project was found" not in run("check", "flows", cwd=project).stderr
