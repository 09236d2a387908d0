"""Every file that cwc reads as a function over bytes, which raises only where cwc has a bug.

What a reader may raise is caught in its target; whatever else leaves one is a finding.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import click
import pydantic

import cwc
from cwc._stored import read_entry, write_entry
from cwc.cli import run as cli_run
from cwc.diagnostics.as_json import render_json
from cwc.diagnostics.github import render_github
from cwc.diagnostics.model import Report, SeveritySettings
from cwc.diagnostics.sarif import render_sarif
from cwc.diagnostics.text import render_text
from cwc.driver.compile import Options, compile_flows
from cwc.driver.config import ProjectConfig, load_config
from cwc.driver.contract.baseline import read_baseline
from cwc.driver.contract.settings import load_settings
from cwc.driver.rebuilding.changed import rest_of
from cwc.driver.rebuilding.snapshot import Call
from cwc.driver.tools.lock import FILE_NAME as LOCK
from cwc.driver.tools.lock import locked_gatherer, read_lock
from cwc.driver.tools.references import gather_toolbox
from cwc.driver.tools.specs import tool_spec
from cwc.driver.writing.manifest import FILE_NAME as MANIFEST
from cwc.driver.writing.manifest import plan_changes, read_manifest
from cwc.language import Document
from cwc.plan.predicates import BadPredicate, Predicate, parse_predicate, truth
from cwc.plan.tools import Toolbox
from cwc.runtime.errors import CwcError
from cwc.runtime.registry.flows import FlowRegistry
from cwc.runtime.registry.state import FILE_NAME as STATES
from cwc.runtime.results import ExecutionResult
from cwc.runtime.stores.sqlite_checkpoints import SqliteCheckpointer
from cwc.runtime.stores.sqlite_step_cache import SqliteStepCache
from cwc.runtime.stores.step_cache import StepCacheKey
from cwc.runtime.tools.making import as_tool
from cwc.runtime.verification import verify
from cwc.syntax import decode
from tests import example_tools
from tests.fuzz import seeds

SETTINGS = SeveritySettings()
TOOLS = [tool for tool in map(as_tool, vars(example_tools).values()) if tool is not None]


@dataclass(frozen=True, slots=True)
class Target:
    """A reader, and files that it reads without complaint."""

    read: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


@cache
def folder() -> Path:
    """A folder of this process's own, which is gone when it ends."""
    made = Path(tempfile.mkdtemp(prefix="cwc-fuzz-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def shown(report: Report) -> None:
    """Everything that was found has its place and can be shown in every format."""
    for found in report:
        report.place(found.primary)
        assert found.message.isprintable(), found.message
    render_text(report, SETTINGS, color=True).encode()
    json.loads(render_json(report, SETTINGS, files=1, flows=1))
    json.loads(render_sarif(report, SETTINGS))
    render_github(report, SETTINGS, folder="").encode()


def gather(documents: Iterable[Document], report: Report) -> Toolbox:
    config = ProjectConfig(root=folder(), flows=(), out=folder(), schema_ref_modules=("tests.example_tools",))
    specs = {tool.name: tool_spec(tool, "tests.example_tools", f"tool_{n}") for n, tool in enumerate(TOOLS)}
    return gather_toolbox(specs, documents, config)


def flow_file(data: bytes, suffix: str) -> None:
    """The whole compiler but for the contract pass over what it emits, which is its own check of itself."""
    report = Report()
    source = decode(f"a.flow.{suffix}", data, report)
    if source is not None:
        compiled = compile_flows([source], gather, Options(jobs=1), report)
        assert all(flow.artifact is not None or report.diagnostics for flow in compiled.flows)
    shown(report)


def project(data: bytes) -> None:
    path = folder() / "project"
    path.mkdir(exist_ok=True)
    (path / "pyproject.toml").write_bytes(data)
    for load in (load_config, load_settings):
        report = Report()
        found = load(path, report)
        assert found is not None or report.has_errors(SETTINGS)
        shown(report)


def manifest(data: bytes) -> None:
    path = folder() / "out"
    path.mkdir(exist_ok=True)
    (path / MANIFEST).write_bytes(data)
    report = Report()
    found = read_manifest(path, report)
    assert (found is None) == report.has_errors(SETTINGS)
    if found is not None:
        plan_changes(path, {"a.py": b"x"}, found, force=False, report=report)
        found.render()
    shown(report)
    with contextlib.suppress(CwcError):
        registry = FlowRegistry(path)
        registry.summaries()
        registry.check_drift([])
    (path / STATES).unlink(missing_ok=True)


def states(data: bytes) -> None:
    path = folder() / "stated"
    path.mkdir(exist_ok=True)
    (path / MANIFEST).write_bytes(seeds.MANIFEST)
    (path / STATES).write_bytes(data)
    with contextlib.suppress(CwcError):
        registry = FlowRegistry(path)
        registry.summaries()
        registry.set_flow_status("example", "disabled")
        registry.check_drift([])
        registry.summaries()


def lock(data: bytes) -> None:
    path = folder() / "locked"
    path.mkdir(exist_ok=True)
    (path / LOCK).write_bytes(data)
    config = ProjectConfig(root=path, flows=(), out=path / "out", tools=("tools",))
    report = Report()
    found = read_lock(config, report)
    assert (found is None) == report.has_errors(SETTINGS)
    shown(report)
    if found is not None:
        own = Report()
        source = decode("a.flow.yaml", seeds.FLOW_OF_LOCK, own)
        assert source is not None
        compile_flows([source], locked_gatherer(config), Options(jobs=1), own)
        shown(own)


def baseline(data: bytes) -> None:
    path = folder() / "baseline.json"
    path.write_bytes(data)
    report = Report()
    assert (read_baseline(path, report) is None) == report.has_errors(SETTINGS)
    shown(report)


def trace(data: bytes) -> None:
    """A saved result: read, and verified against the flow that it is of."""
    with contextlib.suppress(pydantic.ValidationError, CwcError):
        result = ExecutionResult.model_validate_json(data)
        repr(result)
        ExecutionResult.model_validate(result.model_dump())
        with contextlib.suppress(pydantic.ValidationError, CwcError):
            verify(_doubling(), data)


@cache
def _doubling() -> Any:
    return cwc.compile_flow(seeds.DOUBLING, TOOLS)


def run_input(data: bytes) -> None:
    path = folder() / "input.json"
    path.write_bytes(data)
    with contextlib.suppress(click.UsageError):
        assert isinstance(cli_run._input(f"@{path}"), dict)


def predicate(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = parse_predicate(text)
    assert isinstance(found, Predicate | BadPredicate)
    if isinstance(found, Predicate):
        assert truth(found) in (True, False, None)


def checkpoints(data: bytes) -> None:
    """A file of a checkpointer."""
    path = folder() / "runs.db"
    _write_database(path, data)
    _use_checkpoints(path)


def recorded(data: bytes) -> None:
    """What a checkpointer has recorded of a run, in a file that is whole."""
    path = folder() / "rows.db"
    _write_database(path, seeds.checkpoints())
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for text in (data.decode("utf-8", "replace"), data):
            connection.execute("UPDATE steps SET outputs = ?", (text,))
            connection.commit()
            _use_checkpoints(path)
            connection.execute("UPDATE steps SET outputs = '{}', facts = ?", (text,))
            connection.execute("UPDATE runs SET input = ?, identity = ?, started = ?", (text, text, text))
            connection.commit()
            _use_checkpoints(path)


def _write_database(path: Path, data: bytes) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    path.write_bytes(data)


def _use_checkpoints(path: Path) -> None:
    store = SqliteCheckpointer(path, create=False, timeout=0.1)
    acts: Sequence[Callable[[], object]] = (
        store.runs,
        lambda: store.load("run"),
        lambda: _doubling().resume("run", checkpointer=store),
        lambda: store.discard("run"),
    )
    for act in acts:
        with contextlib.suppress(CwcError):
            act()
    store.close()


def step_cache(data: bytes) -> None:
    path = folder() / "cache.db"
    _write_database(path, data)
    kept = SqliteStepCache(path, timeout=0.1)
    key = StepCacheKey("double", "schema", "input")
    for act in (lambda: kept.get(key), lambda: kept.set(key, {"value": 1}), lambda: len(kept), kept.clear):
        with contextlib.suppress(CwcError):
            act()
    kept.close()


def snapshot(data: bytes) -> None:
    """What an earlier call left, as bytes, and as an entry that is as it was written."""
    path = folder() / "calls"
    path.mkdir(exist_ok=True)
    (path / "entry").write_bytes(data)
    read_entry(str(path / "entry"))
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(data)
        if isinstance(found, dict):
            call = Call("fuzz")
            with contextlib.chdir(path):
                write_entry(".cwc_cache", call.name, found, 16)
                past = call.recall()
                assert past is None or past.is_current() in (True, False)
                assert past is None or len(getattr(rest_of(past, (path,)), "paths", ())) <= len(past.flows)


TARGETS: dict[str, Target] = {
    "yaml flow": Target(lambda data: flow_file(data, "yaml"), seeds.yaml_flows()),
    "json flow": Target(lambda data: flow_file(data, "json"), seeds.json_flows()),
    "configuration": Target(project, seeds.configurations()),
    "manifest": Target(manifest, (seeds.MANIFEST,)),
    "states": Target(states, (seeds.STATES,)),
    "lock": Target(lock, (seeds.lock(),)),
    "baseline": Target(baseline, (seeds.BASELINE,)),
    "trace": Target(trace, seeds.traces()),
    "input": Target(run_input, (b'{"number": 1}', b'{"a": [1, 2.5, null, {"b": "\\u00e9"}]}')),
    "predicate": Target(predicate, seeds.PREDICATES),
    "checkpoints": Target(checkpoints, (seeds.checkpoints(),)),
    "recorded": Target(recorded, seeds.ROWS),
    "step cache": Target(step_cache, (seeds.step_cache(),)),
    "snapshot": Target(snapshot, (seeds.SNAPSHOT,)),
}
