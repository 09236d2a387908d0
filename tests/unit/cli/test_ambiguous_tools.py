"""A flow that uses a tool of which there are two is not built: not as a step's tool, a fallback or a candidate."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cwc.cli.group import cwc
from tests.projects import inside

TOOLS = """\
from pydantic import BaseModel
from cwc import Tool, tool

class Number(BaseModel):
    number: int = 0

def same(given: Number) -> Number:
    return given

a = Tool(name="twice", description="Twice.", input_schema=Number, output_schema=Number, fn=same)
b = Tool(name="twice", description="Twice.", input_schema=Number, output_schema=Number, fn=same)

@tool(description="Once.")
def once(given: Number) -> Number:
    return given
"""
HEAD = "type: Flow\nname: {}\ndescription: Some flow.\nsteps:\n"
SOUND = HEAD.format("sound") + "  - {tool_name: once, input_mapping: {number: number}}\n"
AMBIGUOUS = {
    "a tool": "  - {tool_name: twice, input_mapping: {number: number}}\n",
    "a fallback": "  - {tool_name: once, input_mapping: {number: number}, on_error: 'fallback:twice'}\n",
    "a candidate": "  - {tool_name: once, decision_candidates: [once, twice]}\n",
    "the default": "  - {tool_name: twice, decision_candidates: [twice, once]}\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/sound.flow.yaml").write_text(SOUND)
    (tmp_path / "pyproject.toml").write_text('[tool.cwc]\ntools = ["tools"]\n')
    (tmp_path / "tools.py").write_text(TOOLS)
    return tmp_path


def run(*arguments: str, cwd: Path) -> Result:
    with inside(cwd):
        return CliRunner().invoke(cwc, list(arguments), prog_name="cwc")


def modules(project: Path) -> list[str]:
    return sorted(path.name for path in (project / "generated").glob("[!_]*.py"))


@pytest.mark.parametrize("steps", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_a_flow_that_uses_an_ambiguous_tool_is_not_written(project: Path, steps: str) -> None:
    (project / "flows/unsure.flow.yaml").write_text(HEAD.format("unsure") + steps)
    built = run("build", cwd=project)
    assert built.exit_code == 1
    assert "error[CWC204]: tool 'twice' is both 'tools.a' and 'tools.b'" in built.output
    assert built.output.count("error[") == 1
    assert modules(project) == ["sound.py"]


def test_a_flow_that_runs_such_a_flow_is_not_written(project: Path) -> None:
    (project / "flows/unsure.flow.yaml").write_text(HEAD.format("unsure") + AMBIGUOUS["a tool"])
    (project / "flows/outer.flow.yaml").write_text(HEAD.format("outer") + "  - flow_name: unsure\n")
    assert run("build", cwd=project).exit_code == 1
    assert modules(project) == ["sound.py"]


def test_the_first_counts_where_that_is_no_error(project: Path) -> None:
    (project / "flows/unsure.flow.yaml").write_text(HEAD.format("unsure") + AMBIGUOUS["a tool"])
    (project / "pyproject.toml").write_text('[tool.cwc]\ntools = ["tools"]\nseverity.CWC204 = "warning"\n')
    built = run("build", cwd=project)
    assert built.exit_code == 0, built.output
    assert modules(project) == ["sound.py", "unsure.py"]
    assert "from tools import a" in (project / "generated/unsure.py").read_text()


def test_a_name_that_is_no_tool_is_told_of_beside_it(project: Path) -> None:
    (project / "flows/lost.flow.yaml").write_text(HEAD.format("lost") + "  - {tool_name: nowhere}\n")
    assert "error[CWC220]: there is no tool 'nowhere'" in run("build", cwd=project).output
