"""The seam: services wrap step functions, and the same body runs, resumes and reports."""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import assume, given

import cwc
from cwc.runtime.errors import CwcError
from cwc.runtime.flow import Flow
from cwc.runtime.steps import Outputs, Step, Told
from tests.differential.reference import compiled, run_cwc, schemas_of
from tests.strategies import CALLS, FlowCase, linear_flows

LANES = ("sync", "async")


class Crash(BaseException):
    """The process dies here."""


class Journal:
    """Records each step's outputs by name; a recorded step answers from its row."""

    def __init__(self) -> None:
        self.rows: dict[str, Outputs] = {}

    def __call__(self, step: Step, values: tuple[Any, ...]) -> Generator[None, Outputs, Outputs]:
        if step.name in self.rows:
            return copy.deepcopy(self.rows[step.name])
        outputs = yield
        self.rows[step.name] = copy.deepcopy(outputs)
        return outputs


class Observer:
    """Notes what runs, and dies before one step."""

    def __init__(self, crash_before: str = "") -> None:
        self.crash_before = crash_before
        self.ran: list[str] = []

    def __call__(self, step: Step, values: tuple[Any, ...]) -> Generator[None, Outputs, Outputs]:
        if step.name == self.crash_before:
            raise Crash
        self.ran.append(step.name)
        return (yield)


@given(linear_flows())
def test_crash_before_each_step_and_resume_equals_an_uninterrupted_run(case: FlowCase) -> None:
    with schemas_of(case) as flow:
        try:
            ours = compiled(case, flow)
        except cwc.CompileError:
            assume(False)
            raise
        for inputs in case.inputs:
            for lane in LANES:
                _crash_everywhere(ours, inputs, lane, case.dynamic)


def _crash_everywhere(flow: Flow[Any], inputs: dict[str, Any], lane: str, dynamic: dict[str, Any] | None) -> None:
    try:
        plain = run_cwc(flow, inputs, lane, dynamic)
    except CwcError:
        return
    for step in flow.steps:
        journal, first, second = Journal(), Observer(step.name), Observer()
        try:
            died = run_cwc(flow.around(first, journal), inputs, lane, dynamic)
        except Crash:
            calls = dict(CALLS)
            resumed = _resumed(flow.around(second, journal), inputs, lane, dynamic, calls)
            assert resumed == plain
            ran = first.ran + second.ran
            assert len(ran) == len(set(ran)), "a recorded step ran again"
        else:
            assert died == plain, "the run ended before the step"


def _resumed(flow: Flow[Any], inputs: dict[str, Any], lane: str, dynamic: dict[str, Any] | None, calls: Any) -> Any:
    """Go on in the world that the crash left: what the tools remember is still there."""
    return run_cwc(flow, inputs, lane, dynamic, calls=calls)


def _double(given: Any) -> dict[str, Any]:
    return {"value": given.value * 2}


async def _add(given: Any) -> dict[str, Any]:
    return {"total": given.value + 1}


@pytest.fixture
def flow() -> Flow[Any]:
    from pydantic import create_model

    number: Any = create_model("Number", value=(int, ...))
    total: Any = create_model("Total", total=(int, ...))
    tools = [
        cwc.Tool(name="double", description="", input_schema=number, output_schema=number, fn=_double),
        cwc.Tool(name="add", description="", input_schema=number, output_schema=total, fn=_add),
    ]
    steps = [{"tool_name": name, "input_mapping": {"value": "value"}} for name in ("double", "add")]
    return cwc.compile_flow(
        {"type": "Flow", "name": "f", "description": "", "on_context_collision": "overwrite", "steps": steps}, tools
    )


def _run(flow: Flow[Any], lane: str) -> Any:
    given = {"value": 3}
    return flow.run(given) if lane == "sync" else asyncio.run(flow.run_async(given))


@pytest.mark.parametrize("lane", LANES)
def test_the_first_service_is_innermost(flow: Flow[Any], lane: str) -> None:
    order: list[str] = []

    def service(name: str) -> Any:
        def around(step: Step, values: tuple[Any, ...]) -> Generator[None, Outputs, Outputs]:
            order.append(f"{name} before {step.name} {values}")
            outputs = yield
            order.append(f"{name} after {step.name}")
            return outputs

        return around

    assert _run(flow.around(service("inner")).around(service("outer")), lane).final_output == {"value": 6, "total": 7}
    assert order[:4] == [
        "outer before 0:double (3,)",
        "inner before 0:double (3,)",
        "inner after 0:double",
        "outer after 0:double",
    ]


@pytest.mark.parametrize("lane", LANES)
def test_a_service_sees_the_error_and_may_answer_it(flow: Flow[Any], lane: str) -> None:
    def fail(given: Any) -> Any:
        raise OSError("no")

    def rescue(step: Step, values: tuple[Any, ...]) -> Generator[None, Outputs, Outputs]:
        try:
            return (yield)
        except OSError:
            return Told({"value": 50}, cached=True)

    result = _run(flow.bind({"double": fail}).around(rescue), lane)
    assert result.final_output == {"value": 50, "total": 51}
    assert [record.cached for record in result.execution_log] == [True, False]


@pytest.mark.parametrize("lane", LANES)
def test_bind_replaces_callables_and_keeps_validation(flow: Flow[Any], lane: str) -> None:
    bound = flow.bind({"double": lambda given: {"value": str(given.value * 10)}})
    assert _run(bound, lane).final_output == {"value": 30, "total": 31}
    assert _run(flow, lane).final_output == {"value": 6, "total": 7}
    again = bound.bind({"add": _add_ten})
    assert _run(again, lane).final_output == {"value": 30, "total": 40}
    refused = _run(flow.bind({"double": lambda given: {"value": "x"}}), lane)
    assert refused.execution_log[-1].error_type == "SchemaValidationError"
    with pytest.raises(KeyError):
        flow.bind({"nothing": fail_never})


async def _add_ten(given: Any) -> dict[str, Any]:
    return {"total": given.value + 10}


def fail_never(given: Any) -> Any:
    return given


def test_services_see_bound_tools(flow: Flow[Any], caplog: pytest.LogCaptureFixture) -> None:
    observer = Observer()
    with caplog.at_level(logging.DEBUG, "cwc.flow"):
        result = _run(flow.around(observer).bind({"add": _add_ten}), "sync")
    assert result.final_output == {"value": 6, "total": 16}
    assert observer.ran == ["0:double", "1:add"]
    assert [record.getMessage() for record in caplog.records] == ["Step 0 (double): context key 'value' overwritten"]
