"""`cwc diff`: files, names and commits; its forms and exit codes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cwc.cli.group import cwc
from tests.projects import inside

FLOW = "flows/double_and_format.flow.yaml"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Path]:
    """A scaffolded project whose flow was changed since it was committed."""
    with inside(tmp_path):
        assert run("init").exit_code == 0
        git = ["git", "-c", "user.email=a@example.org", "-c", "user.name=a", "-c", "init.defaultBranch=main"]
        for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
            subprocess.run([*git, *command], check=True, capture_output=True)
        (tmp_path / "old.flow.yaml").write_text((tmp_path / FLOW).read_text())
        (tmp_path / FLOW).write_text((tmp_path / FLOW).read_text().replace("amount: 10", "amount: 11"))
        yield tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cwc, list(arguments), prog_name="cwc")


@pytest.mark.parametrize("old", ["old.flow.yaml", f"HEAD:{FLOW}"])
@pytest.mark.parametrize("new", [FLOW, "double_and_format"])
def test_a_change_is_told(demo: Path, old: str, new: str) -> None:
    done = run("diff", old, new)
    assert (done.exit_code, done.stderr) == (1, "")
    assert "\nwiring\n  ~ step 1 add: input amount: constant 10 -> constant 11\n" in done.stdout


def test_a_path_in_a_commit_is_as_in_git(demo: Path) -> None:
    """From the top of the repository, or, with a dot before it, from here."""
    with inside(demo / "flows"):
        (demo / "flows/other.flow.yaml").write_text((demo / FLOW).read_text().replace("double_and_format", "other"))
        for old in (f"HEAD:{FLOW}", "HEAD:./double_and_format.flow.yaml", f"HEAD:../{FLOW}"):
            done = run("diff", old, "double_and_format.flow.yaml")
            assert (done.exit_code, done.stderr) == (1, ""), old
            assert "constant 10 -> constant 11" in done.stdout
        done = run("diff", "HEAD:double_and_format.flow.yaml", "double_and_format.flow.yaml")
        assert done.exit_code == 2
        assert "from the top of the repository; from here it is 'HEAD:./double_and_format.flow.yaml'\n" in done.stderr


def test_a_change_of_the_text_alone_is_none(demo: Path) -> None:
    text = (demo / FLOW).read_text()
    (demo / "same.flow.yaml").write_text(f"# a comment\n\n{text}\n")
    done = run("diff", FLOW, "same.flow.yaml")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "nothing changes")


def test_what_is_said_of_a_flow_that_runs_it_is_no_change(demo: Path) -> None:
    """Which flows stand beside a file depends on how it is named, and what they lack may lie in this one."""
    branch = [{"target_step_id": "b", "predicate": "value > 1"}]
    steps = [
        {"step_id": "a", "tool_name": "double", "input_mapping": {"number": "number"}, "branches": branch},
        {"step_id": "b", "depends_on": ["a"], "tool_name": "format", "input_mapping": {"value": "value"}},
    ]
    inner = {"type": "DAGFlow", "name": "inner", "version": "1", "description": "", "steps": steps}
    outer = {"type": "Flow", "name": "outer", "description": "", "steps": [{"flow_name": "inner"}]}
    for flow in (inner, outer):
        (demo / f"flows/{flow['name']}.flow.json").write_text(json.dumps(flow))
    done = run("diff", "flows/inner.flow.json", "inner")
    assert (done.exit_code, done.stderr) == (0, ""), done.stdout


def test_forms(demo: Path) -> None:
    told = json.loads(run("diff", "old.flow.yaml", FLOW, "--format", "json").stdout)
    assert (told["version"], told["identical"], len(told["changes"])) == (1, False, 1)
    assert told["changes"][0] == {
        "area": "wiring",
        "change": "changed",
        "subject": "step 1 add",
        "what": "input amount",
        "old": "constant 10",
        "new": "constant 11",
    }
    markdown = run("diff", "old.flow.yaml", FLOW, "--format", "markdown").stdout
    assert "* changed: `step 1 add`, `input amount`: `constant 10` -> `constant 11`\n" in markdown


def test_mistakes_that_came_in_are_changes(demo: Path) -> None:
    (demo / FLOW).write_text((demo / FLOW).read_text().replace("tool_name: double", "tool_name: duoble"))
    done = run("diff", "old.flow.yaml", FLOW)
    assert done.exit_code == 1
    assert "+ the flow: CWC220 missing_tool: there is no tool 'duoble'" in done.stdout


@pytest.mark.parametrize(
    ("old", "code"),
    [
        ("nowhere.flow.yaml", 2),
        ("no_such_flow", 2),
        (f"HEAD:{FLOW}x", 2),
        ("HEAD:flows/nowhere.flow.yaml", 2),
        (f"nowhere:{FLOW}", 2),
        (f"--output=x:{FLOW}", 2),
        (f":{FLOW}", 2),
        ("broken.flow.yaml", 1),
    ],
)
def test_what_cannot_be_read(demo: Path, old: str, code: int) -> None:
    (demo / "broken.flow.yaml").write_text("steps: [")
    done = run("diff", "--", old, FLOW)
    assert (done.exit_code, done.stdout) == (code, "")
    assert "error[" in done.stderr
