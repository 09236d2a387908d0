"""The OpenTelemetry observer, against the SDK's exporter in memory."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

pytest.importorskip("opentelemetry.sdk")

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode, Tracer

import cwc
from cwc.otel import OpenTelemetryObserver
from cwc.runtime.errors import FlowCancelledError
from tests.unit.runtime.number_flows import CHILD, PARENT, dag, linear, number_tool, run

LANES = ("sync", "async")


class Spans:
    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracer: Tracer = provider.get_tracer("test")

    def all(self) -> tuple[ReadableSpan, ...]:
        return tuple(self.exporter.get_finished_spans())

    def tree(self) -> list[tuple[str, str | None]]:
        """Names of spans and of those around them, in the order in which they ended."""
        names = {span.context.span_id: span.name for span in self.all()}
        return [(span.name, names.get(span.parent.span_id) if span.parent else None) for span in self.all()]


@pytest.fixture
def spans() -> Spans:
    return Spans()


@pytest.mark.parametrize("lane", LANES)
def test_a_span_a_run_and_inside_one_a_step(lane: str, spans: Spans) -> None:
    observer = OpenTelemetryObserver(spans.tracer)
    run(linear("increment", "increment"), lane, {"value": 1}, observers=[observer], trace_id="t")
    assert spans.tree() == [("step increment", "flow f"), ("step increment", "flow f"), ("flow f", None)]
    step, _, flow = spans.all()
    assert flow.attributes is not None
    assert dict(flow.attributes) == {
        "cwc.flow.name": "f", "cwc.flow.version": "0.1.0", "cwc.run_id": "t", "cwc.trace_id": "t",
        "cwc.flow.success": True,
    }  # fmt: skip
    assert step.attributes is not None
    assert dict(step.attributes) == {
        "cwc.step.index": 0, "cwc.step.name": "0:increment", "cwc.tool.name": "increment",
        "cwc.step.skipped": False, "cwc.step.cached": False, "cwc.step.retry_count": 0,
    }  # fmt: skip
    assert flow.start_time is not None
    assert step.start_time is not None
    assert step.end_time is not None
    assert flow.end_time is not None
    assert flow.start_time <= step.start_time <= step.end_time <= flow.end_time


def test_a_composed_flow_is_inside_of_its_step_and_all_inside_of_the_callers_span(spans: Spans) -> None:
    flow = cwc.compile_flow(PARENT, [number_tool("increment")], flows=[CHILD])
    with spans.tracer.start_as_current_span("caller"):
        flow.run({"value": 1}, observers=[OpenTelemetryObserver(spans.tracer)])
    assert spans.tree() == [
        ("step increment", "flow parent"),
        ("step increment", "flow child"), ("step increment", "flow child"), ("flow child", "step child"),
        ("step child", "flow parent"), ("flow parent", "caller"), ("caller", None),
    ]  # fmt: skip


@pytest.mark.parametrize("lane", LANES)
def test_failures_are_told(lane: str, spans: Spans) -> None:
    def fail(value: int) -> int:
        raise ValueError("what went wrong")

    flow = linear("fails", tools=[number_tool("fails", fail)])
    run(flow, lane, {"value": 1}, observers=[OpenTelemetryObserver(spans.tracer)])
    for span in spans.all():
        assert span.status.status_code is StatusCode.ERROR
        assert "what went wrong" in str(span.status.description)
    assert (spans.all()[0].attributes or {})["error.type"] == "FlowExecutionError"


@pytest.mark.parametrize("lane", LANES)
def test_no_span_stays_open(lane: str, spans: Spans) -> None:
    observer = OpenTelemetryObserver(spans.tracer)
    with pytest.raises(FlowCancelledError):
        run(linear("increment"), lane, {"value": 1}, observers=[observer], deadline=1.0)
    flow = cwc.compile_flow({**CHILD, "steps": [{"tool_name": "increment", "input_mapping": {"value": "/at/0"}}]},
                            [number_tool("increment")])  # fmt: skip
    run(flow, lane, {"at": []}, observers=[observer])
    assert spans.tree() == [("flow f", None), ("step increment", "flow child"), ("flow child", None)]
    assert observer._spans == {}


def test_a_step_that_a_run_was_left_in_is_closed(spans: Spans) -> None:
    observer = OpenTelemetryObserver(spans.tracer)
    waiting: list[int] = []

    async def wait(value: int) -> int:
        waiting.append(value)
        await asyncio.sleep(60)
        return value

    async def main() -> None:
        flow = linear("waits", tools=[number_tool("waits", wait)])
        task = asyncio.ensure_future(flow.run_async({"value": 1}, observers=[observer]))
        while not waiting:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert spans.tree() == [("step waits", "flow f"), ("flow f", None)]
    assert observer._spans == {}


def test_values_are_recorded_without_secrets(spans: Spans) -> None:
    flow = linear("increment")
    observer = OpenTelemetryObserver(spans.tracer, record_values=True)
    flow.run({"value": 1, "password": "hunter2"}, observers=[observer])
    step, whole = (dict(span.attributes or {}) for span in spans.all())
    assert (step["cwc.step.inputs"], step["cwc.step.outputs"]) == ('{"value": 1}', '{"value": 2}')
    assert whole["cwc.flow.input"] == '{"value": 1, "password": "***"}'


def test_runs_at_once_share_an_observer(spans: Spans) -> None:
    observer = OpenTelemetryObserver(spans.tracer)
    names: dict[str, tuple[str, list[str]]] = {name: ("increment", []) for name in "abc"}
    flow = dag(names)

    async def main() -> list[Any]:
        runs = (flow.run_async({"value": n}, observers=[observer], max_step_concurrency=3) for n in range(10))
        return list(await asyncio.gather(*runs))

    asyncio.run(main())
    assert sorted(spans.tree(), key=str) == sorted(
        [("flow f", None), *[("step increment", "flow f")] * 3] * 10, key=str
    )
    parents = {span.parent.trace_id for span in spans.all() if span.parent}
    assert len(parents) == 10
