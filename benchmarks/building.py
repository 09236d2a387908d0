"""Whole processes of cwc over a project of many flows: cold, without changes, with one changed; start-up; imports."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.rebuilding import after_changes
from benchmarks.results import Row

TOOLS = """from pydantic import BaseModel
from cwc import tool

class Start(BaseModel):
    start: int

class Number(BaseModel):
    number: int

class Value(BaseModel):
    value: int
"""
TOOL = """
@tool(description="Adds {number}.")
def add{number}(given: Number) -> Value:
    return Value(value=given.number + {number})
"""
CHAINWEAVER = Path(sys.executable).with_name("chainweaver")
COUNT = """
import sys, time
sys.path.insert(0, "")
import tools
start = time.perf_counter()
import generated.flow_0000
first = time.perf_counter() - start
names = [f"generated.flow_{number:04}" for number in range(1, %d)]
start = time.perf_counter()
for name in names:
    __import__(name)
each = time.perf_counter() - start
import empty.first
names = [name.replace("generated", "empty") for name in names]
start = time.perf_counter()
for name in names:
    __import__(name)
print(first * 1e3, each * 1e3 / len(names), (time.perf_counter() - start) * 1e3 / len(names))
"""


def rows(*, quick: bool) -> Iterator[Row]:
    flows = 50 if quick else 1000
    bars = {} if quick else {"cold": 15.0, "no-op": 0.15, "one changed": 0.6}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "project"
        folder.mkdir()
        _project(folder, flows)
        before = _processor_seconds()
        yield Row(f"building {flows} flows", "cold", _cwc(folder, "build"), "s", bar=bars.get("cold"))
        yield Row(f"building {flows} flows", "cold, of one processor", _processor_seconds() - before, "s")
        _cwc(folder, "build")
        no_op = min(_cwc(folder, "build") for _ in range(5))
        yield Row(f"building {flows} flows", "no-op", no_op, "s", bar=bars.get("no-op"))
        changed = []
        for number in range(3):
            path = folder / f"flows/f{number:04}.flow.yaml"
            path.write_text(path.read_text().replace("five steps", "5 steps"))
            time.sleep(0.1)
            changed.append(_cwc(folder, "build"))
        yield Row(f"building {flows} flows", "one changed", min(changed), "s", bar=bars.get("one changed"))
        if CHAINWEAVER.exists():
            check = min(_process(folder, str(CHAINWEAVER), "check", "flows", "--quiet") for _ in range(2))
            yield Row(f"building {flows} flows", "chainweaver check, which compiles nothing", check, "s")
        for change, seconds in after_changes(folder, lambda folder: _cwc(folder, "build", clean=False)):
            yield Row(f"building {flows} flows", f"after: {change}", seconds, "s")
        yield from _start_up(folder)
        yield from _imports(folder, flows)


def _start_up(folder: Path) -> Iterator[Row]:
    helps = min(_cwc(folder, "--help") for _ in range(5))
    yield Row("start-up", "cwc --help", helps, "s", bar=0.12)
    hook = min(_cwc(folder, "check", "flows/f0000.flow.yaml") for _ in range(3))
    yield Row("start-up", "cwc check of one file, as a hook", hook, "s")
    if CHAINWEAVER.exists():
        theirs = min(_process(folder, str(CHAINWEAVER), "--help") for _ in range(3))
        yield Row("start-up", "chainweaver --help", theirs, "s")


def _imports(folder: Path, flows: int) -> Iterator[Row]:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    (folder / "empty").mkdir()
    for name in ("__init__", "first", *(f"flow_{number:04}" for number in range(flows))):
        (folder / "empty" / f"{name}.py").write_text("")
    subprocess.run([sys.executable, "-m", "compileall", "-q", "."], cwd=folder, env=environment, check=True)
    found = []
    for _ in range(5):
        done = subprocess.run(
            [sys.executable, "-c", COUNT % flows],
            cwd=folder,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        found.append([float(each) for each in done.stdout.split()])
    yield Row("imports", "a first generated module, beyond its tools", min(first for first, *_ in found), "ms", bar=40)
    yield Row("imports", "each next one", min(each for _, each, _ in found), "ms", bar=0.1)
    yield Row("imports", "each next one, of a file without code", min(each for *_, each in found), "ms")


def _project(folder: Path, flows: int) -> None:
    (folder / "flows").mkdir()
    (folder / "pyproject.toml").write_text('[tool.cwc]\ntools = ["tools"]\n')
    (folder / "tools.py").write_text(TOOLS + "".join(TOOL.format(number=number) for number in range(10)))
    for flow in range(flows):
        lines = [
            "type: Flow",
            f"name: flow_{flow:04}",
            "version: '1.0'",
            "description: A flow of five steps.",
            "input_schema_ref: tools:Start",
            "steps:",
        ]
        for step in range(5):
            source = f"v{step - 1}" if step else "start"
            lines += [
                f"  - tool_name: add{(flow + step) % 10}",
                f"    input_mapping: {{number: {source}}}",
                f"    output_mapping: {{v{step}: value}}",
            ]
        (folder / f"flows/f{flow:04}.flow.yaml").write_text("\n".join([*lines, ""]))


def _processor_seconds() -> float:
    """The processor time of all processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _cwc(folder: Path, *arguments: str, clean: bool = True) -> float:
    return _process(folder, sys.executable, "-m", "cwc", *arguments, clean=clean)


def _process(folder: Path, *command: str, clean: bool = True) -> float:
    """Seconds of a whole process; ``clean``: it must succeed."""
    # With a cache of the project's own: what other builds have kept would be used.
    cache = str(folder.parent / "cache")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent), "XDG_CACHE_HOME": cache}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=clean, capture_output=True)
    return time.perf_counter() - start
