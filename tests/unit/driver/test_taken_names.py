"""Flows that come to want a file that another flow has: until they build, nothing is taken from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cwc.diagnostics.model import Report
from cwc.driver.project import Request, build_project
from tests.projects import inside

TOOLS = """
from pydantic import BaseModel
from cwc import tool

class Number(BaseModel):
    number: int

@tool
def double(inputs: Number) -> Number:
    \"\"\"Doubles.\"\"\"
    return Number(number=inputs.number * 2)
"""
FLOW = """\
type: Flow
name: answer
version: "{version}"
description: An answer.
input_schema_ref: tools:Number
on_context_collision: overwrite
steps:
  - tool_name: double
    input_mapping: {{number: {key}}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tools.py").write_text(TOOLS, "utf-8")
    (tmp_path / "flows").mkdir()
    write(tmp_path, "answer", "1.0.0")
    assert built(tmp_path) == []
    return tmp_path


def write(folder: Path, file: str, version: str, key: str = "number") -> None:
    (folder / "flows" / f"{file}.flow.yaml").write_text(FLOW.format(version=version, key=key), "utf-8")


def built(folder: Path) -> list[str]:
    report = Report()
    with inside(folder):
        build_project(Request(tools=("tools",)), report)
    return [found.slug for found in report if found.definition.severity == "error"]


def modules(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "generated").glob("answer*.py")}


def test_a_later_version_that_does_not_build_takes_no_name(folder: Path) -> None:
    before = modules(folder)
    write(folder, "answer_2", "2.0.0", key="nubmer")
    assert built(folder) == ["missing_mapping_key"]
    assert modules(folder) == before
    write(folder, "answer", "1.0.1")
    assert built(folder) == ["missing_mapping_key"]
    assert b"'1.0.1'" in modules(folder)["answer.py"]
    write(folder, "answer_2", "2.0.0")
    assert built(folder) == []
    assert {name: text.count(b"'2.0.0'") > 0 for name, text in modules(folder).items()} == {
        "answer.py": True,
        "answer__1_0_1.py": False,
    }


def test_a_copy_of_a_flow_takes_no_name(folder: Path) -> None:
    before = modules(folder)
    for copy in ("a_copy", "z_copy"):
        write(folder, copy, "1.0.0")
        assert built(folder) == ["module_name_clash"]
        assert modules(folder) == before
        (folder / "flows" / f"{copy}.flow.yaml").unlink()
    assert built(folder) == []
    assert modules(folder) == before
