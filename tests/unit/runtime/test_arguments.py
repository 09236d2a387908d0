"""What cannot be meant by a call of a flow is refused before anything runs, in words that say what to pass."""

from __future__ import annotations

import asyncio
import datetime
import math
import re
import threading
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import cwc
from cwc.runtime import InMemoryCheckpointer, InMemoryStepCache, SqliteCheckpointer
from cwc.runtime.errors import CwcError, InvalidArgumentError, UnboundToolError
from tests.example_tools import double
from tests.unit.runtime.number_flows import Number, linear, number_tool

WRONG: list[tuple[str, Any, str]] = [
    ("checkpointer", "runs.db", "SqliteCheckpointer(path), and was given 'runs.db', of the type str."),
    ("checkpointer", Path("runs.db"), "SqliteCheckpointer(path), and was given "),
    ("checkpointer", SqliteCheckpointer, "SqliteCheckpointer(path), and was given the class SqliteCheckpointer."),
    ("checkpointer", InMemoryStepCache(), "'checkpointer' takes a checkpointer"),
    ("cache", "x", "SqliteStepCache(path), and was given 'x', of the type str."),
    ("cache", True, "'cache' takes a step cache"),
    ("cache", InMemoryStepCache, "was given the class InMemoryStepCache."),
    ("cache", InMemoryCheckpointer(), "'cache' takes a step cache"),
    ("deadline", "12:00", "a number of seconds as time.time() counts them, and was given '12:00'"),
    ("deadline", datetime.datetime(2026, 1, 1), "a number of seconds"),
    ("deadline", datetime.timedelta(seconds=1), "a number of seconds"),
    ("deadline", True, "a number of seconds"),
    ("deadline", math.nan, "a number of seconds"),
    ("cancel_token", threading.Event(), "'cancel_token' takes a CancellationToken()"),
    ("cancel_token", False, "'cancel_token' takes a CancellationToken()"),
    ("observers", print, "'observers' takes a list of observers"),
    ("observers", "x", "'observers' takes a list of observers"),
    ("observers", [1], "'observers' takes callables, and objects with some of the methods on_flow_start"),
    ("dynamic_params", "x", "'dynamic_params' takes a mapping, and was given 'x', of the type str."),
    ("dynamic_params", [("a", 1)], "'dynamic_params' takes a mapping"),
]
INPUTS: list[Any] = ["x", "", [], [("value", 1)], None, 1, Number, {"value"}]


@pytest.mark.parametrize(("argument", "value", "told"), WRONG)
def test_services_of_another_kind(argument: str, value: Any, told: str) -> None:
    ran: list[int] = []

    def count(value: int) -> int:
        ran.append(value)
        return value

    flow = linear("count", tools=[number_tool("count", count)])
    with pytest.raises(InvalidArgumentError, match=re.escape(told)) as raised:
        flow.run({"value": 1}, **{argument: value})
    assert isinstance(raised.value, CwcError)
    assert isinstance(raised.value, TypeError)
    with pytest.raises(InvalidArgumentError):
        asyncio.run(flow.run_async({"value": 1}, **{argument: value}))
    with pytest.raises(InvalidArgumentError):
        list(flow.stream({"value": 1}, **{argument: value}))
    assert ran == []


@pytest.mark.parametrize("value", INPUTS, ids=map(repr, INPUTS))
def test_an_input_that_is_no_mapping(value: Any) -> None:
    flow = linear("increment")
    with pytest.raises(InvalidArgumentError, match="'initial_input' takes a mapping or an instance of a model"):
        flow.run(value)
    with pytest.raises(InvalidArgumentError, match="'initial_input'"):
        asyncio.run(flow.run_async(value, trace_id="x"))


def test_any_mapping_is_an_input() -> None:
    for given in ({"value": 1}, MappingProxyType({"value": 1}), Number(value=1)):
        assert linear("increment").run(given).final_output == {"value": 2}


@pytest.mark.parametrize("key", [1, None, ("a", 2), 1.5])
def test_keys_that_are_no_strings(key: Any) -> None:
    """Runs take them, and records of failed ones show them as they are."""
    flow = cwc.compile_flow(
        {"type": "Flow", "name": "a", "description": "", "steps": [{"tool_name": "double", "input_mapping": {}}]},
        [double],
    )
    done = flow.run({"number": 2, key: 0})
    assert done.success
    assert done.final_output == {"number": 2, "value": 4, key: 0}
    assert done.execution_log[0].inputs == {"number": 2, key: 0}
    failed = flow.run({key: 0})
    assert [(record.inputs, record.error_type) for record in failed.execution_log] == [
        ({key: 0}, "SchemaValidationError")
    ]
    assert failed.execution_log[0].error_code is not None


def test_a_run_that_is_gone_on_with() -> None:
    with pytest.raises(InvalidArgumentError, match="'checkpointer' takes a checkpointer"):
        linear("increment").resume("x", checkpointer="runs.db")  # type: ignore[arg-type]


@pytest.mark.parametrize("limit", ["4", 1.5])
def test_a_limit_that_is_no_whole_number(limit: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="'max_step_concurrency' takes a whole number"):
        asyncio.run(linear("increment").run_async({"value": 1}, max_step_concurrency=limit))


async def _choose(question: Any) -> str:
    return "increment"


class _Chooser:
    async def decide(self, question: Any) -> str:
        return "increment"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"decision_callback": "increment"}, "'decision_callback' takes a function, or an object with a method decide"),
        ({"decision_policy": {"timeout_s": 1}}, "'decision_policy' takes a DecisionPolicy"),
        ({"decision_callback": _choose}, "'decision_callback' takes a plain function (no lane awaits its answer"),
        ({"decision_callback": _Chooser()}, "'decision_callback' takes a plain function"),
        ({"decision_callback": partial(_choose)}, "'decision_callback' takes a plain function"),
    ],
)
def test_decisions_of_another_kind(given: dict[str, Any], told: str) -> None:
    decided = linear("increment", step={"decision_candidates": ["increment"]})
    for flow in (decided, linear("increment")):
        with pytest.raises(InvalidArgumentError, match=re.escape(told)):
            flow.run({"value": 1}, **given)
    with pytest.raises(InvalidArgumentError, match=re.escape(told)):
        asyncio.run(linear("increment").run_async({"value": 1}, **given))


def test_a_binding_that_cannot_be_called() -> None:
    flow = linear("increment")
    with pytest.raises(InvalidArgumentError, match="'tools\\['increment'\\]' takes a callable, and was given 5"):
        flow.bind({"increment": 5})  # type: ignore[dict-item]
    with pytest.raises(InvalidArgumentError, match="'tools' takes a mapping from names of tools to callables"):
        flow.bind("increment")  # type: ignore[arg-type]


def test_a_binding_of_a_tool_that_is_not_there() -> None:
    with pytest.raises(UnboundToolError) as raised:
        linear("increment").bind({"incremnet": print})
    assert isinstance(raised.value, KeyError)
    assert str(raised.value) == "Flow 'f' calls 'increment', and not 'incremnet'; did you mean 'increment'?"


def _as_any(value: Any) -> Any:
    """A value of which type checkers know nothing."""
    return value


def test_options_that_there_are_not() -> None:
    flow, wrong = linear("increment"), _as_any({"dedline": 1})
    with pytest.raises(TypeError, match=re.escape("run() takes no option 'dedline'; did you mean 'deadline'?")):
        flow.run({"value": 1}, **wrong)
    with pytest.raises(TypeError, match=re.escape("run_async() takes no option 'dedline'; did you mean 'deadline'?")):
        asyncio.run(flow.run_async({"value": 1}, **wrong))
    with pytest.raises(TypeError, match=re.escape("stream() takes no option 'dedline'")):
        flow.stream({"value": 1}, **wrong)
    with pytest.raises(TypeError, match=re.escape("stream_async() takes no option 'dedline'")):
        flow.stream_async({"value": 1}, **wrong)
    with pytest.raises(TypeError, match="'x'; its options are dynamic_params, force, deadline"):
        flow.run({"value": 1}, **_as_any({"x": 1}))


def test_options_of_tools_that_there_are_not() -> None:
    with pytest.raises(TypeError, match=re.escape("tool() takes no option 'timeout'; did you mean 'timeout_seconds'?")):
        cwc.tool(**_as_any({"timeout": 3}))(lambda value: {"value": value})
