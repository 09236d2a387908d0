"""Secrets do not reach those who watch runs: by the types of fields, and by names where an observer is redacted."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import BaseModel, SecretBytes, SecretStr

import cwc
from cwc.runtime.events.kinds import FlowEnd, FlowEvent, FlowStart, StepChunk, StepEnd, StepStart
from cwc.runtime.events.redaction import redacted
from cwc.runtime.tools.chunks import ToolChunk
from tests.unit.runtime.number_flows import CHILD, run

LANES = ("sync", "async")


class Login(BaseModel):
    word: SecretStr
    raw: SecretBytes | None = None
    count: int = 0


class Session(BaseModel):
    token: str
    name: str
    inner: dict[str, Any] = {}


def log_in(given: Login) -> dict[str, Any]:
    return {"token": "tok-12345", "name": "ann", "inner": {"list": [{"Password": "hunter3"}]}}


TOOL = cwc.Tool(name="logs_in", description="", input_schema=Login, output_schema=Session, fn=log_in)
MAPPING = {"word": "pass_word", "raw": "raw", "count": "count"}
FLOW = cwc.compile_flow({**CHILD, "steps": [{"tool_name": "logs_in", "input_mapping": MAPPING}]}, [TOOL])
GIVEN = {"pass_word": "hunter2", "raw": b"hunter1", "count": 1, "api_key": "key-12345"}
SECRETS = ("hunter1", "hunter2", "hunter3", "tok-12345", "key-12345")


def shown(event: FlowEvent) -> str:
    """All that an event holds, as somebody would log it."""
    fields = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}
    return repr(
        {
            name: value.model_dump_json() if hasattr(value, "model_dump_json") else value
            for name, value in fields.items()
        }
    )


@pytest.mark.parametrize("lane", LANES)
def test_a_redacted_observer_sees_no_secret(lane: str) -> None:
    events: list[FlowEvent] = []
    result = run(FLOW, lane, GIVEN, observers=[redacted(events.append)])
    assert len(events) == 4
    for event in events:
        for secret in SECRETS:
            assert secret not in shown(event)
        assert "ann" in shown(event) or not isinstance(event, StepEnd | FlowEnd)
    assert result.final_output is not None
    assert result.final_output["token"] == "tok-12345", "the run has what is hidden from the observer"


@pytest.mark.parametrize("lane", LANES)
def test_inputs_of_secret_fields_do_not_show_to_any_observer(lane: str) -> None:
    events: list[FlowEvent] = []
    run(FLOW, lane, GIVEN, observers=[events.append])
    for event in events[:-1]:
        assert "hunter1" not in repr(event)
        assert "hunter2" not in repr(event)


@pytest.mark.parametrize("mapping", [{"pass_word": "said", "raw": "raw", "count": "count"}, {}])
def test_what_a_flow_takes_as_secrets_does_not_show_in_those_that_run_it(mapping: dict[str, str]) -> None:
    child = {**CHILD, "steps": [{"tool_name": "logs_in", "input_mapping": MAPPING}]}
    inner = {**CHILD, "name": "inner", "steps": [{"flow_name": "child", "input_mapping": {}}]}
    outer = {**CHILD, "name": "outer", "steps": [{"flow_name": "inner", "input_mapping": mapping}]}
    flow = cwc.compile_flow(outer, [TOOL], flows=[inner, child])
    events: list[FlowEvent] = []
    given = {"said" if mapping else "pass_word": "hunter2", "raw": b"hunter1", "count": 1}
    assert run(flow, "sync", given, observers=[events.append]).success
    begun = [event for event in events if isinstance(event, FlowStart | StepStart)]
    assert len(begun) == 6
    for event in begun:
        assert "hunter1" not in repr(event)
        assert "hunter2" not in repr(event)


@pytest.mark.parametrize("lane", LANES)
def test_texts_of_errors_do_not_quote_secrets(lane: str) -> None:
    events: list[FlowEvent] = []
    result = run(FLOW, lane, {**GIVEN, "pass_word": ["hunter2"]}, observers=[redacted(events.append)])
    assert "hunter2" in str(result.execution_log[0].error_message)
    assert all("hunter2" not in shown(event) for event in events)


def test_names_are_those_that_were_given() -> None:
    events: list[FlowEvent] = []
    run(FLOW, "sync", GIVEN, observers=[redacted(events.append, keys=["NAME"])])
    assert "ann" not in shown(events[-1])
    assert "tok-12345" in shown(events[-1])


def test_a_redacted_observer_is_still_one_with_methods() -> None:
    ends: list[FlowEnd] = []

    class Methods:
        def on_flow_end(self, event: FlowEnd) -> None:
            ends.append(event)

    run(FLOW, "sync", GIVEN, observers=[redacted(Methods())])
    assert [end.result.initial_input["api_key"] for end in ends] == ["***"]


def test_chunks_are_redacted_too() -> None:
    async def stream(given: Login) -> AsyncIterator[ToolChunk]:
        yield ToolChunk(data={"secret": "hunter4"})
        yield ToolChunk(data=log_in(given), is_final=True)

    tool = cwc.Tool(name="streams", description="", input_schema=Login, output_schema=Session, fn=stream)
    flow = cwc.compile_flow({**CHILD, "steps": [{"tool_name": "streams", "input_mapping": MAPPING}]}, [tool])
    events: list[FlowEvent] = []
    run(flow, "async", GIVEN, observers=[redacted(events.append)])
    assert len([event for event in events if isinstance(event, StepChunk)]) == 2
    assert all(secret not in shown(event) for event in events for secret in (*SECRETS, "hunter4"))


def test_results_of_composed_flows_are_redacted_too() -> None:
    child = {**CHILD, "steps": [{"tool_name": "logs_in", "input_mapping": MAPPING}]}
    events: list[FlowEvent] = []
    steps = [{"flow_name": "child", "input_mapping": {"pass_word": "said", "raw": "said", "count": "count"}}]
    composed = cwc.compile_flow({**CHILD, "name": "parent", "steps": steps}, [TOOL], flows=[child])
    assert run(composed, "sync", {"said": "hunter2", "count": 1}, observers=[redacted(events.append)]).success
    (end,) = (event for event in events if isinstance(event, StepEnd) and event.tool_name == "child")
    assert end.record.sub_result is not None
    assert "tok-12345" not in end.record.model_dump_json()
    assert "hunter2" not in end.record.sub_result.model_dump_json()
