"""`cwc run --input`: where the input can come from, and what is refused as one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cwc.cli.group import cwc
from tests.projects import inside, run_cwc


@pytest.fixture(autouse=True)
def demo(tmp_path: Path) -> Iterator[Path]:
    """A scaffolded project, as the working directory."""
    with inside(tmp_path):
        assert CliRunner().invoke(cwc, ["init"]).exit_code == 0
        yield tmp_path


def run(text: str, stdin: str = "") -> Result:
    return CliRunner().invoke(cwc, ["run", "double_and_format", "--input", text], input=stdin, prog_name="cwc")


def test_standard_input() -> None:
    done = run("@-", '{"number": 5}')
    assert done.exit_code == 0
    assert json.loads(done.stdout)["final_output"]["text"] == "The value is 20."


def test_an_empty_standard_input() -> None:
    done = run("@-")
    assert (done.exit_code, "standard input is not JSON" in done.stderr) == (2, True)


def test_a_file_without_a_name() -> None:
    done = run("@")
    assert (done.exit_code, "write @FILE, or @- for standard input" in done.stderr) == (2, True)


@pytest.mark.parametrize("text", ['{"number": 5, "number": 6}', '{"number": 5, "more": [{"number": 1, "number": 1}]}'])
@pytest.mark.parametrize("piped", [False, True])
def test_one_key_twice(text: str, piped: bool) -> None:
    done = run("@-", text) if piped else run(text)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "has the key 'number' twice in one object" in done.stderr


@pytest.mark.parametrize("flow", ["double_and_format", "generated/double_and_format.py"])
@pytest.mark.parametrize("lane", ["sync", "async"])
def test_what_tools_print_is_not_in_the_result(demo: Path, flow: str, lane: str) -> None:
    """By print, by a stream that was kept, by a descriptor, by a child; when they are imported and when they run."""
    tools = (demo / "tools.py").read_text()
    loud = "print('by print'); KEPT.write('by stream\\n'); os.write(1, b'by number\\n'); os.system('echo by child')"
    tools = tools.replace('"""\n', f'"""\nimport os, sys\nKEPT = sys.stdout\n{loud}\n', 1)
    (demo / "tools.py").write_text(tools.replace("    return TextOutput", f"    {loud}\n    return TextOutput"))
    assert run_cwc("build", cwd=demo).returncode == 0
    done = run_cwc("run", flow, "--lane", lane, "--input", '{"number": 5}', cwd=demo)
    assert json.loads(done.stdout)["final_output"]["text"] == "The value is 20."
    assert all(done.stderr.count(f"by {way}\n") >= 1 for way in ("print", "stream", "number", "child"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "{}",
            "cwc: SchemaValidationError: The input of flow 'double_and_format' does not fit its input schema:"
            " 1 validation error for NumberInput\nnumber\n"
            "  Field required [type=missing, input_value={}, input_type=dict]\n",
        ),
        ('{"number": "\\u001b[2Jx"}', "input_value='\\x1b[2Jx', input_type=str]\n"),
    ],
)
def test_why_an_input_was_refused_is_said_beside_the_result(text: str, told: str) -> None:
    done = run(text)
    assert done.exit_code == 1
    assert done.stderr.endswith(told), done.stderr
    record = json.loads(done.stdout)["execution_log"][0]
    assert (record["step_index"], record["error_type"]) == (-1, "SchemaValidationError")


def test_why_a_step_had_no_inputs_is_said_with_its_place(demo: Path) -> None:
    flow = demo / "flows/double_and_format.flow.yaml"
    flow.write_text(flow.read_text().replace("input_schema_ref: tools:NumberInput\n", ""))
    done = run("{}")
    told = "cwc: InputMappingError: The input of flow 'double_and_format' lacks 'number', which its steps read.\n"
    assert (done.exit_code, done.stderr) == (1, told)
    flow.write_text(flow.read_text().replace("value: sum", "value: /sums/0"))
    done = run('{"number": 1, "sums": []}')
    assert done.stderr == (
        "cwc: failed at flows/double_and_format.flow.yaml:19: step 2 'format'\n"
        "cwc: InputMappingError: Step 2 ('format') reads '/sums/0', which is not in the context.\n"
    )


def test_of_a_flow_that_is_not_there_nothing_is_said_of_others(demo: Path) -> None:
    flow = demo / "flows/double_and_format.flow.yaml"
    flow.write_text(flow.read_text().replace("input_schema_ref: tools:NumberInput\n", ""))
    done = CliRunner().invoke(cwc, ["run", "double_and_fromat"], prog_name="cwc")
    assert (done.exit_code, "1 error\n" in done.stderr, "warning" in done.stderr) == (2, True, False)
