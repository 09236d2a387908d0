"""`[tool.cwc.flow.NAME]`: settings of one flow in place of the project's, and of flows that run each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cwc.cli.group import cwc
from tests.projects import inside

OUTER = """\
type: Flow
name: outer
description: Runs the other one.
input_schema_ref: tools:NumberInput
steps:
  - flow_name: double_and_format
    input_mapping: {number: number}
"""
WIDE = """\
type: DAGFlow
name: wide
version: "1"
description: Two steps at once.
input_schema_ref: tools:NumberInput
steps:
  - {step_id: a, tool_name: double, output_mapping: {a: value}}
  - {step_id: b, tool_name: double, output_mapping: {b: value}}
"""


@pytest.fixture(autouse=True)
def demo(tmp_path: Path) -> Iterator[Path]:
    """A scaffolded project with two more flows, as the working directory."""
    with inside(tmp_path):
        assert CliRunner().invoke(cwc, ["init"]).exit_code == 0
        (tmp_path / "flows/outer.flow.yaml").write_text(OUTER)
        (tmp_path / "flows/wide.flow.yaml").write_text(WIDE)
        yield tmp_path


def build(settings: str, *arguments: str) -> Result:
    Path("pyproject.toml").write_text(f'[tool.cwc]\ntools = ["tools"]\n{settings}\n')
    return CliRunner().invoke(cwc, ["build", *arguments], prog_name="cwc")


def lanes() -> dict[str, str]:
    """The lanes of each flow that was built."""
    lines = [line.split() for line in CliRunner().invoke(cwc, ["flows", "list"]).stdout.splitlines()[1:]]
    return {words[1]: next(word for word in words if word in ("sync", "async", "sync+async")) for words in lines}


def test_lanes_are_those_of_the_flow_and_then_of_the_project() -> None:
    done = build('lane = "both"\nasync_constructs = ["subflows"]\n[tool.cwc.flow.wide]\nlane = "sync"')
    assert done.exit_code == 0, done.stderr
    assert lanes() == {"double_and_format": "sync+async", "outer": "sync+async", "wide": "sync"}


def test_constructs_are_allowed_to_one_flow() -> None:
    assert build('[tool.cwc.flow.outer]\nasync_constructs = ["subflows"]').exit_code == 0
    assert lanes()["outer"] == "sync+async"


def test_a_flow_has_no_lane_that_one_which_it_runs_has_not() -> None:
    settings = 'async_constructs = ["subflows"]\n[tool.cwc.flow.double_and_format]\nlane = "%s"\n'
    done = build(settings % "sync")
    assert done.exit_code == 0
    assert "note[CWC320]: flow 'outer' has no async lane: step 0 runs the flow 'double_and_format'" in done.stderr
    assert lanes()["outer"] == "sync"
    assert build(settings % "async").exit_code == 0
    assert lanes()["outer"] == "async"
    done = build(settings % "sync" + '[tool.cwc.flow.outer]\nlane = "both"\n')
    assert (done.exit_code, "error[CWC320]: flow 'outer' has no async lane" in done.stderr) == (1, True)


def test_schedule_and_concurrency() -> None:
    assert build('[tool.cwc.flow.wide]\nschedule = "dataflow"\nmax_step_concurrency = 7').exit_code == 0
    own = Path("generated/wide.py").read_text()
    assert build('schedule = "dataflow"\nmax_step_concurrency = 7').exit_code == 0
    assert Path("generated/wide.py").read_text() == own
    assert build("").exit_code == 0
    assert Path("generated/wide.py").read_text() != own


def test_the_command_line_wins() -> None:
    assert build('[tool.cwc.flow.wide]\nlane = "sync"', "--lane", "auto").exit_code == 0
    assert lanes()["wide"] == "sync+async"


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("lanes = 'sync'", "tool.cwc.flow.wide.lanes is not a setting\n --> pyproject.toml:4:1"),
        ("lane = 'fast'", "tool.cwc.flow.wide.lane must be 'auto', 'sync', 'async' or 'both', and is 'fast'"),
    ],
)
def test_what_is_no_setting_of_a_flow(setting: str, told: str) -> None:
    done = build(f"[tool.cwc.flow.wide]\n{setting}")
    assert (done.exit_code, told in done.stderr) == (2, True), done.stderr


IDLE = """\
warning[CWC808]: the project has no flow 'wid', so these settings do nothing
 --> pyproject.toml:3:2
  |
3 | [tool.cwc.flow.wid]
  |  ^^^^^^^^^^^^^^^^^
  = help: did you mean 'wide'?
"""


def test_a_section_for_a_flow_that_is_not_there_is_told_of_at_every_build() -> None:
    settings = '[tool.cwc.flow.wid]\nlane = "sync"'
    done = build(settings)
    assert (done.exit_code, done.stderr.count("CWC808"), IDLE in done.stderr) == (0, 2, True), done.stderr
    again = CliRunner().invoke(cwc, ["build"], prog_name="cwc")
    assert again.stdout == "up to date: generated\n"
    assert again.stderr == done.stderr
    # Of a change of one flow, which is all that is compiled then.
    Path("flows/wide.flow.yaml").write_text(WIDE.replace("Two steps", "Steps"))
    changed = CliRunner().invoke(cwc, ["build"], prog_name="cwc")
    assert changed.stdout == "wrote generated/wide.py\n"
    assert changed.stderr == done.stderr
    assert build(settings, "--strict").exit_code == 1


def test_which_flows_there_are_is_not_known_from_some_of_them() -> None:
    build('[tool.cwc.flow.double_and_format]\nlane = "sync"')
    done = CliRunner().invoke(cwc, ["check", "flows/wide.flow.yaml"], prog_name="cwc")
    assert "CWC808" not in done.stderr
    Path("flows/double_and_format.flow.yaml").write_text("type: Flow\nname: [\n")
    done = CliRunner().invoke(cwc, ["check"], prog_name="cwc")
    assert done.exit_code == 1
    assert "CWC808" not in done.stderr
