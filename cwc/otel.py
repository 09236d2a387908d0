"""Spans of OpenTelemetry for runs: one a run, inside of it one a step. Needs the extra ``cwc[otel]``.

flow.run(given, observers=[OpenTelemetryObserver()])
"""

from __future__ import annotations

import json
import threading
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer

from cwc.runtime.events.kinds import FlowEnd, FlowEvent, FlowStart, StepChunk, StepEnd, StepStart
from cwc.runtime.events.redaction import redacted

_Key = tuple[str, str]


class OpenTelemetryObserver:
    """Makes a span of each run, and of each step one inside of it; a flow that a step runs has its span inside of that.

    The outermost span is a child of the span that is current where the run begins. ``record_values`` adds inputs and
    outputs as JSON, without secrets (see `redacted`). One observer may serve any number of runs at once, if they have
    trace ids of their own.
    """

    def __init__(self, tracer: Tracer | None = None, *, record_values: bool = False) -> None:
        self._tracer = tracer or trace.get_tracer("cwc")
        self._record_values = record_values
        self._lock = threading.Lock()
        self._spans: dict[_Key, Span] = {}
        self._tell = redacted(self._told)

    def __call__(self, event: FlowEvent) -> None:
        self._tell(event)  # type: ignore[operator]

    def _told(self, event: FlowEvent) -> None:
        match event:
            case FlowStart():
                self._flow_start(event)
            case StepStart():
                self._step_start(event)
            case StepChunk():
                span = self._spans.get((event.run_id, event.name))
                if span is not None:
                    span.add_event("chunk", {"cwc.chunk.is_final": event.chunk.is_final})
            case StepEnd():
                self._step_end(event)
            case FlowEnd():
                self._flow_end(event)

    def _flow_start(self, event: FlowStart) -> None:
        attributes = {
            "cwc.flow.name": event.flow_name,
            "cwc.flow.version": event.flow_version,
            "cwc.run_id": event.run_id,
            "cwc.trace_id": event.trace_id,
        }
        if self._record_values:
            attributes["cwc.flow.input"] = _json(event.initial_input)
        # Under the step that runs this flow, if one does.
        self._open(_run_key(event), f"flow {event.flow_name}", event, attributes, parent=(event.run_id, event.path))

    def _step_start(self, event: StepStart) -> None:
        attributes: dict[str, Any] = {
            "cwc.step.index": event.step_index,
            "cwc.step.name": event.name,
            "cwc.tool.name": event.tool_name,
        }
        if self._record_values:
            attributes["cwc.step.inputs"] = _json(event.inputs)
        self._open((event.run_id, event.name), f"step {event.tool_name}", event, attributes, parent=_run_key(event))

    def _step_end(self, event: StepEnd) -> None:
        record, key = event.record, (event.run_id, event.name)
        if key not in self._spans:
            # It failed before it had its inputs, or its tool.
            self._step_start(StepStart(*_about(event), event.step_index, event.tool_name, event.name, record.inputs))
        with self._lock:
            span = self._spans.pop(key)
        span.set_attribute("cwc.step.skipped", record.skipped)
        span.set_attribute("cwc.step.cached", record.cached)
        span.set_attribute("cwc.step.retry_count", record.retry_count)
        if record.fallback_used and record.fallback_tool_name:
            span.set_attribute("cwc.step.fallback", record.fallback_tool_name)
        if record.error_type is not None:
            span.set_attribute("error.type", record.error_type)
        if self._record_values and record.outputs is not None:
            span.set_attribute("cwc.step.outputs", _json(record.outputs))
        if not record.success:
            span.set_status(Status(StatusCode.ERROR, record.error_message))
        span.end(event.time_ns)

    def _flow_end(self, event: FlowEnd) -> None:
        begun = [key for key in list(self._spans) if key[0] == event.run_id and _is_inside(key[1], event.path)]
        # Steps that a run was left in have begun and not ended; the innermost stand last.
        for key in reversed(begun):
            with self._lock:
                span = self._spans.pop(key)
            span.set_status(Status(StatusCode.ERROR, "the run was left"))
            span.end(event.time_ns)
        with self._lock:
            span = self._spans.pop(_run_key(event))
        span.set_attribute("cwc.flow.success", event.result.success)
        if not event.result.success:
            failed = [record for record in event.result.execution_log if not record.success]
            span.set_status(Status(StatusCode.ERROR, failed[-1].error_message if failed else "the run was left"))
        span.end(event.time_ns)

    def _open(self, key: _Key, name: str, event: FlowEvent, attributes: dict[str, Any], parent: _Key) -> None:
        around = self._spans.get(parent)
        context = None if around is None else trace.set_span_in_context(around)
        span = self._tracer.start_span(
            name, context, SpanKind.INTERNAL, attributes=attributes, start_time=event.time_ns
        )
        with self._lock:
            self._spans[key] = span


def _about(event: FlowEvent) -> tuple[str, str, str, str, int]:
    return event.run_id, event.trace_id, event.flow_name, event.path, event.time_ns


def _run_key(event: FlowEvent) -> _Key:
    """The key of a run's span; those of steps have no slash at their end."""
    return event.run_id, f"{event.path}/"


def _is_inside(name: str, path: str) -> bool:
    return not name.endswith("/") and name.startswith(f"{path}/" if path else "")


def _json(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)
