"""Constructs that the async lane is built without: all of them listed by a build, and by a run that comes too late."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from cwc.driver.memory import compile_flow
from cwc.runtime.errors import AsyncLaneUnsupportedError
from tests.projects import ROOT, run_cwc

CASE = ROOT / "tests" / "cases" / "dag" / "mistakes"
FLOWS = ("async.flow.yaml", "async_child.flow.yaml")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    shutil.copy(CASE / "tools.py", tmp_path)
    for name in FLOWS:
        shutil.copy(CASE / "flows" / name, tmp_path / "flows")
    (tmp_path / "pyproject.toml").write_text('[tool.cwc]\ntools = ["tools"]\n')
    return tmp_path


def test_a_build_for_the_async_lane_lists_every_construct(project: Path) -> None:
    done = run_cwc("build", "--lane", "async", "--format", "json", cwd=project)
    assert done.returncode == 1
    found = [entry for entry in json.loads(done.stdout)["diagnostics"] if entry["slug"] == "async_lane_unsupported"]
    places = {(entry["flow"], entry["path"], entry["line"], entry["column"]) for entry in found}
    assert places == {
        ("async_parent", "flows/async.flow.yaml", 11, 5),
        ("async_parent", "flows/async.flow.yaml", 12, 5),
        ("async_parent", "flows/async.flow.yaml", 14, 5),
        ("async_parent", "flows/async.flow.yaml", 17, 5),
        ("async_parent", "flows/async_child.flow.yaml", 10, 5),
        ("async_child", "flows/async_child.flow.yaml", 10, 5),
    }
    assert not (project / "generated").exists()


def test_a_build_that_leaves_it_to_the_flow_says_so_in_one_note(project: Path) -> None:
    done = run_cwc("build", cwd=project)
    assert done.returncode == 0
    lines = [line for line in done.stderr.splitlines() if "[CWC320]" in line]
    assert lines == [
        "note[CWC320]: flow 'async_parent' has no async lane: step 'a' has 'decision_candidates', 'branches',"
        " 'default_next'; step 'b' has 'flow_name'; step 'a' of the flow 'async_child', which it runs, has 'branches'",
        "note[CWC320]: flow 'async_child' has no async lane: step 'a' has 'branches'",
    ]


def test_constructs_that_the_project_asks_for_are_built(project: Path) -> None:
    settings = '[tool.cwc]\ntools = ["tools"]\nasync_constructs = ["branches", "decisions", "subflows"]\n'
    (project / "pyproject.toml").write_text(settings)
    assert run_cwc("build", "--lane", "both", cwd=project).returncode == 0
    for lane in ("sync", "async"):
        done = run_cwc("run", "generated/async_parent.py", "--lane", lane, "--input", '{"number": 3}', cwd=project)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["final_output"]["x"] == 6


def test_a_flow_is_run_with_the_flows_beside_it(project: Path) -> None:
    done = run_cwc("run", "flows/async.flow.yaml", "--input", '{"number": 3}', cwd=project)
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)["execution_log"][1]
    assert (record["flow_name"], record["sub_result"]["success"]) == ("async_child", True)


def test_a_run_without_an_async_lane_lists_every_construct() -> None:
    flow = {
        "type": "DAGFlow",
        "name": "dag",
        "version": "1.0",
        "description": "",
        "steps": [
            {"step_id": "a", "flow_name": "child", "branches": [{"target_step_id": "b", "predicate": "True"}]},
            {"step_id": "b", "flow_name": "child", "depends_on": ["a"], "output_mapping": {}},
        ],
    }
    child = {"type": "Flow", "name": "child", "description": "", "steps": []}
    built = compile_flow(flow, [], flows=[child])
    with pytest.raises(AsyncLaneUnsupportedError) as caught:
        asyncio.run(built.run_async({}))
    listed = [line.rpartition(": ")[2] for line in caught.value.unsupported]
    assert listed == ["flow_name", "branches", "flow_name"]
    assert all("flow.flow.json:" in line for line in caught.value.unsupported)
    assert built.run({}).success
