"""Tracebacks of what tools raise lead through the flow file, in results, on the command line and by the hook."""

from __future__ import annotations

import asyncio
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cwc.runtime.tracebacks import format_error
from tests.projects import inside, run_cwc

TOOLS = """\
from pydantic import BaseModel

from cwc import tool


class Given(BaseModel):
    number: int


class Made(BaseModel):
    value: int


def invert(number: int) -> int:
    return 1 // number


@tool
def halve(number: int) -> Made:
    return Made(value=invert(number))


@tool
async def halve_later(number: int) -> Made:
    return Made(value=invert(number))
"""
STEP = "    input_mapping: {number: number}\n"
HEAD = 'type: Flow\nname: %s\nversion: "1"\ndescription: Halves.\ninput_schema_ref: tools:Given\nsteps:\n'
FLOWS = {
    "plain": f"  - tool_name: halve\n{STEP}",
    "later": f"  - tool_name: halve_later\n{STEP}",
    "again": f"  - tool_name: halve\n{STEP}    retry: {{max_retries: 1, backoff_seconds: 0}}\n",
    "outer": f"  - flow_name: plain\n{STEP}",
    "shared": f"  - tool_name: halve\n{STEP}  - tool_name: halve\n    input_mapping: {{number: value}}\n",
    "wide": "".join(
        f"  - step_id: s{number}\n    tool_name: halve_later\n    input_mapping: {{number: {number}}}\n"
        f"    output_mapping: {{by_{number}: value}}\n"
        for number in (1, 0, 2)
    ),
}
APP = """\
from cwc.runtime import tracebacks
from generated import {flow}

tracebacks.install()
tracebacks.install()
result = {flow}.run({given})
if result.failure is not None:
    raise result.failure
raise LookupError("of the application")
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("tracebacks")
    (folder / "flows").mkdir()
    (folder / "tools.py").write_text(TOOLS, "utf-8")
    for name, steps in FLOWS.items():
        text = (HEAD % name).replace("Flow", "DAGFlow" if name == "wide" else "Flow") + steps
        (folder / "flows" / f"{name}.flow.yaml").write_text(text, "utf-8")
    built = run_cwc("build", "--tools", "tools", cwd=folder)
    assert built.returncode == 0, built.stderr
    with inside(folder):
        yield folder


def through(name: str) -> str:
    """The part of a traceback from a flow's step to what its tool raised."""
    return (
        f'  File "flows/{name}.flow.yaml", line 7, in {name}\n'
        f"    - tool_name: {'halve_later' if name == 'later' else 'halve'}\n"
    )


@pytest.mark.parametrize("name", ["plain", "later", "again"])
@pytest.mark.parametrize("lane", ["sync", "async"])
def test_generated_frames_are_the_flow_s(project: Path, name: str, lane: str) -> None:
    flow = importlib.import_module(f"generated.{name}")
    result = flow.run({"number": 0}) if lane == "sync" else asyncio.run(flow.run_async({"number": 0}))
    shown = format_error(result.failure)
    assert shown.count(through(name)) == 1
    assert "return 1 // number" in shown.partition(through(name))[2]
    assert "ZeroDivisionError" in shown
    assert "direct cause" in shown
    assert shown.rstrip().endswith(
        f"flows/{name}.flow.yaml:7: step 0 {'halve_later' if name == 'later' else 'halve'!r}"
    )
    assert "generated" not in shown
    assert "cwc/runtime" not in shown.replace("cwc.runtime", "")


@pytest.mark.parametrize("observers", [(), (print,)])
@pytest.mark.parametrize("lane", ["sync", "async"])
@pytest.mark.parametrize(
    ("name", "line", "shown"), [("shared", 9, "- tool_name: halve"), ("wide", 11, "- step_id: s0")]
)
def test_of_steps_that_share_a_function_the_one_that_failed_is_shown(
    project: Path, name: str, line: int, shown: str, lane: str, observers: tuple[Any, ...]
) -> None:
    flow = importlib.import_module(f"generated.{name}")
    assert len(set(flow.FLOW.generated_lanes[0].functions)) == 1
    given: Any = {"number": 2}
    if lane == "sync":
        result = flow.run(given, observers=observers)
    else:
        result = asyncio.run(flow.run_async(given, observers=observers, max_step_concurrency=3))
    told = format_error(result.failure)
    place = f'  File "flows/{name}.flow.yaml", line {line}, in {name}\n    {shown}\n'
    assert told.count(place) == 1
    assert told.count('flow.yaml", line') == 1
    assert "return 1 // number" in told.partition(place)[2]


def test_other_tools_are_found_too(project: Path) -> None:
    def other(given: object) -> dict[str, int]:
        raise KeyError("none")

    flow = importlib.import_module("generated.plain").FLOW.bind(tools={"halve": other})
    shown = format_error(flow.run({"number": 1}).failure)
    assert through("plain") in shown
    assert "in other" in shown


def test_a_flow_inside_of_a_flow_shows_its_own_error(project: Path) -> None:
    shown = format_error(importlib.import_module("generated.outer").run({"number": 0}).failure)
    assert through("plain") in shown
    assert "SubflowFailed" not in shown
    assert "flows/outer.flow.yaml:7" in shown


def test_the_command_line_shows_it(project: Path) -> None:
    done = run_cwc("run", "generated/plain.py", "--input", '{"number": 0}', cwd=project)
    assert done.returncode == 1
    assert through("plain") in done.stderr
    assert "in invert" in done.stderr
    assert "step_0" not in done.stderr


def test_an_input_that_does_not_fit_needs_no_traceback(project: Path) -> None:
    done = run_cwc("run", "generated/plain.py", "--input", '{"number": "none"}', cwd=project)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_flow_file_that_is_run_shows_it(project: Path) -> None:
    done = run_cwc("run", "flows/plain.flow.yaml", "--tools", "tools", "--input", '{"number": 0}', cwd=project)
    assert through("plain") in done.stderr
    assert "step_0" not in done.stderr


@pytest.mark.parametrize(("given", "is_flow"), [({"number": 0}, True), ({"number": 1}, False)])
def test_the_hook_of_an_application(project: Path, given: dict[str, int], is_flow: bool) -> None:
    app = project / "app.py"
    app.write_text(APP.format(flow="plain", given=given), "utf-8")
    done = subprocess.run([sys.executable, "app.py"], cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert (through("plain") in done.stderr) is is_flow
    assert ("LookupError: of the application" in done.stderr) is not is_flow
    assert "app.py" in done.stderr
    assert "step_0" not in done.stderr


def test_other_errors_are_shown_as_python_does() -> None:
    import traceback

    try:
        try:
            raise ValueError("inner")
        except ValueError as error:
            raise ExceptionGroup("all", [error, KeyError("k")]) from error
    except ExceptionGroup as group:
        ours, theirs = format_error(group), "".join(traceback.format_exception(group))
    assert [line for line in ours.splitlines() if "^" not in line] == [
        line for line in theirs.splitlines() if "^" not in line
    ]
