"""The gates hold when the emitter does not: a template that forgets to quote, or that imports, builds nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

import cwc
from cwc._resources import templates_folder
from cwc.contract import ContractError
from cwc.driver.compile import Options
from cwc.driver.memory import compile_in_memory
from cwc.emit import render
from cwc.emit.code import GateError
from tests.projects import ROOT, run_cwc

MODULES = sorted(path.name for path in (templates_folder() / "module").glob("*.j2"))
LITERAL = re.compile(r"\{\{ ([^}|]*?) \| literal \}\}")
PLACES = [
    (name, number)
    for name in MODULES
    for number, _ in enumerate(LITERAL.finditer((templates_folder() / "module" / name).read_text("utf-8")))
]


class Number(BaseModel):
    number: int


class Value(BaseModel):
    value: int


def double(given: Number) -> dict[str, int]:
    return {"value": given.number * 2}


TOOLS = [
    cwc.Tool(name="double", description="", input_schema=Number, output_schema=Value, fn=double),
    cwc.Tool(name="triple", description="", input_schema=Number, output_schema=Value, fn=double),
]
FLOW: dict[str, Any] = {
    "type": "Flow",
    "name": "example",
    "description": "",
    "steps": [
        {
            "tool_name": "double",
            "input_mapping": {"number": "number"},
            "retry": {"max_retries": 1, "backoff_seconds": 0},
            "on_error": "fallback:triple",
        }
    ],
}


DAG: dict[str, Any] = {
    "type": "DAGFlow",
    "name": "dag",
    "version": "1.0",
    "description": "",
    "steps": [
        {
            "step_id": "a",
            "tool_name": "double",
            "input_mapping": {"number": "number"},
            "output_mapping": {"first": "value"},
            "branches": [{"target_step_id": "b", "predicate": "first > 2"}],
        },
        *(
            {
                "step_id": step,
                "depends_on": [on],
                "tool_name": "triple",
                "input_mapping": {"number": "number"},
                "output_mapping": {step: "value"},
            }
            for step, on in (("b", "a"), ("c", "a"), ("d", "b"))
        ),
    ],
}
SYNC_ONLY = {**FLOW, "steps": [{"tool_name": "double", "decision_candidates": ["double", "triple"]}]}


def compile_all() -> None:
    """Flows that every line of the templates is written for."""
    constructs = Options(async_constructs=("branches",), max_step_concurrency=3)
    compile_in_memory(FLOW, TOOLS)
    compile_in_memory(DAG, TOOLS, constructs)
    compile_in_memory(SYNC_ONLY, TOOLS)
    without_branches = [{**step, "branches": []} for step in DAG["steps"]]
    compile_in_memory({**DAG, "steps": without_branches}, TOOLS)
    compile_in_memory({**DAG, "steps": without_branches}, TOOLS, Options(schedule="dataflow"))


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the templates, which the emitter uses."""
    folder = tmp_path / "templates"
    shutil.copytree(templates_folder(), folder)
    monkeypatch.setattr(render, "_environment", lambda: render.environment(folder))
    return folder / "module"


def test_the_copy_builds(templates: Path) -> None:
    assert cwc.compile_flow(FLOW, TOOLS).run({"number": 2}).success


@pytest.mark.parametrize(("name", "number"), PLACES)
def test_a_missing_literal_is_refused(templates: Path, name: str, number: int) -> None:
    text = (templates / name).read_text("utf-8")
    place = list(LITERAL.finditer(text))[number]
    (templates / name).write_text(f"{text[: place.start()]}{{{{ {place[1]} }}}}{text[place.end() :]}", "utf-8")
    with pytest.raises(GateError):
        compile_all()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("head.py.j2", "import os"),
        ("head.py.j2", "from random import random as tool_random"),
        ("functions.py.j2", "import os"),
        ("flow.py.j2", "import os"),
        ("flow.py.j2", "FLOW.name = clock"),
        ("body.py.j2", "    import os"),
        ("body.py.j2", "    print('x')"),
        ("step.py.j2", "    eval('1')"),
    ],
)
def test_a_template_that_does_more_is_refused(templates: Path, name: str, line: str) -> None:
    text = (templates / name).read_text("utf-8")
    place = text.index("\n", text.index(":\n") + 1) + 1 if name == "body.py.j2" else 0
    if name == "head.py.j2":
        place = text.index("{% for entry in imports.local")
    (templates / name).write_text(f"{text[:place]}{line}\n{text[place:]}", "utf-8")
    with pytest.raises(ContractError):
        cwc.compile_flow(FLOW, TOOLS)


def test_a_refusal_is_a_bug_in_cwc_and_writes_nothing(tmp_path: Path) -> None:
    assert run_cwc("init", cwd=tmp_path).returncode == 0
    code = "from cwc.runtime import generated; generated.__all__.remove('clock')\nfrom cwc.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.argv = ['cwc', 'build']\n{code}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "internal error, please report" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "generated").exists()
