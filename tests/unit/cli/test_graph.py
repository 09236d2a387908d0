"""`cwc graph`: a file or a name, in every form; mistakes on stderr, and the drawing all the same."""

from __future__ import annotations

import os
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


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.svg", "svg"), ("b/c/a.HTML", "html"), ("a.gv", "dot"), ("a.mmd", "mermaid"), ("a.txt", "ascii")],
)
def test_a_file_is_drawn_as_its_name_says(demo: Path, name: str, form: str) -> None:
    done = run("graph", "double_and_format", "-o", name)
    assert (done.exit_code, done.stdout, done.stderr) == (0, f"wrote {name}\n", "")
    assert (demo / name).read_text("utf-8") == run("graph", "double_and_format", "--as", form).stdout
    run("graph", "double_and_format", "-o", name, "--as", "dot")
    assert (demo / name).read_text("utf-8").startswith(BEGINNINGS["dot"])


def test_a_file_that_cannot_be_written_is_left_as_it_was(demo: Path) -> None:
    (demo / "folder").mkdir()
    for name, why in (("folder", "a folder is in the way"), ("tools.py/a.svg", "file exists")):
        done = run("graph", "double_and_format", "-o", name)
        assert (done.exit_code, done.stdout) == (2, "")
        assert f"error[CWC830]: cannot write '{name}': {why}\n" in done.stderr
    before = sorted(demo.rglob("*"))
    flow = demo / "flows" / "double_and_format.flow.yaml"
    flow.write_text(flow.read_text().replace("tool_name: double", "tool_name: duoble"))
    assert run("graph", "nothing", "-o", "a.svg").exit_code == 2
    assert sorted(demo.rglob("*")) == before
    assert run("graph", "double_and_format", "-o", "a.svg").exit_code == 1
    assert "duoble" in (demo / "a.svg").read_text("utf-8")


def test_a_drawing_that_says_nothing_new_is_not_written_again(demo: Path) -> None:
    (demo / "real.svg").symlink_to(demo / "a.svg")
    for _ in range(2):
        assert run("graph", "double_and_format", "-o", "real.svg").exit_code == 0
        assert (demo / "real.svg").is_symlink()
        os.utime(demo / "a.svg", (0, 0))
    assert (demo / "a.svg").stat().st_mtime == 0
    done = run("graph", "double_and_format", "-o", "-")
    assert done.stdout.startswith(BEGINNINGS["ascii"])


@pytest.mark.parametrize("form", ["ascii", "mermaid", "dot", "svg", "html"])
def test_a_flow_without_an_async_lane(demo: Path, form: str) -> None:
    step = "{step_id: %s, tool_name: double, input_mapping: {number: number}, output_mapping: {}%s}"
    steps = [
        step % ("a", ", branches: [{target_step_id: b, predicate: number > 1}]"),
        step % ("b", ", depends_on: [a]"),
    ]
    head = (
        "type: DAGFlow\nname: route\nversion: '1'\ndescription: Chooses.\ninput_schema_ref: tools:NumberInput\nsteps:\n"
    )
    (demo / "flows/route.flow.yaml").write_text(head + "".join(f"  - {each}\n" for each in steps))
    done = run("graph", "route", "--as", form)
    assert (done.exit_code, done.stderr) == (0, "")
    assert ("no async lane: step &#39;a&#39; has &#39;branches&#39;" in done.stdout) == (form == "html")
