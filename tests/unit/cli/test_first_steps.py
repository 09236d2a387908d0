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


def built_by_option(folder: Path) -> None:
    """The scaffold without a configuration, built with its tools named on the command line."""
    run("init", cwd=folder)
    (folder / "pyproject.toml").unlink()
    assert run("build", "--tools", "tools", cwd=folder).exit_code == 0


@pytest.mark.parametrize("configuration", ["", OTHER_PROJECT, "[tool.cwc]\n"])
def test_a_name_is_that_of_a_built_flow_where_no_tools_are_named(tmp_path: Path, configuration: str) -> None:
    built_by_option(tmp_path)
    if configuration:
        (tmp_path / "pyproject.toml").write_text(configuration)
    done = run("run", "double_and_format", "--input", NUMBER, cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    assert "The value is 20." in done.stdout
    assert "running 'generated/double_and_format.py' as it was built" in done.stderr


def test_tools_that_are_named_count_before_what_was_built(tmp_path: Path) -> None:
    built_by_option(tmp_path)
    done = run("run", "double_and_format", "--input", NUMBER, "--tools", "tools", cwd=tmp_path)
    assert (done.exit_code, "as it was built" in done.stderr) == (0, False)
    assert run("run", "double_and_format", "--input", NUMBER, "--tools", "tols", cwd=tmp_path).exit_code == 2


def test_what_cwc_did_not_generate_is_not_run_by_a_name(tmp_path: Path) -> None:
    built_by_option(tmp_path)
    (tmp_path / "generated/double_and_format.py").write_text("raise SystemExit('ran')\n")
    done = run("run", "double_and_format", "--input", NUMBER, cwd=tmp_path)
    assert done.exit_code == 1
    assert "error[CWC220]" in done.stderr


MORE_TOOLS = """\
raise SystemExit("imported")
from cwc import Tool, tool

@tool(description="Thrice.")
def triple(value: int) -> int: ...

@tool(name="fourfold", description="Four times.")
async def four(value: int) -> int: ...

fivefold: Tool = Tool(name="fivefold", description="Five times.", fn=five)
"""
USES = """\
type: Flow
name: uses
description: Uses tools.
input_schema_ref: {module}:Number
steps:
  - tool_name: triple
    on_error: fallback:fourfold
  - tool_name: fivefold
"""


@pytest.mark.parametrize("module", ["mytools", "package.mytools"])
def test_tools_in_a_file_that_is_not_listed(tmp_path: Path, module: str) -> None:
    run("init", cwd=tmp_path)
    file = tmp_path / f"{module.replace('.', '/')}.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text(MORE_TOOLS)
    (tmp_path / "flows/uses.flow.yaml").write_text(USES.format(module=module))
    done = run("check", cwd=tmp_path)
    shown = file.relative_to(tmp_path).as_posix()
    assert done.exit_code == 1
    assert done.stderr.count(f"help: '{shown}' has it: add '{module}' to tools in [tool.cwc]") == 3
    assert f"may not be imported; '{shown}' has tools: add '{module}' to tools in [tool.cwc]" in done.stderr
    assert "schema_ref_modules" not in done.stderr


def test_a_project_that_says_what_may_be_imported_is_told_of_that(tmp_path: Path) -> None:
    run("init", cwd=tmp_path)
    (tmp_path / "mytools.py").write_text(MORE_TOOLS)
    (tmp_path / "flows/uses.flow.yaml").write_text(USES.format(module="mytools"))
    with (tmp_path / "pyproject.toml").open("a") as file:
        file.write('schema_ref_modules = ["tools"]\n')
    assert "add it to schema_ref_modules in [tool.cwc]" in run("check", cwd=tmp_path).stderr


@pytest.mark.parametrize(
    "text", ["def tool(:", "# tool \0", "tool = " + "(" * 9000, "@x()()\ndef tool(): ...\ntool = [].tool()"]
)
def test_a_file_that_makes_no_tools_for_sure_is_passed_over(tmp_path: Path, text: str) -> None:
    run("init", cwd=tmp_path)
    (tmp_path / "mytools.py").write_text(text)
    (tmp_path / "flows/uses.flow.yaml").write_text(USES.format(module="mytools"))
    done = run("check", cwd=tmp_path)
    assert done.exit_code == 1
    assert "error[CWC220]" in done.stderr
    assert "has it" not in done.stderr


@pytest.mark.parametrize("verb", ["build", "check"])
def test_a_folder_that_is_no_project(tmp_path: Path, verb: str) -> None:
    done = run(verb, cwd=tmp_path)
    assert done.exit_code == 2
    assert "error[CWC820]: cannot read 'flows'" in done.stderr
    assert "no project was found: neither the working directory" in done.stderr
    (tmp_path / "pyproject.toml").write_text("[tool.cwc]\n")
    assert "no project was found" not in run(verb, cwd=tmp_path).stderr


def test_files_that_are_not_named_as_flow_files(tmp_path: Path) -> None:
    run("init", cwd=tmp_path)
    (tmp_path / "flows/double_and_format.flow.yaml").rename(tmp_path / "flows/x.yaml")
    text = run("build", cwd=tmp_path).stderr
    assert "passed over by name: 'flows/x.yaml'; flow files end in .flow.yaml" in text
    (tmp_path / "flows/y.json").touch()
    assert "passed over by name: 'flows/x.yaml' and 1 more; " in run("build", cwd=tmp_path).stderr


OUTER = "type: Flow\nname: outer\ndescription: Runs another.\nsteps:\n  - flow_name: {}\n"


@pytest.mark.parametrize("verb", ["build", "check"])
def test_a_flow_that_is_run_and_was_not_named(tmp_path: Path, verb: str) -> None:
    run("init", cwd=tmp_path)
    (tmp_path / "elsewhere").mkdir()
    outer = tmp_path / "elsewhere/outer.flow.yaml"
    outer.write_text(OUTER.format("double_and_format"))
    text = run(verb, "elsewhere/outer.flow.yaml", cwd=tmp_path).stderr
    assert "error[CWC305]" in text
    assert "'double_and_format' is in 'flows/double_and_format.flow.yaml': name that file too" in text
    named = run(verb, "elsewhere/outer.flow.yaml", "flows/double_and_format.flow.yaml", cwd=tmp_path)
    assert named.exit_code == 0, named.stderr
    outer.write_text(OUTER.format("nowhere"))
    assert "name that file too" not in run(verb, "elsewhere/outer.flow.yaml", cwd=tmp_path).stderr
