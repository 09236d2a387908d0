"""`cwc graph`: a file or a name, in every form; mistakes on stderr, and the drawing all the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cwc.cli.group import cwc
from tests.projects import inside, run_cwc

BEGINNINGS = {
    "ascii": "double_and_format 1.0.0\n",
    "mermaid": "flowchart TD\n",
    "dot": 'digraph "double_and_format" {\n',
    "svg": '<svg xmlns="http://www.w3.org/2000/svg"',
    "html": "<!doctype html>\n",
}


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Path]:
    with inside(tmp_path):
        assert run("init").exit_code == 0
        yield tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cwc, list(arguments), prog_name="cwc")


@pytest.mark.parametrize("form", BEGINNINGS)
@pytest.mark.parametrize("flow", ["double_and_format", "flows/double_and_format.flow.yaml"])
def test_every_form_of_a_file_and_of_a_name(demo: Path, form: str, flow: str) -> None:
    done = run("graph", flow, "--as", form)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith(BEGINNINGS[form])
    assert not (demo / "generated").exists()


def test_a_flow_with_mistakes_is_drawn_and_told_of(demo: Path) -> None:
    flow = demo / "flows" / "double_and_format.flow.yaml"
    flow.write_text(flow.read_text().replace("tool_name: double", "tool_name: duoble"))
    done = run("graph", "double_and_format")
    assert done.exit_code == 1
    assert "X duoble cannot be run" in done.stdout
    assert "error[CWC220]" in done.stderr


@pytest.mark.parametrize("flow", ["nothing", "flows/nothing.flow.yaml", "tools.py"])
def test_what_is_no_flow_is_a_project_error(demo: Path, flow: str) -> None:
    done = run("graph", flow)
    assert (done.exit_code, done.stdout) == (2, "")


def test_names_that_a_terminal_cannot_show(demo: Path) -> None:
    flow = demo / "flows" / "double_and_format.flow.yaml"
    flow.write_text(flow.read_text("utf-8").replace("doubled", "verdoppelt_ß"), "utf-8")
    done = run_cwc("graph", "double_and_format", "--as", "svg", cwd=demo, env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    assert "verdoppelt_" in done.stdout
