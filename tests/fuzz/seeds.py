"""Files of every kind that cwc reads, as they should be."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import yaml

import cwc
from cwc.driver.tools.lock import render_lock
from cwc.driver.tools.specs import tool_spec
from cwc.driver.writing.manifest import Entry, Facts, Manifest, Origin
from cwc.plan.tools import Toolbox
from cwc.runtime.stores.encoding import encode
from cwc.runtime.stores.sqlite_checkpoints import SqliteCheckpointer
from cwc.runtime.stores.sqlite_step_cache import SqliteStepCache
from cwc.runtime.stores.step_cache import StepCacheKey
from tests.example_tools import double, format
from tests.projects import ROOT

DOUBLING: dict[str, Any] = {
    "type": "Flow",
    "name": "doubling",
    "description": "",
    "steps": [{"tool_name": "double", "input_mapping": {"number": "number"}}],
}
FLOW_OF_LOCK = b"type: Flow\nname: a\ndescription: A.\nsteps: [{tool_name: double, input_mapping: {number: number}}]\n"
_FACTS = Facts("active", "full", ("sync", "async"), ("number",), {"double": "0" * 16})
MANIFEST = Manifest(
    {
        "__init__.py": Entry("0" * 64),
        "example.py": Entry("1" * 64, Origin("example", "1.0", "flows/example.flow.yaml", "2" * 64, _FACTS), "3" * 64),
    },
    {"0" * 16: {"input": {"type": "object"}, "output": {"type": "object"}, "schema_version": "0.0.0"}},
).render()
STATES = json.dumps(
    {
        "format": 1,
        "flows": [
            {
                "name": "example",
                "version": "1.0",
                "status": "needs_review",
                "tool_schema_hashes": {"double": "0" * 16},
                "before_drift": "active",
                "schemas": {"0" * 16: {"input": {}, "output": {}, "schema_version": "0"}},
            }
        ],
    }
).encode()
BASELINE = json.dumps(
    {"version": 1, "findings": [{"code": "DET101", "path": "a.py", "text": "import socket", "count": 2}]}
).encode()
PREDICATES = (
    b"value > 10 and not (name == 'x' or None in items)",
    b"a['b'][0] <= -1.5 != (1, 2, {3}) and x not in [1, 'y', b'z', ...]",
)
ROWS = (
    encode({"value": 4}).encode(),
    encode({"a": [1, 2.5, None, {"b": b"x"}, (1, {2}), 10**40, float("nan")], 3: "\ud800"}).encode(),
)
SNAPSHOT = json.dumps(
    {
        "format": 2,
        "inputs": {"/a": [1, 2, 3, 4, 5], "/b/": ["x"], "/c": None},
        "outputs": {},
        "stdout": "",
        "stderr": "",
        "out": "/o",
        "files": 1,
        "left_out": [],
        "flows": {"/a": ["name", "1.0", ["other"], True]},
    }
).encode()


@cache
def yaml_flows() -> tuple[bytes, ...]:
    """The flows of the golden cases that are short enough to be mutated to some purpose."""
    files = sorted((ROOT / "tests" / "cases").rglob("*.flow.yaml"), key=lambda path: path.as_posix())
    return tuple(data for path in files if len(data := path.read_bytes()) < 1500)[:40]


@cache
def json_flows() -> tuple[bytes, ...]:
    return tuple(json.dumps(yaml.safe_load(data), indent=1, default=str).encode() for data in yaml_flows())


def configurations() -> tuple[bytes, ...]:
    whole = b"""\
[tool.cwc]
flows = ["flows"]
out = "generated"
tools = ["tools"]
lane = "both"
max_step_concurrency = 4
schedule = "dataflow"
async_constructs = ["subflows"]
schema_ref_modules = ["tools"]
severity = {CWC401 = "warning"}

[tool.cwc.flow."my flow"]
lane = "sync"

[tool.cwc.contract]
allow = ["DET304"]
third_party = ["requests"]
baseline = "baseline.json"

[[tool.cwc.contract.carve_out]]
from = "a"
to = "b.*"
reason = "c"

[[tool.cwc.contract.profile]]
paths = ["a/*.py"]
allow = ["DET202"]
reason = "d"
"""
    return whole, (ROOT / "contract.toml").read_bytes()


@cache
def lock() -> bytes:
    specs = {tool.name: tool_spec(tool, "tools", tool.name) for tool in (double, format)}
    from cwc.diagnostics.model import Report
    from cwc.driver.compile import read_documents
    from cwc.syntax import decode

    text = FLOW_OF_LOCK.replace(b"}]", b"}, {tool_name: format, input_mapping: {value: value}}]")
    source = decode("a.flow.yaml", text, Report())
    assert source is not None
    documents, _ = read_documents([source], Report())
    return render_lock(Toolbox(specs), documents)


@cache
def traces() -> tuple[bytes, ...]:
    flow = cwc.compile_flow(DOUBLING, [double])
    return tuple(flow.run(given).model_dump_json().encode() for given in ({"number": 2}, {"number": "x"}, {}))


@cache
def checkpoints() -> bytes:
    """The file of a checkpointer that holds a run which failed at its end."""
    flow = cwc.compile_flow({**DOUBLING, "steps": [*DOUBLING["steps"], {"tool_name": "double"}]}, [double])
    with tempfile.TemporaryDirectory() as made:
        store = SqliteCheckpointer(Path(made) / "runs.db", delete_on_success=False)
        flow.run({"number": 2}, checkpointer=store, trace_id="run")
        return _closed(store, Path(made) / "runs.db")


@cache
def step_cache() -> bytes:
    with tempfile.TemporaryDirectory() as made:
        kept = SqliteStepCache(Path(made) / "cache.db")
        kept.set(StepCacheKey("double", "schema", "input"), {"value": 1})
        return _closed(kept, Path(made) / "cache.db")


def _closed(store: SqliteCheckpointer | SqliteStepCache, path: Path) -> bytes:
    store.close()
    return path.read_bytes()
