"""Direct calls: inputs of exactly the right types reach a tool's own function unvalidated, all others validated."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from typing import Annotated, Any, TypedDict

import pytest
from pydantic import BaseModel, ConfigDict, Field, field_validator

import cwc
from cwc.runtime.tools.direct import direct_call

LANES = ("sync", "async")
FLOW = {
    "type": "Flow", "name": "f", "description": "", "steps": [{"tool_name": "tell", "input_mapping": {"n": "n"}}],
}  # fmt: skip


class Told(TypedDict):
    told: str


@cwc.tool(blocking=False)
def tell(n: int, by: int = 2) -> Told:
    return {"told": f"{type(n).__name__} {n} by {by}"}


class Ranged(BaseModel):
    n: Annotated[int, Field(ge=0)]


class Checked(BaseModel):
    n: int

    @field_validator("n")
    @classmethod
    def check(cls, value: int) -> int:
        return value + 1


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    n: int


class Others(BaseModel):
    n: int
    by: int = 3


class More(BaseModel):
    n: int
    by: int = 2
    other: int


def told(flow: Any, lane: str, inputs: dict[str, Any]) -> Any:
    result = flow.run(inputs) if lane == "sync" else asyncio.run(flow.run_async(inputs))
    return result.final_output["told"]


@pytest.mark.parametrize("lane", LANES)
def test_exact_inputs_are_not_validated_and_others_are(lane: str, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = cwc.compile_flow(FLOW, [tell])
    monkeypatch.setitem(flow.namespace, "in_tell", lambda given: tell.input_schema.model_construct(n=-1))
    assert told(flow, lane, {"n": 1}) == "int 1 by 2"
    assert told(flow, lane, {"n": True}).startswith("int -1")
    monkeypatch.undo()
    assert told(flow, lane, {"n": True}) == "int 1 by 2"
    assert told(flow, lane, {"n": "7"}) == "int 7 by 2"


@pytest.mark.parametrize("lane", LANES)
def test_a_bound_callable_gets_the_model(lane: str) -> None:
    flow = cwc.compile_flow(FLOW, [tell])
    bound = flow.bind({"tell": lambda given: {"told": repr(given)}})
    assert told(bound, lane, {"n": 1}) == "tell_input(n=1, by=2)"
    assert told(flow, lane, {"n": 1}) == "int 1 by 2"


def test_what_a_tool_has_become_decides() -> None:
    """A module that was built for one tool may be imported over another."""
    assert direct_call(tell, {"n": "int"}) is tell.func
    assert direct_call(tell, {"n": "int", "by": "int"}) is tell.func
    assert direct_call(tell, {"n": "float"}) is None
    assert direct_call(tell, {"n": "int", "other": "int"}) is None
    assert direct_call(tell, {"by": "int"}) is None
    for model in (Ranged, Checked, Closed, Others, More):
        other = cwc.tool(input_schema=model, output_schema=tell.output_schema)(tell.func)
        assert direct_call(other, {"n": "int"}) is None, model
    plain = cwc.Tool(name="tell", description="", input_schema=Others, output_schema=tell.output_schema, fn=tell.fn)
    assert direct_call(plain, {"n": "int", "by": "int"}) is None


def showing(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function around another, that has defaults of its own and tells all that it is passed."""

    @functools.wraps(function)
    def shown(n: int, by: int = 7, **passed: Any) -> Any:
        return {"told": f"{n} by {by}"}

    @functools.wraps(function)
    def ordered(**passed: Any) -> Any:
        return {"told": repr([*passed.items()])}

    return shown if function.__name__ == "defaulted" else ordered


@cwc.tool(blocking=False)
@showing
def defaulted(n: int, by: int = 2) -> Told:
    raise NotImplementedError


@cwc.tool(blocking=False)
@showing
def listed(n: int, by: int = 2) -> Told:
    raise NotImplementedError


def test_a_function_around_another_is_passed_what_it_always_is() -> None:
    for tool in (defaulted, listed):
        assert direct_call(tool, {"n": "int"}) is None
        assert direct_call(tool, {"by": "int", "n": "int"}) is None
        call = direct_call(tool, {"n": "int", "by": "int"})
        assert call is not None
        assert call(1, 2) == tool.fn(tool.input_schema(n=1))
    assert direct_call(defaulted, {"n": "int", "by": "int"}) is defaulted.func
    assert direct_call(listed, {"n": "int", "by": "int"}) is not listed.func


@cwc.tool(blocking=False)
def ordered(n: int, *, by: int = 2, unit: str = "m") -> Told:
    return {"told": f"{n} by {by} {unit}"}


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("tool", [tell, ordered])
def test_inputs_reach_the_parameters_of_their_names_in_any_order(tool: Any, lane: str) -> None:
    step = {"tool_name": tool.name, "input_mapping": {"by": "b", "n": "a"}}
    flow = cwc.compile_flow({**FLOW, "steps": [step]}, [tool])
    expected = {"tell": "int 1 by 3", "ordered": "1 by 3 m"}[tool.name]
    assert told(flow, lane, {"b": 3, "a": 1}) == expected
    assert told(flow, lane, {"b": "3", "a": 1}) == expected


def test_a_model_that_reads_its_fields_in_its_own_way_is_read() -> None:
    class Doubling(BaseModel):
        n: int

        def __getattribute__(self, name: str) -> Any:
            found = super().__getattribute__(name)
            return found * 2 if name == "n" else found

    doubling = cwc.tool(input_schema=Doubling, output_schema=tell.output_schema)(tell.func)
    assert direct_call(doubling, {"n": "int"}) is None
