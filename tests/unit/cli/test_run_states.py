"""`cwc run` under the states that `cwc flows status` set: by name, by generated module, and of flows that steps run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from cwc.cli.group import cwc
from tests.projects import inside

OUTER = """\
type: Flow
name: outer
description: Runs the flow of the scaffold.
input_schema_ref: tools:NumberInput
steps:
  - flow_name: double_and_format
    input_mapping: {number: number}
"""
NAME = "double_and_format"
BY = {"name": NAME, "module": f"generated/{NAME}.py", "outer name": "outer", "outer module": "generated/outer.py"}


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Path]:
    """A scaffolded project with a flow more, which runs the first one; built, as the working directory."""
    with inside(tmp_path):
        assert run("init", "demo")[0] == 0
    with inside(tmp_path / "demo"):
        (tmp_path / "demo" / "flows" / "outer.flow.yaml").write_text(OUTER, "utf-8")
        assert run("build")[0] == 0
        yield tmp_path / "demo"


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(cwc, list(arguments), prog_name="cwc")
    return done.exit_code, done.stderr


def run_flow(flow: str, *more: str) -> tuple[int, str]:
    return run("run", flow, "-i", '{"number": 5}', *more)


@pytest.mark.parametrize("flow", BY.values(), ids=BY.keys())
def test_a_flow_that_was_disabled_is_refused(demo: Path, flow: str) -> None:
    assert run_flow(flow)[0] == 0
    assert run("flows", "status", NAME, "disabled")[0] == 0
    # Flows that run flows have the sync lane only.
    for lane in ("sync",) if "outer" in flow else ("sync", "async"):
        code, said = run_flow(flow, "--lane", lane)
        assert code == 1
        assert "FlowStatusError" in said
        assert NAME in said
        assert ("use --force to run it all the same" in said) == ("outer" not in flow)
    # For the outer flow only, as a registry has it.
    assert run_flow(flow, "--force")[0] == (1 if "outer" in flow else 0)
    assert run("flows", "status", NAME, "active")[0] == 0
    assert run_flow(flow)[0] == 0


def test_the_state_wins_over_the_file_and_outlives_its_manifest(demo: Path) -> None:
    file = demo / "flows" / f"{NAME}.flow.yaml"
    file.write_text(file.read_text("utf-8") + "status: disabled\n", "utf-8")
    assert run_flow(NAME)[0] == 1
    assert run("flows", "status", NAME, "active")[0] == 0
    assert run_flow(NAME)[0] == 0
    assert run_flow(f"flows/{NAME}.flow.yaml")[0] == 1
    assert run("flows", "status", NAME, "needs_review")[0] == 0
    assert run("clean")[0] == 0
    assert run_flow(NAME)[0] == 1


@pytest.mark.parametrize("flow", [NAME, f"generated/{NAME}.py"])
def test_states_that_cannot_be_read_are_an_error(demo: Path, flow: str) -> None:
    (demo / "generated" / "cwc-state.json").write_text("{", "utf-8")
    code, said = run_flow(flow)
    assert code == 2
    assert "error[CWC835]" in said
