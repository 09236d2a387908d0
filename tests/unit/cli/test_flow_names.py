"""Names of flows that lead nowhere: what was meant, and what the verb takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cwc.cli.group import cwc
from tests.projects import inside


@pytest.fixture(autouse=True)
def demo(tmp_path: Path) -> Iterator[Path]:
    """A scaffolded project, as the working directory."""
    with inside(tmp_path):
        assert run("init").exit_code == 0
        yield tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cwc, list(arguments), prog_name="cwc")


@pytest.mark.parametrize("arguments", [("run",), ("graph",), ("diff", "double_and_format")])
def test_a_flow_that_was_meant(arguments: tuple[str, ...]) -> None:
    done = run(*arguments, "duoble_and_format")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "did you mean 'double_and_format'?" in done.stderr


def test_a_name_like_no_other_gets_those_that_there_are() -> None:
    done = run("run", "xyzzy")
    assert done.exit_code == 2
    assert "the flows of the project: 'double_and_format'" in done.stderr


@pytest.mark.parametrize(
    ("verb", "takes"),
    [
        ("graph", "name a flow file, or a flow of the project\n"),
        ("diff", "name a flow file, REVISION:PATH for one in a commit of git, or a flow of the project\n"),
        ("run", "name a flow file, a generated .py file, or a flow of the project\n"),
    ],
)
def test_the_help_is_what_the_verb_takes(verb: str, takes: str) -> None:
    name = "xyzzy" if verb == "run" else "generated/double_and_format.py"
    assert run("build").exit_code == 0
    done = run(verb, *[name] * (2 if verb == "diff" else 1))
    assert done.exit_code == 2
    assert takes in done.stderr


def test_where_no_project_is(demo: Path) -> None:
    (demo / "pyproject.toml").unlink()
    assert "no project was found" in run("run", "xyzzy").stderr
