"""`cwc import`: flows that code builds become files that rebuild them, and that compile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chainweaver import DAGFlow, DAGFlowStep, Flow, FlowStep
from chainweaver.serialization import flow_from_json, flow_from_yaml
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cwc.cli.group import cwc
from cwc.diagnostics.model import Report
from cwc.driver.tools.from_python import _text_of
from tests.projects import inside

MODULE = """\
from chainweaver import DAGFlow, DAGFlowStep, Flow, FlowRegistry, FlowStep, RetryPolicy

FIRST = Flow(
    name="first", version="1.0", description="on: yes # no", on_context_collision="overwrite",
    steps=[FlowStep(tool_name="double", input_mapping={"number": "number", "n": 1.5, "when": [None, True]},
                    retry=RetryPolicy(max_retries=2), on_error="skip")],
)
registry = FlowRegistry()
registry.register_flow(FIRST)
registry.register_flow(FIRST.model_copy(update={"version": "2.0", "status": "disabled"}))
LISTED = [DAGFlow(name="second", version="0.1", description="", steps=[
    DAGFlowStep(step_id="a", tool_name="double"),
    DAGFlowStep(step_id="b", tool_name="double", depends_on=["a"], input_mapping={"number": "/value"}),
])]
OTHER = {"x": 3}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "chains.py").write_text(MODULE, "utf-8")
    with inside(tmp_path):
        yield tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cwc, list(arguments), prog_name="cwc")


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_flows_become_files_that_rebuild_them(folder: Path, form: str) -> None:
    done = run("import", "chains", "--as", form)
    assert (done.exit_code, done.stderr) == (0, "")
    names = ["first.flow", "first__1_0.flow", "second.flow"]
    assert sorted(done.stdout.split()[1::2]) == [f"flows/{name}.{form}" for name in names]
    import chains  # type: ignore[import-not-found]

    expected = {(flow.name, flow.version): flow for flow in [*chains.registry.list_flows(), *chains.LISTED]}
    read = flow_from_yaml if form == "yaml" else flow_from_json
    found = [read(path.read_text("utf-8")) for path in (folder / "flows").iterdir()]
    assert {(flow.name, flow.version): flow for flow in found} == expected


def test_an_executor_holds_the_flows_of_its_registry(folder: Path) -> None:
    text = (folder / "chains.py").read_text("utf-8").replace("registry = FlowRegistry()", "_r = FlowRegistry()")
    text = text.replace("registry.register", "_r.register").replace("FIRST", "_first").replace("LISTED", "_listed")
    head = "from chainweaver import FlowExecutor\ndef build():\n"
    tail = "\n    return FlowExecutor(registry=_r)\nexecutor = build()\n"
    (folder / "chains.py").write_text(head + "".join(f"    {line}\n" for line in text.splitlines()) + tail, "utf-8")
    done = run("import", "chains")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "wrote flows/first__1_0.flow.yaml\nwrote flows/first.flow.yaml\n"


def test_a_second_import_writes_nothing_and_keeps_what_was_changed(folder: Path) -> None:
    run("import", "chains")
    assert run("import", "chains").output == ""
    (folder / "flows" / "second.flow.yaml").write_text("mine", "utf-8")
    done = run("import", "chains")
    assert (done.exit_code, "CWC843" in done.stderr) == (0, True)
    assert (folder / "flows" / "second.flow.yaml").read_text("utf-8") == "mine"
    assert run("import", "chains", "--force").stdout == "wrote flows/second.flow.yaml\n"
    assert run("import", "chains", "--to", "other").stdout.count("wrote other/") == 3


def test_what_cannot_be_imported(folder: Path) -> None:
    (folder / "broken.py").write_text("raise SystemExit(4)\n", "utf-8")
    for module in ("nowhere", "broken", "not a name"):
        done = run("import", module)
        assert (done.exit_code, "CWC840" in done.stderr) == (2, True)
    assert not (folder / "flows").exists()


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
MAPPINGS = st.dictionaries(st.text(), VALUES, max_size=4)
NAMES = st.text(min_size=1, max_size=12)


@settings(suppress_health_check=list(HealthCheck), max_examples=80)
@given(name=st.text(), description=st.text(), mapping=MAPPINGS, tool=NAMES, dag=st.booleans(), form=st.booleans())
def test_any_flow_comes_back_equal(
    name: str, description: str, mapping: dict[str, Any], tool: str, dag: bool, form: bool
) -> None:
    flow: Any
    if dag:
        step = DAGFlowStep(step_id=tool, tool_name=tool, input_mapping=mapping)
        flow = DAGFlow(name=name, version="1", description=description, steps=[step])
    else:
        flow = Flow(name=name, description=description, steps=[FlowStep(tool_name=tool, input_mapping=mapping)])
    report = Report()
    text = _text_of(flow, report, json=form)
    assert text is not None
    assert list(report) == []
    assert (flow_from_json if form else flow_from_yaml)(text) == flow
