"""States of a folder under many hands: no update is lost, no file is torn, and nobody's object changes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from cwc import Tool, compile_flow
from cwc.runtime.flow import Flow
from cwc.runtime.registry.flows import FlowRegistry
from cwc.runtime.registry.state import FILE_NAME, STATUSES, UNSET, FileStates, FlowState, Status
from tests.example_tools import double
from tests.projects import ROOT

NAMES = ("a", "b", "c")
STEP = {"tool_name": "double", "input_mapping": {"number": "number"}}


def flow(name: str) -> Flow[Any]:
    assert isinstance(double, Tool)
    return compile_flow({"type": "Flow", "name": name, "version": "1", "description": "", "steps": [STEP]}, [double])


FLOWS = [flow(name) for name in NAMES]


class Registries(RuleBasedStateMachine):
    """Several registries over the states of one folder, as several processes have them, against a plain dict."""

    held = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.registries = [FlowRegistry(FLOWS) for _ in range(3)]
        for registry in self.registries:
            registry._states = FileStates(Path(self.folder.name))
        self.model = {name: FlowState("active", FLOWS[0].tool_schema_hashes) for name in NAMES}

    who = st.integers(0, 2)
    name = st.sampled_from(NAMES)
    status = st.sampled_from(STATUSES)

    @rule(target=held, who=who, name=name)
    def get(self, who: int, name: str) -> tuple[Flow[Any], str]:
        found = self.registries[who].get_flow(name)
        return found, found.status

    @rule(who=who, name=name, status=st.none() | status, hashes=st.sampled_from([UNSET, None, {"double": "feed"}]))
    def update(self, who: int, name: str, status: Status | None, hashes: Any) -> None:
        self.registries[who].update_flow_state(name, status=status, tool_schema_hashes=hashes)
        old = self.model[name]
        self.model[name] = FlowState(status or old.status, old.tool_schema_hashes if hashes is UNSET else hashes)

    @rule(who=who, name=name)
    def accept(self, who: int, name: str) -> None:
        self.registries[who].accept_drift(name)
        self.model[name] = FlowState("active", FLOWS[0].tool_schema_hashes)

    @rule(who=who)
    def look_for_drift(self, who: int) -> None:
        found = {drift.name for drift in self.registries[who].check_drift()}
        expected = {name for name, state in self.model.items() if state.tool_schema_hashes == {"double": "feed"}}
        assert found == expected
        for name in found:
            self.model[name] = FlowState("needs_review", self.model[name].tool_schema_hashes)

    @rule(got=held)
    def what_is_held_stays(self, got: tuple[Flow[Any], str]) -> None:
        assert got[0].status == got[1]

    @invariant()
    def all_see_the_same(self) -> None:
        for registry in self.registries:
            assert {name: registry.get_flow_state(name) for name in NAMES} == self.model

    def teardown(self) -> None:
        assert {path.name for path in Path(self.folder.name).iterdir()} <= {FILE_NAME}
        self.folder.cleanup()


TestRegistries = Registries.TestCase
TestRegistries.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)

WRITER = """
import sys
from pathlib import Path
from cwc.runtime.registry.state import FileStates, FlowState
states, me = FileStates(Path(sys.argv[1])), sys.argv[2]
for number in range(60):
    with states.changing() as changing:
        changing[me, str(number)] = FlowState("disabled")
        count = int(changing.get(("all", "1"), FlowState(None, {"n": "0"})).tool_schema_hashes["n"])
        changing["all", "1"] = FlowState(None, {"n": str(count + 1)})
"""


def start(folder: Path, me: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(folder), me], env={"PYTHONPATH": str(ROOT)})


def test_processes_lose_no_update_and_see_no_torn_file(tmp_path: Path) -> None:
    writers = [start(tmp_path, me) for me in ("x", "y", "z")]
    states = FileStates(tmp_path)
    while any(writer.poll() is None for writer in writers):
        states.read()
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    found = states.read()
    assert found["all", "1"].tool_schema_hashes == {"n": "180"}
    assert len(found) == 181


@pytest.mark.long
def test_a_killed_process_leaves_a_whole_file_and_no_lock(tmp_path: Path) -> None:
    for _ in range(20):
        writer = start(tmp_path, "x")
        while not (tmp_path / FILE_NAME).exists():
            assert writer.poll() is None
        writer.kill()
        writer.wait()
        with FileStates(tmp_path).changing() as states:
            states["mine", "1"] = FlowState("active")
        json.loads((tmp_path / FILE_NAME).read_bytes())
        (tmp_path / FILE_NAME).unlink()
