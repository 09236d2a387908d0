"""The command line: what each verb prints where, and the exit code it ends with."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cwc.cli.group import cwc
from tests.projects import inside, run_cwc

FLOW = """\
type: Flow
name: example
description: An example.
input_schema_ref: tools:NumberInput
steps:
  - tool_name: double
    input_mapping: {number: number}
"""


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Path]:
    """A scaffolded project, as the working directory."""
    with inside(tmp_path):
        assert run("init", "demo").exit_code == 0
    with inside(tmp_path / "demo"):
        yield tmp_path / "demo"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cwc, list(arguments), prog_name="cwc")


def test_the_first_minutes(demo: Path) -> None:
    built = run("build")
    assert (built.exit_code, built.stderr) == (0, "")
    assert built.stdout == "wrote generated/__init__.py\nwrote generated/double_and_format.py\n"
    ran = run("run", "double_and_format", "--input", '{"number": 5}')
    assert ran.exit_code == 0
    result = json.loads(ran.stdout)
    assert result["success"] is True
    assert result["final_output"]["text"] == "The value is 20."
    again = run("build")
    assert again.stdout == "up to date: generated\n"


def test_init_keeps_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "tools.py").write_text("mine")
    with inside(tmp_path):
        done = run("init")
    assert done.exit_code == 0
    assert (tmp_path / "tools.py").read_text() == "mine"
    assert "kept tools.py" in done.stderr


def test_init_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with inside(tmp_path):
        done = run("init", "taken/below")
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_a_flow_with_an_error_writes_nothing_and_others_are_built(demo: Path) -> None:
    (demo / "flows" / "bad.flow.yaml").write_text(FLOW.replace("example", "bad").replace(": double", ": duoble"))
    done = run("build")
    assert done.exit_code == 1
    assert "error[CWC220]" in done.stderr
    assert (demo / "generated" / "double_and_format.py").exists()
    assert not (demo / "generated" / "bad.py").exists()


def test_a_flow_that_breaks_keeps_its_module(demo: Path) -> None:
    run("build")
    before = (demo / "generated" / "double_and_format.py").read_bytes()
    flow = demo / "flows" / "double_and_format.flow.yaml"
    flow.write_text(flow.read_text().replace("tool_name: double", "tool_name: duoble"))
    assert run("build").exit_code == 1
    assert (demo / "generated" / "double_and_format.py").read_bytes() == before


def test_nothing_is_up_to_date_where_there_are_errors(demo: Path) -> None:
    run("build")
    done = run("build", "--tools", "nothing_here")
    assert done.exit_code == 2
    assert done.stdout == ""


def test_a_removed_flow_loses_its_module(demo: Path) -> None:
    (demo / "flows" / "example.flow.yaml").write_text(FLOW)
    run("build")
    assert (demo / "generated" / "example.py").exists()
    (demo / "flows" / "example.flow.yaml").unlink()
    done = run("build")
    assert "removed generated/example.py" in done.stdout
    assert not (demo / "generated" / "example.py").exists()
    assert (demo / "generated" / "double_and_format.py").exists()


def test_building_one_flow_leaves_the_others(demo: Path) -> None:
    (demo / "flows" / "example.flow.yaml").write_text(FLOW)
    run("build")
    assert run("build", "flows/example.flow.yaml").exit_code == 0
    assert (demo / "generated" / "double_and_format.py").exists()


def test_a_hand_edited_module_is_left_alone_without_force(demo: Path) -> None:
    run("build")
    module = demo / "generated" / "double_and_format.py"
    module.write_text(module.read_text() + "\n# mine\n")
    done = run("build")
    assert done.exit_code == 1
    assert "CWC833" in done.stderr
    assert module.read_text().endswith("# mine\n")
    assert run("build", "--force").exit_code == 0
    assert not module.read_text().endswith("# mine\n")


def test_a_second_build_touches_no_file(demo: Path) -> None:
    run("build")
    files = [path for path in (demo / "generated").rglob("*") if path.is_file()]
    before = {path: path.stat().st_mtime_ns for path in files}
    assert run("build").exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in files} == before


def _edit_flow(demo: Path) -> None:
    flow = demo / "flows" / "double_and_format.flow.yaml"
    flow.write_text(flow.read_text().replace("amount: 10", "amount: 11"))


def _edit_tool_schema(demo: Path) -> None:
    (demo / "tools.py").write_text((demo / "tools.py").read_text().replace("amount: int = 1", "amount: float = 1"))


def _edit_module(demo: Path) -> None:
    with (demo / "generated" / "double_and_format.py").open("a") as file:
        file.write("# edited\n")


def _remove_module(demo: Path) -> None:
    (demo / "generated" / "double_and_format.py").unlink()


def _remove_flow(demo: Path) -> None:
    (demo / "flows" / "double_and_format.flow.yaml").unlink()
    (demo / "flows" / "example.flow.yaml").write_text(FLOW)


@pytest.mark.parametrize("edit", [_edit_flow, _edit_tool_schema, _edit_module, _remove_module, _remove_flow])
def test_build_check_fails_after_any_edit_and_writes_nothing(demo: Path, edit: Callable[[Path], None]) -> None:
    assert run("build", "--check").exit_code == 1
    assert not (demo / "generated").exists()
    run("build")
    done = run("build", "--check")
    assert (done.exit_code, done.output) == (0, "")
    edit(demo)
    before = {path.name: path.read_bytes() for path in (demo / "generated").iterdir() if path.is_file()}
    assert run("build", "--check").exit_code == 1
    assert {path.name: path.read_bytes() for path in (demo / "generated").iterdir() if path.is_file()} == before
    assert run("build", "--force").exit_code == 0
    assert run("build", "--check").exit_code == 0


def test_build_diff_shows_what_would_change(demo: Path) -> None:
    run("build")
    assert run("build", "--diff").output == ""
    _edit_flow(demo)
    done = run("build", "--diff")
    assert done.exit_code == 1
    assert "--- a/generated/double_and_format.py" in done.stdout
    assert re.search(r"^\-.*step_1\(doubled, 10\)", done.stdout, re.MULTILINE)
    assert re.search(r"^\+.*step_1\(doubled, 11\)", done.stdout, re.MULTILINE)
    assert run("build", "--check", "--diff").exit_code == 2


def test_clean_removes_what_cwc_wrote_and_nothing_else(demo: Path) -> None:
    run("build")
    (demo / "generated" / "mine.py").write_text("")
    _edit_module(demo)
    done = run("clean")
    assert done.exit_code == 1
    assert (demo / "generated" / "double_and_format.py").exists()
    assert not (demo / "generated" / "__init__.py").exists()
    assert run("clean", "--force").exit_code == 0
    assert [path.name for path in (demo / "generated").iterdir()] == ["mine.py"]


def test_check_writes_nothing(demo: Path) -> None:
    done = run("check")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")
    assert not (demo / "generated").exists()


def test_check_explains_the_context(demo: Path) -> None:
    done = run("check", "--explain-context", "flows/double_and_format.flow.yaml")
    assert done.exit_code == 0
    assert done.stdout.startswith("flow 'double_and_format' (flows/double_and_format.flow.yaml), on collision: error\n")
    assert "before step 1 'add' (line 14)\n  'number'  is there, from line 6\n  'doubled' is there, from line 13\n" in (
        done.stdout
    )
    assert "-> writes 'sum', which overwrites: if the caller passed that key" in done.stdout
    assert "the caller may have passed other keys" in done.stdout


def test_json_is_one_object_on_stdout(demo: Path) -> None:
    (demo / "tools.py").write_text((demo / "tools.py").read_text() + "\nprint('hello from the tools')\n")
    (demo / "flows" / "bad.flow.yaml").write_text(FLOW.replace("double", "duoble"))
    done = run("check", "--format", "json")
    report = json.loads(done.stdout)
    assert done.exit_code == 1
    assert report["version"] == 1
    assert report["summary"]["errors"] == 1
    found = next(entry for entry in report["diagnostics"] if entry["severity"] == "error")
    assert (found["code"], found["slug"]) == ("CWC220", "missing_tool")
    assert (found["path"], found["line"], found["column"]) == ("flows/bad.flow.yaml", 6, 16)
    assert found["pointer"] == "/steps/0/tool_name"
    assert (found["flow"], found["step_index"]) == ("example", 0)


def test_strict_makes_warnings_errors(demo: Path) -> None:
    (demo / "flows" / "loose.flow.yaml").write_text(FLOW.replace("input_schema_ref: tools:NumberInput\n", ""))
    assert run("check").exit_code == 0
    assert run("check", "--strict").exit_code == 1


def test_severities_are_configured(demo: Path) -> None:
    (demo / "flows" / "loose.flow.yaml").write_text(FLOW.replace("input_schema_ref: tools:NumberInput\n", ""))
    (demo / "pyproject.toml").write_text('[tool.cwc]\ntools = ["tools"]\nseverity = {undeclared_input = "error"}\n')
    assert run("check").exit_code == 1
    (demo / "pyproject.toml").write_text('[tool.cwc]\ntools = ["tools"]\nseverity = {CWC405 = "off"}\n')
    assert run("check").stderr == ""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["check", "nowhere"], 2),
        (["check", "tools.py"], 2),
        (["check", "--tools", "nothing_here"], 2),
        (["check", "--lane", "sideways"], 2),
        (["chekc"], 2),
        (["run", "nothing"], 2),
        (["run", "double_and_format", "--input", "{"], 2),
        (["run", "double_and_format", "--input", "[]"], 2),
        (["run", "double_and_format", "--input", "@nowhere.json"], 2),
        (["run", "double_and_format"], 1),
        (["run", "main.py"], 2),
        (["explain", "CWC9999"], 2),
        (["explain", "cwc401"], 0),
        (["explain", "missing_mapping_key"], 0),
        (["explain"], 0),
    ],
)
def test_exit_codes(demo: Path, arguments: list[str], code: int) -> None:
    done = run(*arguments)
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    assert not isinstance(done.exception, Exception)


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [
        ("CWC999", " Did you mean CWC8"),
        ("cwc412", " Did you mean CWC411, "),
        ("DET100", " Did you mean DET101, "),
        ("collision", " Did you mean context_collision? "),
        ("mising_tool", " Did you mean missing_tool? "),
        ("q", ". `cwc explain` lists them all."),
    ],
)
def test_a_code_that_there_is_not(wanted: str, meant: str) -> None:
    done = run("explain", wanted)
    assert done.exit_code == 2
    assert meant in done.stderr


def test_a_code_without_its_letters() -> None:
    assert run("explain", "401").stdout == run("explain", "CWC401").stdout


def test_no_flow_is_a_project_error(tmp_path: Path) -> None:
    with inside(tmp_path):
        (tmp_path / "flows").mkdir()
        done = run("build")
    assert done.exit_code == 2
    assert "CWC811" in done.stderr


def test_run_of_every_kind_of_flow(demo: Path) -> None:
    run("build")
    (demo / "input.json").write_text('{"number": 5}')
    outputs = []
    for flow in ("double_and_format", "flows/double_and_format.flow.yaml", "generated/double_and_format.py"):
        for lane in ("sync", "async"):
            done = run("run", flow, "--input", "@input.json", "--lane", lane)
            assert done.exit_code == 0, done.output
            outputs.append(json.loads(done.stdout)["final_output"])
    assert all(output == outputs[0] for output in outputs)


def test_a_failed_run_says_where(demo: Path) -> None:
    (demo / "tools.py").write_text(
        (demo / "tools.py").read_text().replace("value=inputs.number * 2", "value=1 // inputs.number")
    )
    done = run("run", "double_and_format", "--input", '{"number": 0}')
    assert done.exit_code == 1
    result = json.loads(done.stdout)
    assert result["execution_log"][0]["error_type"] == "FlowExecutionError"
    assert "flows/double_and_format.flow.yaml:9" in done.stderr


def test_a_bug_in_cwc_is_reported_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import cwc.cli

    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError("something broke")

    monkeypatch.setattr("cwc.cli.group.cwc", break_down)
    monkeypatch.delenv("CWC_DEBUG", raising=False)
    with pytest.raises(SystemExit) as caught:
        cwc.cli.main()
    assert caught.value.code == 3


def test_as_a_process(tmp_path: Path) -> None:
    assert run_cwc("init", cwd=tmp_path).returncode == 0
    built = run_cwc("build", cwd=tmp_path)
    assert (built.returncode, built.stderr) == (0, "")
    done = run_cwc("--version", cwd=tmp_path)
    assert done.stdout.startswith("cwc 0.")


def test_a_verb_that_was_perhaps_meant_is_named() -> None:
    done = CliRunner().invoke(cwc, ["bild"], prog_name="cwc")
    assert (done.exit_code, "No such command 'bild'. Did you mean 'build'?" in done.stderr) == (2, True)
    assert "Did you mean" not in CliRunner().invoke(cwc, ["zzz"], prog_name="cwc").stderr
