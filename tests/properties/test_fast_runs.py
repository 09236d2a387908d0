"""Runs that keep no state, and levels without a limit, are what runs and levels of any kind are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from itertools import product
from types import MappingProxyType
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

import cwc
import cwc.runtime
from cwc.runtime.flow import Flow
from cwc.runtime.steps import Outputs
from cwc.runtime.waiting.concurrency import together
from cwc.runtime.waiting.scheduling import Begun, Scheduled
from tests.dag_strategies import dag_flows
from tests.differential.reference import _outcome as outcome_of
from tests.differential.reference import compiled, schemas_of
from tests.properties.test_lanes import built, dags
from tests.properties.test_lanes import outcome as told_by
from tests.strategies import FlowCase, linear_flows

STATUSES = st.sampled_from(("active", "active", "active", "active", "disabled"))


@given(st.one_of(linear_flows(), linear_flows(), dag_flows()), STATUSES)
def test_a_run_of_a_plain_mapping_is_a_run(case: FlowCase, status: str) -> None:
    with schemas_of(case) as flow:
        try:
            ours = compiled(case, flow | {"status": status})
        except cwc.CompileError:
            assume(False)
            raise
        options: tuple[Any, ...] = ({}, {"dynamic_params": case.dynamic}) if case.dynamic else ({},)
        for inputs, lane, passed in product(case.inputs, ("sync", "async"), options):
            # Any other mapping than a dict goes the long way.
            assert run_of(ours, inputs, lane, passed) == run_of(ours, MappingProxyType(inputs), lane, passed)


def run_of(flow: Flow[Any], given: Any, lane: str, options: dict[str, Any]) -> tuple[Any, ...]:
    """What came of a run: log lines, records, and all that is said of a failure and of the input."""
    held: list[Any] = []

    def run() -> Any:
        held.append(flow.run(given, **options) if lane == "sync" else asyncio.run(flow.run_async(given, **options)))
        return held[0]

    shown = outcome_of(run, "cwc.flow")
    if not held:
        return (shown,)
    result, error = held[0], held[0].failure
    assert result.initial_input is not given
    told = (type(error), str(error), getattr(error, "__notes__", []), repr(error and error.__cause__))
    return shown, result.initial_input, result.flow_name, len(result.trace_id), told


@settings(max_examples=settings().max_examples // 2)
@given(dags(), st.integers(-3, 12))
def test_a_run_of_a_dag_is_a_run(flow: dict[str, Any], x: int) -> None:
    ours = built(flow, "levels")
    if ours is not None:
        plainly: Any = MappingProxyType({"x": x})
        assert told_by(partial(ours.run, {"x": x})) == told_by(partial(ours.run, plainly))


Raises = st.sampled_from([None, None, None, ValueError, StopAsyncIteration, GeneratorExit, asyncio.CancelledError])


@given(st.lists(st.tuples(st.integers(0, 3), Raises), min_size=2, max_size=8), st.none() | st.integers(0, 4))
def test_a_level_without_a_limit_is_one_within_it(
    steps: list[tuple[int, type[BaseException] | None]], cancelled_at: int | None
) -> None:
    """``steps`` take some turns of the loop and may raise; the caller may be cancelled at some turn."""

    async def told(begin: Callable[[Sequence[Begun]], Coroutine[Any, Any, Any]]) -> tuple[Any, ...]:
        happened: list[tuple[str, int]] = []

        async def work(index: int, turns: int, error: type[BaseException] | None) -> Outputs:
            happened.append(("begins", index))
            try:
                for _ in range(turns):
                    await asyncio.sleep(0)
                if error is not None:
                    raise error
            finally:
                happened.append(("ends", index))
            return {"index": index}

        calls = [work(index, *step) for index, step in enumerate(steps)]
        task = asyncio.ensure_future(begin(calls))
        if cancelled_at is not None:
            for _ in range(cancelled_at):
                await asyncio.sleep(0)
            task.cancel()
        await asyncio.wait([task])
        for call in calls:
            call.close()
        if task.cancelled():
            return "cancelled", happened, asyncio.all_tasks() == {asyncio.current_task()}
        outcomes = [each[0] if isinstance(each, tuple) else type(each) for each in task.result()]
        return outcomes, happened, asyncio.all_tasks() == {asyncio.current_task()}

    async def within_limit(calls: Sequence[Begun]) -> list[Any]:
        return await Scheduled(len(calls), len(calls), calls.__getitem__).ended()

    async def at_once(calls: Sequence[Begun]) -> list[Any]:
        return await together(len(calls), *calls)

    found, expected = asyncio.run(told(at_once)), asyncio.run(told(within_limit))
    # One of them takes a turn more until it hears that all have ended, in which a caller may still be cancelled.
    assert found == expected or (cancelled_at is not None and found[1:] == expected[1:])
    assert found[-1]
