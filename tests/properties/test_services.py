"""A run under every service is the run that it would have been without, and its events tell what happened."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings

import cwc
from cwc.diagnostics.model import Report
from cwc.driver.running import open_flow
from cwc.runtime.cancellation import CancellationToken
from cwc.runtime.events.kinds import FlowEnd, FlowEvent, FlowStart, StepEnd, StepStart
from cwc.runtime.flow import Flow
from cwc.runtime.stores.checkpoints import InMemoryCheckpointer
from cwc.runtime.stores.step_cache import InMemoryStepCache, StepCacheKey
from tests.dag_strategies import dag_flows
from tests.differential.reference import compiled, run_cwc, schemas_of
from tests.projects import inside
from tests.strategies import FlowCase, linear_flows
from tests.unit.test_golden import GENERATED

LANES = ("sync", "async")


class Forgetful(InMemoryStepCache):
    """Keeps everything and answers nothing, so that no tool is called less often."""

    def get(self, key: StepCacheKey) -> dict[str, Any] | None:
        super().get(key)
        return None


class Served:
    """A flow whose runs are under every service."""

    def __init__(self, flow: Flow[Any], cache: Any) -> None:
        self.flow, self.cache = flow, cache
        self.events: list[FlowEvent] = []
        self.results: list[Any] = []

    def run(self, given: dict[str, Any], **options: Any) -> Any:
        self.results.append(self.flow.run(given, **self._services(), **options))
        return self.results[-1]

    async def run_async(self, given: dict[str, Any], **options: Any) -> Any:
        self.results.append(await self.flow.run_async(given, **self._services(), **options))
        return self.results[-1]

    def _services(self) -> dict[str, Any]:
        async def later(event: FlowEvent) -> None:
            await asyncio.sleep(0)

        def broken(event: FlowEvent) -> None:
            raise RuntimeError("a broken observer")

        self.events.clear()
        return {
            "observers": [broken, self.events.append, later],
            "cache": self.cache,
            "deadline": time.time() + 3600,
            "cancel_token": CancellationToken(),
            "resources": object(),
            "checkpointer": InMemoryCheckpointer(),
        }


def _every_service_changes_nothing(case: FlowCase) -> None:
    with schemas_of(case) as written:
        try:
            flow = compiled(case, written)
        except cwc.CompileError:
            assume(False)
            raise
        decide = case.decide if case.decides else None
        for inputs in case.inputs:
            for lane in LANES:
                plain = run_cwc(flow, inputs, lane, case.dynamic, decide=decide)
                served: Any = Served(flow, Forgetful())
                assert run_cwc(served, inputs, lane, case.dynamic, decide=decide, limit=None) == plain
                if plain.raised != "UndeclaredParamsError":
                    _check_events(served.events, served.results[-1] if served.results else None, len(flow.steps))


@given(linear_flows())
@settings(max_examples=50)
def test_linear_flows(case: FlowCase) -> None:
    _every_service_changes_nothing(case)


@given(dag_flows())
@settings(max_examples=50)
def test_dag_flows(case: FlowCase) -> None:
    _every_service_changes_nothing(case)


def _check_events(events: list[FlowEvent], result: Any, count: int) -> None:
    """Balanced, one run inside of the other, and with the records of the result."""
    open_: list[FlowEvent] = []
    assert isinstance(events[0], FlowStart)
    assert isinstance(events[-1], FlowEnd)
    for event in events:
        match event:
            case FlowStart() | StepStart():
                open_.append(event)
            case FlowEnd():
                # Steps of a run that was left have begun and not ended. Flows may run at once, but have their paths.
                of_run = [each for each in open_ if each.path == event.path]
                assert isinstance(of_run[0], FlowStart)
                assert len([each for each in of_run if isinstance(each, FlowStart)]) == 1
                open_ = [each for each in open_ if each.path != event.path]
            case StepEnd():
                started = [each for each in open_ if isinstance(each, StepStart) and each.name == event.name]
                if started:
                    open_.remove(started[0])
                    assert event.record.tool_name == started[0].tool_name
                else:
                    assert event.record.error_type in ("InputMappingError", "DecisionCallbackError")
    assert open_ == []
    if result is None:
        return
    assert events[-1].result is result
    ends = {event.step_index: event.record for event in events if isinstance(event, StepEnd) and not event.path}
    for record in result.execution_log:
        told = ends.get(record.step_index)
        if told is None:
            assert record.skipped or record.flow_name is not None or record.step_index in (-1, count)
        elif record.success or not told.success:
            assert _timeless(told) == _timeless(record)
        else:
            assert record.error_type in ("FlowExecutionError", "PredicateSyntaxError", "PredicateEvaluationError")


def _timeless(record: Any) -> dict[str, Any]:
    shown = {name: getattr(record, name) for name in type(record).model_fields}
    for name in ("started_at", "ended_at", "duration_ms"):
        del shown[name]
    if shown["sub_result"] is not None:
        shown["sub_result"] = [_timeless(inner) for inner in shown["sub_result"].execution_log]
    return shown


@given(dag_flows(reliable=True))
@settings(max_examples=40)
def test_levels_at_once(case: FlowCase) -> None:
    """Sibling steps tell of themselves in any order, and one event after the other."""
    with schemas_of(case) as written:
        try:
            flow = compiled(case, written)
        except cwc.CompileError:
            assume(False)
            raise
        decide = case.decide if case.decides else None
        for inputs in case.inputs:
            plain = run_cwc(flow, inputs, "async", case.dynamic, decide=decide, limit=3)
            served: Any = Served(flow, Forgetful())
            actual = run_cwc(served, inputs, "async", case.dynamic, decide=decide, limit=3)
            if plain.success is not True:
                # Flows that run at once log what they overwrite in any order.
                plain, actual = replace(plain, logs=()), replace(actual, logs=())
            assert replace(actual, logs=tuple(sorted(actual.logs))) == replace(plain, logs=tuple(sorted(plain.logs)))
            if plain.raised != "UndeclaredParamsError":
                _check_events(served.events, served.results[-1] if served.results else None, len(flow.steps))


@given(linear_flows(reliable=True))
@settings(max_examples=40)
def test_answers_from_a_cache_are_what_the_tools_gave(case: FlowCase) -> None:
    with schemas_of(case) as written:
        try:
            flow = compiled(case, written)
        except cwc.CompileError:
            assume(False)
            raise
        for inputs in case.inputs:
            cache = InMemoryStepCache()
            for lane in ("sync", "sync", "async"):
                plain = run_cwc(flow, inputs, lane, case.dynamic)
                cached: Any = Served(flow, cache)
                assert run_cwc(cached, inputs, lane, case.dynamic) == plain


@pytest.mark.parametrize("case", GENERATED, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_goldens(case: Path) -> None:
    ran = 0
    with inside(case):
        for path in sorted(Path("flows").glob("*.flow.*")):
            flow = open_flow(str(path), ("tools",), Report()).flow
            if flow is None:
                continue
            for value in (3, "x", 10**9):
                inputs = dict.fromkeys(flow.required_inputs, value)
                for lane in flow.lanes:
                    plain = run_cwc(flow, inputs, lane, None)
                    served: Any = Served(flow, Forgetful())
                    assert run_cwc(served, inputs, lane, None) == plain
                    ran += plain.raised is None
    assert ran


@pytest.mark.parametrize("lane", LANES)
def test_a_service_sees_a_step_that_raises_stop_iteration(lane: str) -> None:
    from tests.unit.runtime.number_flows import linear, number_tool, run

    def stop(value: int) -> int:
        raise StopIteration("the end")

    flow = linear("stops", tools=[number_tool("stops", stop, blocking=False)])
    plain = run(flow, lane, {"value": 1})
    served = run(flow, lane, {"value": 1}, observers=[lambda event: None], cache=Forgetful())
    assert served.execution_log[0].error_message == plain.execution_log[0].error_message
