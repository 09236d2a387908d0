"""The registry: versions, the latest of them, states that nobody's object changes by, and what gates runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chainweaver import Flow as ReferenceFlow
from chainweaver import FlowRegistry as ReferenceRegistry
from chainweaver.flow import FlowStatus
from pydantic import BaseModel, Field

from cwc import Tool, compile_flow
from cwc.diagnostics.model import Report
from cwc.driver.compile import Options
from cwc.driver.memory import compile_in_memory, load
from cwc.driver.project import Request, build_project
from cwc.runtime import FlowRegistry, generated
from cwc.runtime.errors import (
    FlowAlreadyExistsError,
    FlowNotFoundError,
    FlowSerializationError,
    FlowStatusError,
    FormatVersionError,
    InvalidFlowVersionError,
    RegistryStateError,
)
from cwc.runtime.flow import Flow
from cwc.runtime.registry.flows import UNSET, FlowState
from tests.projects import inside


class Number(BaseModel):
    number: int


class Value(BaseModel):
    value: int


CALLS: list[int] = []


def doubled(inputs: Any) -> dict[str, int]:
    CALLS.append(inputs.number)
    return {"value": inputs.number * 2}


def double(takes: type[BaseModel] = Number, gives: type[BaseModel] = Value) -> Tool:
    return Tool(name="double", description="Doubles.", input_schema=takes, output_schema=gives, fn=doubled)


def flow(name: str = "f", version: str = "1.0.0", *, tool: Tool | None = None, **more: Any) -> Flow[Any]:
    step = {"tool_name": "double", "input_mapping": {"number": "number"}}
    document = {"type": "Flow", "name": name, "version": version, "description": "", "steps": [step], **more}
    return compile_flow(document, [tool or double()])


def parent() -> Flow[Any]:
    child = {"type": "Flow", "name": "child", "version": "1", "description": "", "steps": [STEP]}
    steps = [
        STEP | {"output_mapping": {"first": "value"}},
        {"flow_name": "child", "input_mapping": {"number": "first"}},
    ]
    outer = {"type": "Flow", "name": "outer", "version": "1", "description": "", "steps": steps}
    return compile_flow(outer | {"on_context_collision": "overwrite"}, [double()], [child])


STEP = {"tool_name": "double", "input_mapping": {"number": "number"}}
VERSIONS = [
    ["1.0.0"],
    ["1.9", "1.10"],
    ["1.0", "1.0.0"],
    ["1.0.0", "1.0"],
    ["2.0rc1", "1.5"],
    ["1!0.1", "9"],
    ["1.0", "1.0.post1", "1.0.dev1"],
    ["1.0+local", "1.0"],
]


@pytest.mark.parametrize("versions", VERSIONS, ids=str)
def test_the_latest_is_that_of_the_reference(versions: list[str]) -> None:
    ours, reference = FlowRegistry(), ReferenceRegistry()
    for version in versions:
        ours.register_flow(flow(version=version))
        reference.register_flow(ReferenceFlow(name="f", version=version, description="", steps=[]))
    assert ours.get_flow("f").version == reference.get_flow("f").version
    assert ours.list_flow_versions("f") == reference.list_flow_versions("f")
    for version in versions:
        assert ours.get_flow("f", version=version).version == version
    assert len(ours) == len(reference) == len(versions)


@pytest.mark.parametrize("version", ["1", "1.0.0.0", "v1.0.0", ">=1"])
def test_a_version_is_found_as_it_is_spelt(version: str) -> None:
    registry, reference = FlowRegistry([flow()]), ReferenceRegistry()
    reference.register_flow(ReferenceFlow(name="f", version="1.0.0", description="", steps=[]))
    for each in (registry, reference):
        with pytest.raises(Exception, match="f") as caught:
            each.get_flow("f", version=version)
        assert type(caught.value).__name__ == "FlowNotFoundError"


@pytest.mark.parametrize("version", ["one", "", "1.0.x", "1" * 5000])
def test_what_is_no_version_is_refused_and_nothing_stored(version: str) -> None:
    registry, odd = FlowRegistry(), flow()
    odd.version = version
    with pytest.raises(InvalidFlowVersionError) as caught:
        registry.register_flow(odd)
    assert (caught.value.flow_name, caught.value.version) == ("f", version)
    assert len(registry) == 0


def test_a_flow_is_registered_once() -> None:
    registry = FlowRegistry([flow()])
    registry.set_flow_status("f", "disabled")
    with pytest.raises(FlowAlreadyExistsError):
        registry.register_flow(flow(description="another"))
    assert registry.get_flow("f").description == ""
    registry.register_flow(flow(description="another"), overwrite=True)
    assert (registry.get_flow("f").description, registry.get_flow("f").status) == ("another", "active")


def test_what_is_not_there_and_what_is_no_flow() -> None:
    registry = FlowRegistry()
    for ask in (registry.get_flow, registry.list_flow_versions, registry.get_flow_state, registry.accept_drift):
        with pytest.raises(FlowNotFoundError):
            ask("f")
    with pytest.raises(TypeError):
        registry.register_flow(object())


def test_facts_and_lists() -> None:
    registry = FlowRegistry([flow("b"), flow("a", "2"), flow("a", "1"), flow("c", status="disabled")])
    assert [(summary.name, summary.version, summary.latest) for summary in registry.summaries()] == [
        ("a", "1", False), ("a", "2", True), ("b", "1.0.0", True), ("c", "1.0.0", True)
    ]  # fmt: skip
    assert [found.name for found in registry.list_flows(status="disabled")] == ["c"]
    assert [found.name for found in registry.get_active_flows()] == ["a", "a", "b"]
    assert [found.name for found in registry.list_flows(exclude_status={"active"})] == ["c"]
    found = registry.get_flow("a")
    assert (found.determinism_level, found.lanes, found.required_inputs) == ("full", ("sync", "async"), ("number",))
    assert "a" in registry
    assert "x" not in registry


def test_a_change_of_state_is_seen_by_who_asks_again_and_by_nobody_else() -> None:
    registry = FlowRegistry([original := flow()])
    held = registry.get_flow("f")
    new = registry.update_flow_state("f", status="needs_review")
    assert (original.status, held.status, new.status) == ("active", "active", "needs_review")
    assert held.run({"number": 2}).success
    for run in (new.run, registry.get_flow("f").run):
        with pytest.raises(FlowStatusError):
            run({"number": 2})
        assert run({"number": 2}, force=True).success
    with pytest.raises(FlowStatusError):
        asyncio.run(new.run_async({"number": 2}))
    with pytest.raises(FlowStatusError):
        new.bind(tools={"double": doubled}).run({"number": 2})


def test_what_is_left_out_of_an_update_stays() -> None:
    registry = FlowRegistry([flow()])
    snapshot = {"double": "0" * 16}
    registry.update_flow_state("f", tool_schema_hashes=snapshot)
    snapshot["double"] = "changed"
    registry.update_flow_state("f", status="disabled")
    assert registry.get_flow_state("f") == FlowState("disabled", {"double": "0" * 16})
    registry.update_flow_state("f")
    assert registry.get_flow_state("f") == FlowState("disabled", {"double": "0" * 16})
    assert registry.update_flow_state("f", tool_schema_hashes=None).tool_schema_hashes is None
    assert registry.get_flow_state("f") == FlowState("disabled", None)
    assert repr(UNSET) == "UNSET"


@pytest.mark.parametrize("status", [*FlowStatus, "active"])
def test_statuses_of_the_reference_are_statuses(status: Any) -> None:
    registry = FlowRegistry([flow()])
    registry.set_flow_status("f", status)
    assert registry.get_flow_state("f").status == status


def test_what_is_no_state_changes_nothing() -> None:
    registry = FlowRegistry([flow()])
    with pytest.raises(ValueError, match="needs_review"):
        registry.set_flow_status("f", "retired")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="hashes"):
        registry.update_flow_state("f", status="disabled", tool_schema_hashes={"double": 1})  # type: ignore[dict-item]
    assert registry.get_flow_state("f").status == "active"


def test_a_composed_flow_is_gated_in_the_middle_of_the_run() -> None:
    outer = parent()
    registry = FlowRegistry([outer, flow("child", "1")])
    held = registry.get_flow("outer")
    assert held.run({"number": 1}).success
    registry.set_flow_status("child", "disabled")
    CALLS.clear()
    with pytest.raises(FlowStatusError) as caught:
        held.run({"number": 1}, force=True)
    assert (caught.value.flow_name, CALLS) == ("child", [1])
    assert outer.run({"number": 1}).success


def test_a_composed_flow_is_gated_on_the_async_lane_as_well() -> None:
    child, options = flow("child", "1"), Options(async_constructs=("subflows",))
    steps = [
        STEP | {"output_mapping": {"first": "value"}},
        {"flow_name": "child", "input_mapping": {"number": "first"}},
    ]
    outer: dict[str, Any] = {"type": "Flow", "name": "outer", "version": "1", "description": "", "steps": steps}
    inner = {"type": "Flow", "name": "child", "version": "1", "description": "", "steps": [STEP]}
    tools = [double()]
    made = load(compile_in_memory(outer | {"on_context_collision": "overwrite"}, tools, options, [inner]), tools)
    registry = FlowRegistry([made, child])
    assert asyncio.run(registry.get_flow("outer").run_async({"number": 1})).success
    registry.set_flow_status("child", "needs_review")
    with pytest.raises(FlowStatusError) as caught:
        asyncio.run(registry.get_flow("outer").run_async({"number": 1}, force=True))
    assert caught.value.flow_name == "child"


def test_the_status_of_the_registry_wins_over_the_files() -> None:
    registry = FlowRegistry([flow(status="disabled")])
    assert registry.get_flow("f").status == "disabled"
    registry.set_flow_status("f", "active")
    assert registry.get_flow("f").run({"number": 1}).success


class Wide(BaseModel):
    number: int
    unit: str
    factor: int = Field(default=2, ge=1)


def test_drift_tells_what_changed_and_is_accepted() -> None:
    registry = FlowRegistry([flow(), flow(version="0.9")])
    changed = double(Wide)
    assert registry.check_drift() == []
    (old, latest) = registry.check_drift([changed])
    assert (old.version, latest.version, latest.status, latest.breaking) == ("0.9", "1.0.0", "needs_review", True)
    (tool,) = latest.tools
    assert (tool.tool, tool.expected, tool.actual) == ("double", double().schema_hash, changed.schema_hash)
    assert [(c.side, c.pointer, c.kind, c.breaking) for c in tool.changes] == [
        ("input", "/factor", "optional_field_added", False),
        ("input", "/unit", "required_field_added", True),
    ]
    assert registry.accept_drift("f", tools=[changed]).status == "active"
    assert [found.version for found in registry.check_drift([changed])] == ["0.9"]
    (back,) = [found for found in registry.check_drift(mark=False) if found.version == "1.0.0"]
    assert [change.kind for change in back.tools[0].changes] == ["field_removed", "field_removed"]
    assert registry.get_flow_state("f").status == "active"


def test_drift_is_not_looked_for_without_a_snapshot() -> None:
    registry = FlowRegistry([flow()])
    registry.update_flow_state("f", tool_schema_hashes=None)
    assert registry.check_drift([double(Wide)]) == []


def test_a_tool_that_is_gone_and_one_whose_past_is_not_known() -> None:
    registry = FlowRegistry([flow()])
    (gone,) = registry.check_drift([], mark=False)
    assert gone.tools[0].lines == ["tool 'double' is gone"]
    registry.update_flow_state("f", tool_schema_hashes={"double": "feed"})
    (unknown,) = registry.check_drift(mark=False)
    assert "not known" in unknown.tools[0].lines[0]
    assert gone.breaking
    assert unknown.breaking


PROJECT = {
    "pyproject.toml": '[tool.cwc]\ntools = ["kit"]\n',
    "kit.py": (
        "from pydantic import BaseModel\nfrom cwc import tool\n\n\nclass Value(BaseModel):\n    value: int\n\n\n"
        "@tool\ndef double(number: int) -> Value:\n    return Value(value=number * 2)\n"
    ),
    "flows/a.flow.yaml": "type: Flow\nname: a\nversion: '1.0'\ndescription: a\nsteps: [{tool_name: double}]\n",
    "flows/b.flow.yaml": "type: Flow\nname: a\nversion: '1.0.0'\ndescription: b\nsteps: [{tool_name: double}]\n",
    "flows/c.flow.yaml": (
        "type: Flow\nname: c\ndescription: c\nstatus: disabled\n"
        "steps: [{flow_name: a, input_mapping: {number: number}}]\n"
    ),
}


@pytest.fixture
def out(tmp_path: Path) -> Iterator[Path]:
    for name, text in PROJECT.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    with inside(tmp_path):
        report = Report()
        build_project(Request(), report)
        assert not report.has_errors()
        yield tmp_path / "generated"


def test_a_folder_is_a_catalogue(out: Path) -> None:
    registry = FlowRegistry(out)
    assert [(summary.name, summary.version, summary.status, summary.latest) for summary in registry.summaries()] == [
        ("a", "1.0", "active", False), ("a", "1.0.0", "active", True), ("c", "0.1.0", "disabled", True)
    ]  # fmt: skip
    assert [found.description for found in registry] == ["a", "b", "c"]
    assert registry.get_flow("a").description == "b"
    assert registry.get_flow("a").run({"number": 4}).final_output == {"number": 4, "value": 8}
    with pytest.raises(FlowStatusError):
        registry.get_flow("c").run({"number": 4})


def test_states_are_shared_by_all_registries_of_a_folder_and_survive_a_rebuild(out: Path) -> None:
    first, second = FlowRegistry(out), FlowRegistry(str(out))
    first.set_flow_status("a", "disabled")
    second.set_flow_status("c", "active")
    assert second.get_flow("a").status == "disabled"
    with pytest.raises(FlowStatusError) as caught:
        first.get_flow("c").run({"number": 4})
    assert caught.value.flow_name == "a"
    flows = out.parent / "flows"
    (flows / "b.flow.yaml").write_text(PROJECT["flows/b.flow.yaml"].replace("description: b", "description: new"))
    build_project(Request(), Report())
    assert [summary.status for summary in FlowRegistry(out).summaries()] == ["active", "disabled", "active"]
    assert first.get_flow("a", version="1.0").run({"number": 4}).success


def test_a_folder_loads_wherever_it_stands(out: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("other") / "moved-flows"
    out.rename(elsewhere)
    registry = FlowRegistry(elsewhere)
    registry.set_flow_status("c", "active")
    assert registry.get_flow("c").run({"number": 4}).success


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not JSON"),
        ("[", "not JSON"),
        ("[]", "not a state file"),
        ("\xff", "not UTF-8"),
        ('{"format": 2, "flows": []}', "newer"),
        ('{"format": 1, "flows": [{"name": "a"}]}', "no flow"),
        ('{"format": 1, "flows": [{"name": "a", "version": "1", "status": "gone"}]}', "gone"),
        ('{"format": 1, "flows": [{"name": "a", "version": "1", "tool_schema_hashes": [1]}]}', "hashes"),
        ('{"format": 1, "flows": [{"name": "a", "version": "1"}, {"name": "a", "version": "1"}]}', "twice"),
        ("[" * 100_000, "nested"),
    ],
)
def test_a_damaged_state_file_is_an_error_and_stays_as_it_is(out: Path, text: str, why: str) -> None:
    file = out / "cwc-state.json"
    file.write_text(text, "latin-1")
    registry = FlowRegistry(out)
    for act in (registry.summaries, lambda: registry.set_flow_status("a", "disabled")):
        with pytest.raises(RegistryStateError, match=why):
            act()
    assert file.read_text("latin-1") == text


@pytest.mark.parametrize(
    "text", [None, "", "[]", '{"format": 2, "files": []}', '{"format": 1, "files": 3}', "[" * 100_000]
)
def test_a_folder_without_a_usable_manifest_is_refused(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "cwc-manifest.json").write_text(text, "utf-8")
    with pytest.raises(FlowSerializationError, match=r"^'.*cwc-manifest.json' cannot be read"):
        FlowRegistry(tmp_path)


@pytest.mark.parametrize("number", [0, generated.FORMAT + 1])
def test_a_module_of_another_format_is_refused_with_what_mends_it(out: Path, number: int) -> None:
    module = out / "c.py"
    text = module.read_text("utf-8")
    module.write_text(text.replace(f"expect_format({generated.FORMAT})", f"expect_format({number})"), "utf-8")
    with pytest.raises(FormatVersionError, match="`cwc build`"):
        FlowRegistry(out).get_flow("c")
    assert FlowRegistry(out).get_flow("a").name == "a"


def test_a_stranger_under_a_flows_name_is_refused(out: Path) -> None:
    (out / "c.py").write_text("FLOW = 1\n", "utf-8")
    with pytest.raises(FlowSerializationError, match="cwc build"):
        FlowRegistry(out).get_flow("c")


def test_drift_of_a_folder_is_told_by_the_manifest(out: Path) -> None:
    registry = FlowRegistry(out)
    (first, _) = registry.check_drift([double(Wide)])
    kinds = {change.kind for change in first.tools[0].changes}
    assert kinds == {"optional_field_added", "required_field_added"}
    assert json.loads((out / "cwc-state.json").read_text())["flows"][0]["status"] == "needs_review"
    registry.accept_drift("a", tools=[double(Wide)])
    (again,) = FlowRegistry(out).check_drift()
    assert again.version == "1.0.0"
    assert {change.kind for change in again.tools[0].changes} == {"field_removed"}


def test_drift_is_logged_when_a_module_is_first_imported(out: Path, caplog: pytest.LogCaptureFixture) -> None:
    registry = FlowRegistry(out)
    assert registry.get_flow("a").name == "a"
    assert caplog.records == []
    registry.accept_drift("a", tools=[double(Wide)])
    other = FlowRegistry(out)
    for _ in range(2):
        other.get_flow("a")
    (line,) = [record.getMessage() for record in caplog.records if record.name == "cwc.registry"]
    assert "double" in line
    assert "check_drift()" in line
    assert other.get_flow("a").status == "active"


@pytest.mark.parametrize("before", ["active", None])
def test_what_drift_held_back_is_as_before_once_it_is_proved(before: Any) -> None:
    held = FlowState(before, {"double": "feed"}).drifted("active").drifted("active")
    assert (held.status, held.before_drift) == ("needs_review", before)
    assert held.proved() == FlowState(before)
    assert FlowState(before, None).drifted("active").proved() == FlowState(before, None)


@pytest.mark.parametrize("own", ["needs_review", "disabled"])
def test_what_people_held_back_is_no_affair_of_drift(own: Any) -> None:
    for state in (FlowState(own), FlowState()):
        held = state.drifted(own)
        assert held.proved() == held
