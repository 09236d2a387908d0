"""Steps at once, from inside: how many, in which order, in whose context, and how soon the next begins."""

from __future__ import annotations

import asyncio
import contextvars
import gc
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from cwc.runtime.steps import Outputs
from cwc.runtime.waiting.scheduling import NotRun
from cwc.runtime.waiting.waits import dataflow, settled, together

Work = Callable[[int], Awaitable[None]]
AtOnce = Callable[[int, int, Work], Coroutine[Any, Any, list[Any]]]
"""Runs a number of steps within a limit; each does some work."""


async def as_level(limit: int, count: int, work: Work) -> list[Any]:
    return await together(limit, *(step(index, work) for index in range(count)))


async def as_dataflow(limit: int, count: int, work: Work) -> list[Any]:
    def begins(index: int) -> Callable[[object], Coroutine[Any, Any, Outputs]]:
        return lambda done: step(index, work)

    return await dataflow(limit, [begins(index) for index in range(count)], [()] * count)


async def step(index: int, work: Work) -> Outputs:
    await work(index)
    return {"index": index}


WAYS = pytest.mark.parametrize("at_once", [as_level, as_dataflow])


class Turns:
    """Counts the turns of the event loop."""

    def __init__(self) -> None:
        self.count = 0
        self.turn()

    def turn(self) -> None:
        self.count += 1
        self.handle = asyncio.get_running_loop().call_soon(self.turn)


def run(main: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns, unless it hangs."""
    return asyncio.run(asyncio.wait_for(main, 20))


@WAYS
@pytest.mark.parametrize("limit", [1, 2, 5, 6, 100])
def test_no_more_than_the_limit_run_and_they_begin_in_order(at_once: AtOnce, limit: int) -> None:
    running: set[int] = set()
    begun: list[int] = []
    most = 0

    async def work(index: int) -> None:
        nonlocal most
        begun.append(index)
        running.add(index)
        most = max(most, len(running))
        for _ in range(index % 3):
            await asyncio.sleep(0)
        running.remove(index)

    outcomes = run(at_once(limit, 6, work))
    assert [settled(outcomes, index)[0] for index in range(6)] == [{"index": index} for index in range(6)]
    assert begun == [*range(6)]
    assert most <= limit
    assert most > 1 or limit == 1


@WAYS
@pytest.mark.parametrize("limit", [2, 6])
def test_each_step_has_a_context_of_its_own(at_once: AtOnce, limit: int) -> None:
    variable = contextvars.ContextVar("variable", default="nobody's")
    seen = []

    async def work(index: int) -> None:
        seen.append(variable.get())
        variable.set(f"of step {index}")
        await asyncio.sleep(0)
        seen.append(variable.get())

    async def main() -> None:
        variable.set("the caller's")
        await at_once(limit, 6, work)
        assert variable.get() == "the caller's"

    run(main())
    assert sorted(seen) == sorted([*(f"of step {index}" for index in range(6)), *["the caller's"] * 6])


@WAYS
@pytest.mark.parametrize("limit", [1, 2, 6])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_caller_that_is_cancelled_at_any_turn_leaves_nothing(at_once: AtOnce, limit: int, turns: int) -> None:
    ended = []

    async def work(index: int) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            ended.append(index)

    async def main() -> None:
        task = asyncio.create_task(at_once(limit, 6, work))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())
    assert ended == [*range(len(ended))]
    assert len(ended) <= limit


@WAYS
@pytest.mark.parametrize("limit", [2, 6])
def test_a_caller_that_is_cancelled_waits_for_steps_that_do_not_stop(at_once: AtOnce, limit: int) -> None:
    ended = []

    async def work(index: int) -> None:
        for _ in range(3):
            try:
                await asyncio.sleep(0.001)
            except asyncio.CancelledError:
                await asyncio.sleep(0)
        ended.append(index)

    async def main() -> None:
        task = asyncio.create_task(at_once(limit, 6, work))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())
    assert sorted(ended) == [*range(limit)]


@WAYS
@pytest.mark.parametrize("limit", [2, 6])
def test_a_step_that_is_cancelled_before_it_began_has_ended(at_once: AtOnce, limit: int) -> None:
    async def main() -> list[Any]:
        others = asyncio.all_tasks()

        async def work(index: int) -> None:
            if index == 0:
                for task in asyncio.all_tasks() - others - {asyncio.current_task()}:
                    task.cancel()
            await asyncio.sleep(0)

        return await at_once(limit, 6, work)

    outcomes = run(main())
    assert settled(outcomes, 0)[0] == {"index": 0}
    cancelled = [isinstance(outcome, asyncio.CancelledError) for outcome in outcomes]
    assert any(cancelled)
    with pytest.raises(asyncio.CancelledError):
        settled(outcomes, cancelled.index(True))


class Odd(BaseException):
    pass


@WAYS
@pytest.mark.parametrize("limit", [2, 6])
@pytest.mark.parametrize("kind", [ValueError, StopAsyncIteration, asyncio.CancelledError, GeneratorExit, Odd])
def test_whatever_a_step_raises_comes_of_it(at_once: AtOnce, limit: int, kind: type[BaseException]) -> None:
    async def work(index: int) -> None:
        await asyncio.sleep(0)
        if index == 2:
            raise kind

    outcomes = run(at_once(limit, 6, work))
    assert type(outcomes[2]) is kind
    assert settled(outcomes, 1)[0] == {"index": 1}


@WAYS
@pytest.mark.parametrize("limit", [2, 6])
@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_loop_does_so_and_the_caller_hears_of_it(
    at_once: AtOnce, limit: int, kind: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    async def work(index: int) -> None:
        await asyncio.sleep(0)
        if index == 1:
            raise kind

    loop = asyncio.new_event_loop()
    task = loop.create_task(at_once(limit, 2, work))
    with pytest.raises(kind):
        loop.run_until_complete(task)
    # Whoever runs the loop may go on with it.
    outcomes = loop.run_until_complete(task)
    loop.close()
    assert type(outcomes[1]) is kind
    del task
    gc.collect()
    assert "never retrieved" not in caplog.text


@WAYS
@pytest.mark.parametrize("limit", [2, 6])
def test_a_loop_that_is_closed_amid_a_level_says_nothing_of_it(at_once: AtOnce, limit: int) -> None:
    async def work(index: int) -> None:
        await asyncio.sleep(60)

    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)
    task = loop.create_task(at_once(limit, 6, work))
    loop.run_until_complete(asyncio.sleep(0))
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    # What is raised in a coroutine that is thrown away would be a warning, which is an error here.
    del task
    gc.collect()


@WAYS
@pytest.mark.parametrize("limit", [2, 6])
def test_the_caller_goes_on_in_the_turn_after_the_last_end(at_once: AtOnce, limit: int) -> None:
    async def main() -> None:
        turns, last = Turns(), 0

        async def work(index: int) -> None:
            nonlocal last
            await asyncio.sleep(0.001)
            last = turns.count

        await at_once(limit, 6, work)
        assert turns.count - last <= 1
        turns.handle.cancel()

    asyncio.run(main())


def test_a_reader_begins_in_the_turn_after_its_writer_has_ended() -> None:
    ends: list[int] = []
    begins: list[int] = []

    async def main() -> None:
        turns = Turns()

        async def link(index: int) -> Outputs:
            begins.append(turns.count)
            await asyncio.sleep(0.001)
            ends.append(turns.count)
            return {}

        def begin(index: int) -> Callable[[object], Coroutine[Any, Any, Outputs]]:
            return lambda done: link(index)

        await dataflow(4, [begin(index) for index in range(4)], [(), (0,), (1,), (2,)])
        turns.handle.cancel()

    asyncio.run(main())
    assert all(begin - end <= 1 for begin, end in zip(begins[1:], ends, strict=False))


def test_after_a_failure_a_dataflow_begins_only_what_comes_before_it() -> None:
    begun = []

    def begin(index: int, turns: int, *, fails: bool = False) -> Callable[[object], Coroutine[Any, Any, Outputs]]:
        async def work() -> Outputs:
            begun.append(index)
            for _ in range(turns):
                await asyncio.sleep(0)
            if fails:
                raise ValueError(index)
            return {}

        return lambda done: work()

    # Step 2 waits for 0, which ends after 1 has failed; 3 waits for 2, and 4 comes after it.
    runs = [begin(0, 5), begin(1, 1), begin(2, 1), begin(3, 1, fails=True), begin(4, 9), begin(5, 0)]
    outcomes = run(dataflow(3, runs, [(), (), (0,), (1,), (), (4,)]))
    assert begun == [0, 1, 4, 3, 2]
    assert [type(outcome) for outcome in outcomes] == [tuple, tuple, tuple, ValueError, tuple, NotRun]


@pytest.mark.skipif(not hasattr(asyncio, "eager_task_factory"), reason="Python 3.12 has eager tasks")
@WAYS
@pytest.mark.parametrize("limit", [2, 600, 1000])
def test_tasks_may_run_as_soon_as_they_are_created(at_once: AtOnce, limit: int) -> None:
    async def work(index: int) -> None:
        for _ in range(index % 2):
            await asyncio.sleep(0)

    async def main() -> list[Any]:
        asyncio.get_running_loop().set_task_factory(getattr(asyncio, "eager_task_factory", None))
        return await at_once(limit, 1000, work)

    outcomes = asyncio.run(main())
    assert [settled(outcomes, index)[0] for index in range(1000)] == [{"index": index} for index in range(1000)]
