"""A run that dies at any commit is gone on with to the result, the records and the context that it would have had."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import cwc
from cwc.runtime.flow import Flow
from cwc.runtime.stores.checkpoints import Checkpointer, InMemoryCheckpointer
from cwc.runtime.stores.sqlite_checkpoints import SqliteCheckpointer
from tests.crashes import Crash, Dying, outcome, ran, resumed
from tests.dag_strategies import dag_flows
from tests.differential.reference import compiled, schemas_of
from tests.projects import ROOT, inside
from tests.properties.test_lanes import built, dags
from tests.strategies import CALLS, FlowCase, linear_flows

LANES = ("sync", "async")
TRACE = "the run"


def crash_at_every_commit(
    flow: Flow[Any],
    store: Callable[[], Checkpointer],
    lane: str,
    given: dict[str, Any],
    concurrency: int | None = None,
    **rest: Any,
) -> None:
    """Die at each commit in turn, before it and behind it, and go on; on the other lane too, where there is one."""
    limit = {} if lane == "sync" else {"max_step_concurrency": concurrency}
    decides = {name: rest[name] for name in rest if name == "decision_callback"}
    CALLS.clear()
    plain = outcome(partial(ran, flow, lane, given, trace_id=TRACE, **rest, **limit))
    for before in (False, True):
        for at in range(1000):
            kept = store()
            dying = Dying(kept, at, before=before)
            CALLS.clear()
            try:
                ended = outcome(partial(ran, flow, lane, given, trace_id=TRACE, checkpointer=dying, **rest, **limit))
            except Crash:
                pass
            else:
                assert ended == plain
                break
            if before and CALLS:
                # What a flaky tool remembers of the call that was lost would show.
                break
            last = Dying(kept, 1000)
            found = outcome(partial(resumed, flow, lane, TRACE, checkpointer=last, **decides, **limit))
            assert found == plain, (before, at)
            again = set(dying.recorded) & set(last.recorded)
            assert not again, "what was recorded was done again"


class Shared:
    """A store in one file for all of a test's runs, cleared between them."""

    def __init__(self, path: Path) -> None:
        self.store = SqliteCheckpointer(path)

    def __call__(self) -> SqliteCheckpointer:
        for run in self.store.runs():
            self.store.discard(run.trace_id)
        return self.store


GIVEN: dict[str, Any] = {"number": 5, "value": 4, "key": 20, "order": {"lines": [1, 2, 3], "a/b": [7, 8]}}
GOLDENS = sorted((ROOT / "tests" / "cases").glob("*/*/generated/[a-z]*.py"))


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Iterator[Flow[Any]]:
    path: Path = request.param
    with inside(path.parent.parent):
        for name in [name for name in sys.modules if name.split(".")[0] in ("generated", "tools")]:
            del sys.modules[name]
        yield importlib.import_module(f"generated.{path.stem}").FLOW


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("golden", GOLDENS, indirect=True, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_every_golden(golden: Flow[Any], lane: str, tmp_path: Path) -> None:
    if lane not in golden.lanes:
        pytest.skip("the flow has no such lane")
    given = {key: GIVEN[key] for key in golden.required_inputs}
    if "fetch" in golden._calls:
        golden = golden.bind({"fetch": _flaky})
    plain = ran(golden, lane, given)
    assert plain.success or golden.name == "siblings"
    crash_at_every_commit(golden, Shared(tmp_path / "runs.db"), lane, given, 4)


async def _flaky(inputs: Any) -> dict[str, int]:
    CALLS["fetch"] += 1
    if CALLS["fetch"] % 2:
        raise ConnectionError("cannot be reached")
    return {"raw": inputs.key * 2}


@settings(max_examples=settings().max_examples // 5)
@given(linear_flows())
def test_linear_flows(case: FlowCase) -> None:
    _crash_case(case)


@settings(max_examples=settings().max_examples // 5)
@given(dag_flows())
def test_dag_flows_with_branches_decisions_and_flows(case: FlowCase) -> None:
    _crash_case(case)


def _crash_case(case: FlowCase) -> None:
    with schemas_of(case) as flow:
        try:
            ours = compiled(case, flow)
        except cwc.CompileError:
            assume(False)
            raise
        for given_input in case.inputs[:1]:
            for lane in LANES:
                if lane not in ours.lanes:
                    continue
                rest: dict[str, Any] = {"dynamic_params": case.dynamic}
                if case.decides:
                    rest["decision_callback"] = case.decide
                crash_at_every_commit(ours, InMemoryCheckpointer, lane, given_input, **rest)


@settings(max_examples=settings().max_examples // 4)
@given(dags(), st.integers(-3, 12), st.sampled_from(("levels", "dataflow")), st.integers(1, 6), st.integers(0, 8))
def test_steps_that_run_at_once(flow: dict[str, Any], x: int, schedule: Any, limit: int, at: int) -> None:
    """Of one level some steps are recorded and others are not; on both schedules, whatever the limit."""
    ours = built(flow, schedule)
    assume(ours is not None)
    assert ours is not None
    plain = outcome(partial(ran, ours, "async", {"x": x}, trace_id=TRACE, max_step_concurrency=limit))
    kept = InMemoryCheckpointer()
    dying, last = Dying(kept, at), Dying(kept, 1000)
    try:
        outcome(partial(ran, ours, "async", {"x": x}, trace_id=TRACE, max_step_concurrency=limit, checkpointer=dying))
    except Crash:
        found = outcome(partial(resumed, ours, "async", TRACE, checkpointer=last, max_step_concurrency=limit))
        assert found == plain
        assert not set(dying.recorded) & set(last.recorded)


@settings(max_examples=settings().max_examples // 6)
@given(dag_flows(), st.integers(0, 4), st.sampled_from((LANES, LANES[::-1])))
def test_a_run_goes_on_on_the_other_lane(case: FlowCase, at: int, lanes: tuple[str, str]) -> None:
    with schemas_of(case) as flow:
        try:
            ours = compiled(case, flow)
        except cwc.CompileError:
            assume(False)
            raise
        assume(set(ours.lanes) == set(LANES))
        rest: dict[str, Any] = {"decision_callback": case.decide} if case.decides else {}
        CALLS.clear()
        start = partial(ran, ours, lanes[0], case.inputs[0], trace_id=TRACE, dynamic_params=case.dynamic, **rest)
        plain = outcome(start)
        CALLS.clear()
        kept = InMemoryCheckpointer()
        try:
            outcome(partial(start, checkpointer=Dying(kept, at)))
        except Crash:
            assert outcome(partial(resumed, ours, lanes[1], TRACE, checkpointer=kept, **rest)) == plain
