"""Where a run comes to what it comes to in ChainWeaver, its events are ChainWeaver's too, but for two decisions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import event, given, settings

import cwc
from cwc.runtime.events.kinds import FlowEnd, FlowEvent, FlowStart, StepEnd, StepStart
from tests.dag_strategies import dag_flows
from tests.differential.reference import compiled, executor, run_cwc, run_reference, schemas_of
from tests.differential.test_linear import _missing, _reference_lane
from tests.strategies import FlowCase, linear_flows

Line = tuple[Any, ...]


class Hooks:
    """ChainWeaver's middleware, which is an observer of cwc's as well."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def on_flow_start(self, told: Any) -> None:
        self.lines.append(("flow_start", told.flow_name, told.flow_version, told.initial_input, told.total_steps))

    def on_step_start(self, told: Any) -> None:
        self.lines.append(("step_start", told.flow_name, told.step_index, told.tool_name, told.inputs))

    def on_step_end(self, told: Any) -> None:
        record = told.step_record
        self.lines.append((
            "step_end", told.flow_name, record.step_index, record.tool_name, record.inputs, record.outputs,
            record.success, record.skipped, record.error_type, record.retry_count, record.fallback_used,
        ))  # fmt: skip

    def on_flow_end(self, told: Any) -> None:
        self.lines.append(("flow_end", told.flow_name, told.result.success, told.result.final_output))


class Observed:
    def __init__(self, flow: Any) -> None:
        self.flow, self.hooks = flow, Hooks()

    def run(self, given: Any, **options: Any) -> Any:
        return self.flow.run(given, observers=[self.hooks], **options)

    async def run_async(self, given: Any, **options: Any) -> Any:
        return await self.flow.run_async(given, observers=[self.hooks], **options)


def _decided(lines: list[Line], *, raised: bool) -> list[Line]:
    """Without what cwc has decided otherwise (SEMANTICS A 14): starts of steps whose input contract fails, and ends of
    runs that are left.
    """
    kept: list[Line] = []
    for line in lines:
        if (
            line[0] == "step_end"
            and line[8] == "SchemaValidationError"
            and kept
            and kept[-1][:4] == ("step_start", *line[1:4])
        ):
            kept.pop()
        kept.append(line)
    return [line for line in kept if not (raised and line[0] == "flow_end" and not line[2])]


def _agree(case: FlowCase, lanes: tuple[str, ...]) -> None:
    with schemas_of(case) as flow:
        try:
            ours = compiled(case, flow)
        except cwc.CompileError:
            event("rejected by the build")
            return
        decide = case.decide if case.decides else None
        for inputs in case.inputs:
            if (case.dynamic and not ours._extras) or (ours.required and _missing(ours, inputs, case.dynamic)):
                continue
            for lane in lanes:
                theirs, hooks = executor(case, flow), Hooks()
                theirs.add_middleware(hooks)
                expected = run_reference(theirs, flow["name"], inputs, _reference_lane(flow, lane), case.dynamic)
                observed: Any = Observed(ours)
                actual = run_cwc(observed, inputs, lane, case.dynamic, decide=decide)
                if actual == expected:
                    event("events compared")
                    raised = actual.raised is not None
                    assert _decided(observed.hooks.lines, raised=raised) == _decided(hooks.lines, raised=raised)


@given(linear_flows())
@settings(max_examples=100)
def test_linear_flows(case: FlowCase) -> None:
    _agree(case, ("sync", "async"))


@given(dag_flows())
@settings(max_examples=100)
def test_dag_flows(case: FlowCase) -> None:
    _agree(case, ("sync",))


def test_hooks_are_observers() -> None:
    assert [kind.kind for kind in (FlowStart, StepStart, StepEnd, FlowEnd)] == [
        name.removeprefix("on_") for name in vars(Hooks) if name.startswith("on_")
    ]
    with pytest.raises(TypeError):
        FlowEvent()  # type: ignore[call-arg]
