"""Calling tools: threads, timeouts, sizes, and validators equal to the models' own methods."""

from __future__ import annotations

import asyncio
import contextvars
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, RootModel, ValidationError, model_serializer, model_validator

from cwc.runtime.errors import ToolOutputSizeError, ToolTimeoutError
from cwc.runtime.tools.binding import bind_tool, giver, sized, taker
from cwc.runtime.tools.making import tool
from cwc.runtime.waiting.calls import finish, in_thread, within, within_async

SLACK = 0.2
"""Seconds past a deadline within which a call that ignores it must return."""


def forever(_: Any = None) -> None:
    time.sleep(30)


def test_a_sync_tool_in_time_gives_its_result() -> None:
    assert within("t", 5, lambda value: value + 1, 1) == 2


def test_a_sync_tool_out_of_time_does_not_hold_the_caller() -> None:
    start = time.perf_counter()
    with pytest.raises(ToolTimeoutError):
        within("t", 0.05, forever, 1)
    assert time.perf_counter() - start < 0.05 + SLACK


def test_an_error_of_the_tool_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        within("t", 5, lambda value: value / 0, 1)


def test_a_blocking_tool_out_of_time_does_not_hold_the_loop() -> None:
    async def run() -> float:
        start = time.perf_counter()
        with pytest.raises(ToolTimeoutError):
            await within_async("t", 0.05, in_thread, forever, 1)
        return time.perf_counter() - start

    assert asyncio.run(run()) < 0.05 + SLACK


def test_an_async_tool_out_of_time_is_cancelled() -> None:
    cancelled = []

    async def tool(_: int) -> None:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    with pytest.raises(ToolTimeoutError):
        finish(within_async, "t", 0.02, tool, 1)
    assert cancelled == [True]


def test_a_timeout_error_of_the_tool_itself_is_not_taken_for_ours() -> None:
    async def tool(_: int) -> None:
        raise TimeoutError("the tool's own")

    with pytest.raises(TimeoutError, match="the tool's own"):
        finish(within_async, "t", 5, tool, 1)


@pytest.mark.parametrize(
    "call", ["within('t', 0.1, time.sleep, 60)", "asyncio.run(within_async('t', 0.1, in_thread, time.sleep, 60))"]
)
def test_a_timed_out_tool_does_not_delay_the_end_of_the_process(call: str) -> None:
    code = (
        "import asyncio, time\n"
        "from cwc.runtime.waiting.calls import *\n"
        "from cwc.runtime.errors import ToolTimeoutError\n"
        f"try: {call}\n"
        "except ToolTimeoutError: print('timed out', flush=True)\n"
    )
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == "timed out\n"
    assert time.perf_counter() - start < 15


def test_threads_have_the_callers_context_variables() -> None:
    variable = contextvars.ContextVar("variable", default=0)
    variable.set(7)
    assert within("t", 5, lambda _: variable.get(), None) == 7

    async def run() -> tuple[int, bool]:
        value = await in_thread(lambda: variable.get())
        return value, await in_thread(lambda: threading.current_thread() is threading.main_thread())

    assert asyncio.run(run()) == (7, False)


def test_stop_iteration_from_a_tool_is_an_error_not_an_end() -> None:
    def stop() -> None:
        raise StopIteration

    with pytest.raises(RuntimeError):
        asyncio.run(_awaited(in_thread, stop))


async def _awaited(function: Callable[..., Awaitable[Any]], *values: Any) -> Any:
    return await function(*values)


def test_an_async_tool_on_the_sync_lane_inside_a_loop_says_what_to_do() -> None:
    async def tool() -> int:
        return 1

    async def run() -> None:
        with pytest.raises(RuntimeError, match="run_async"):
            finish(tool)

    assert finish(tool) == 1
    asyncio.run(run())


def test_sizes_are_bytes_of_json() -> None:
    raw = {"a": "xx"}
    assert sized("t", len('{"a": "xx"}'), raw) is raw
    with pytest.raises(ToolOutputSizeError) as caught:
        sized("t", len('{"a": "xx"}') - 1, raw)
    assert (caught.value.size, caught.value.max_size) == (11, 10)


class Plain(BaseModel):
    value: float
    nested: dict[str, int] = {}


class OwnDump(Plain):
    def model_dump(self, **_: Any) -> dict[str, Any]:
        return {"own": self.value}


class OwnValidate(Plain):
    @classmethod
    def model_validate(cls, obj: Any, **_: Any) -> OwnValidate:
        return cls(value=99)


class Open(Plain):
    model_config = ConfigDict(extra="allow")


def _validated(model: type[BaseModel], raw: Any) -> BaseModel | ValidationError:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        return error


@pytest.mark.parametrize("model", [Plain, OwnDump, OwnValidate, Open])
@pytest.mark.parametrize("raw", [{"value": 1}, {"value": "2", "nested": {"a": "3"}, "more": 1}, {"value": "x"}, 5])
def test_validators_equal_the_models_own_methods(model: type[BaseModel], raw: Any) -> None:
    expected = _validated(model, raw)
    if isinstance(expected, ValidationError):
        with pytest.raises(ValidationError) as caught:
            giver(model)(raw)
        assert str(caught.value) == str(expected)
        return
    assert taker(model)(raw) == expected
    assert giver(model)(raw) == expected.model_dump()
    assert giver(model)(expected) == expected.model_dump()


class Listed(RootModel[list[int]]):
    pass


class Numbered(RootModel[dict[int, int]]):
    pass


class Joined(Plain):
    @model_serializer
    def _text(self) -> Any:
        return f"{self.value}"


class Dumped(Plain):
    def model_dump(self, **_: Any) -> Any:
        return None


@pytest.mark.parametrize(
    ("model", "raw"), [(Listed, [1]), (Numbered, {1: 2}), (Joined, {"value": 1}), (Dumped, {"value": 1})]
)
def test_outputs_that_are_dumped_to_no_mapping_are_the_calls_failure(model: type[BaseModel], raw: Any) -> None:
    with pytest.raises(TypeError, match=f"'{model.__name__}' is dumped to a"):
        giver(model)(raw)


class Forgetful(Plain):
    @model_validator(mode="after")
    def _forget(self) -> Any:
        return None


class Unwrapped(Plain):
    @model_validator(mode="wrap")
    @classmethod
    def _unwrap(cls, value: Any, validate: Callable[[Any], Plain]) -> Any:
        return dict(validate(value))


class Replaced(Plain):
    branches: list[Replaced] = []

    @model_validator(mode="wrap")
    @classmethod
    def _replace(cls, value: Any, validate: Callable[[Any], Plain]) -> Any:
        return Plain(value=1)


class Loose(Plain):
    @classmethod
    def model_validate(cls, obj: Any, **_: Any) -> Any:
        return obj


@pytest.mark.parametrize("model", [Forgetful, Unwrapped, Replaced, Loose])
def test_outputs_that_validators_make_something_else_of_are_the_calls_failure(model: type[BaseModel]) -> None:
    with pytest.raises(TypeError, match=f"the validators of '{model.__name__}' give a"):
        giver(model)({"value": 1})


def test_an_error_has_no_trace_of_the_way_that_was_tried_first() -> None:
    with pytest.raises(ValidationError) as caught:
        giver(Plain, "mapping")({"value": "x"})
    assert caught.value.__context__ is None


def test_modules_share_what_validates_for_a_tool() -> None:
    class Number(BaseModel):
        number: int

    @tool(description="Gives it back.")
    def same(given: Number) -> Number:
        return given

    takes, _, gives, *_ = bind_tool(same)
    assert bind_tool(same)[2] is gives
    Number.model_rebuild(force=True)
    assert bind_tool(same)[2] is not gives
    assert bind_tool(same)[2]({"number": 1}) == gives(takes({"number": 1})) == {"number": 1}
