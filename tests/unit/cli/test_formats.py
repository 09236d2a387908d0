"""Which format a report is shown in, where, and in what colours."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cwc.cli.formats import colors
from cwc.cli.group import cwc
from tests.projects import inside


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def bad(tmp_path: Path) -> Iterator[Path]:
    """A project with one mistake and one note, as the working directory."""
    with inside(tmp_path):
        assert run("init").exit_code == 0
        flow = tmp_path / "flows" / "double_and_format.flow.yaml"
        flow.write_text(flow.read_text().replace("tool_name: double", "tool_name: duoble"))
        yield tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cwc, list(arguments), prog_name="cwc")


@pytest.mark.parametrize("verb", ["check", "build"])
def test_every_format_goes_where_it_belongs(bad: Path, verb: str) -> None:
    text = run(verb, "--format", "text")
    assert text.exit_code == 1
    assert (text.stdout, text.stderr.startswith("error[CWC220]")) == ("", True)
    json_ = run(verb, "--format", "json")
    assert (json_.exit_code, json.loads(json_.stdout)["version"], json_.stderr) == (1, 1, "")
    sarif = run(verb, "--format", "sarif")
    assert (sarif.exit_code, json.loads(sarif.stdout)["version"], sarif.stderr) == (1, "2.1.0", "")
    github = run(verb, "--format", "github")
    assert (github.exit_code, github.stderr) == (1, "")
    assert github.stdout.startswith("::error title=CWC220 missing_tool,file=flows/double_and_format.flow.yaml,line=")


def test_workflows_of_github_get_their_annotations(bad: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert run("check").stdout.startswith("::error ")
    assert run("check", "--format", "text").stderr.startswith("error[")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(bad.parent))
    assert f",file={bad.name}/flows/" in run("check").stdout
    monkeypatch.setenv("GITHUB_ACTIONS", "false")
    assert run("check").stderr.startswith("error[")


def test_a_build_in_a_workflow_says_what_it_wrote(bad: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    flow = bad / "flows" / "double_and_format.flow.yaml"
    flow.write_text(flow.read_text().replace("tool_name: duoble", "tool_name: double"))
    assert "wrote generated/double_and_format.py" in run("build").stdout
    (bad / "generated" / "double_and_format.py").unlink()
    assert "+++ b/generated/double_and_format.py" in run("build", "--diff").stdout


@pytest.mark.parametrize(
    ("variables", "on_terminal", "elsewhere"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"TERM": "dumb"}, False, False),
    ],
)
def test_colours(
    variables: dict[str, str], on_terminal: bool, elsewhere: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (colors(Terminal()), colors(io.StringIO())) == (on_terminal, elsewhere)


def test_asked_for_colours_come_through_a_pipe(bad: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" not in run("check").stderr
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert run("check").stderr.startswith("\x1b[1;31merror[CWC220]")
