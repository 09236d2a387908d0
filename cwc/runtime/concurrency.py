"""Running the steps of a level at once: all of them to their end, and nothing left behind."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, Final

from cwc.runtime.steps import Ended, Outputs

Run = Callable[[], Coroutine[Any, Any, Ended]]
Outcome = Ended | BaseException
"""What came of a step: what it returned, or what it raised."""


async def together(limit: int, *runs: Run) -> list[Outcome]:
    """Run steps, at most ``limit`` at once, beginning in order; what came of each, in order.

    All of them run to their end, whatever fails. Where the caller is cancelled they are cancelled, and waited for.
    """
    if limit == 1:
        return [await _outcome(run) for run in runs]
    if limit >= len(runs):
        return await asyncio.gather(*(run() for run in runs), return_exceptions=True)
    semaphore = asyncio.Semaphore(limit)

    async def within_limit(run: Run) -> Ended:
        async with semaphore:
            return await run()

    return await asyncio.gather(*map(within_limit, runs), return_exceptions=True)


def settled(outcomes: Sequence[Outcome], position: int) -> Ended:
    """What a step returned; raises what it raised."""
    outcome = outcomes[position]
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


async def _outcome(run: Run) -> Outcome:
    try:
        return await run()
    except Exception as error:
        return error


Done = list[Any]
"""What came of the steps of a dataflow so far, by index."""
Dataflow = Callable[[Done], Coroutine[Any, Any, Ended]]
"""A step that is given what came of the steps that it waited for."""


class NotRun(Exception):
    """The outcome of a step that was not begun, because a step before it had failed."""


_NOT_RUN: Final = NotRun()


def given_by(done: Done, index: int) -> Outputs:
    """The outputs of a step that has succeeded."""
    outputs: Outputs = done[index][0]
    return outputs


async def dataflow(limit: int, runs: Sequence[Dataflow], waits_for: Sequence[Sequence[int]]) -> list[Outcome]:
    """Run steps as soon as the steps that they wait for have succeeded, at most ``limit`` at once, by lowest index.

    ``waits_for`` are lower indices. Once a step has failed none of a higher index is begun; those of lower indices
    are, so that the first failure in order is the one that running them in order would have met. All that began run to
    their end. Where the caller is cancelled they are cancelled, and waited for.
    """
    flow = _Dataflow(limit, runs, waits_for)
    try:
        await flow.done()
    finally:
        await flow.ended()
    return flow.outcomes


class _Dataflow:
    """The state of one dataflow: what has come of each step, and which are running."""

    def __init__(self, limit: int, runs: Sequence[Dataflow], waits_for: Sequence[Sequence[int]]) -> None:
        self.limit, self.runs = limit, runs
        self.outcomes: Done = [_NOT_RUN] * len(runs)
        self.waiting = [len(set(names)) for names in waits_for]
        self.readers: list[list[int]] = [[] for _ in runs]
        for index, names in enumerate(waits_for):
            for name in set(names):
                self.readers[name].append(index)
        self.ready = [index for index, count in enumerate(self.waiting) if not count]
        self.failed = len(runs)
        self.tasks: dict[int, asyncio.Task[Ended]] = {}
        self.all_done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def done(self) -> None:
        self.begin()
        await self.all_done

    async def ended(self) -> None:
        """Nothing runs any more: what still does is cancelled first."""
        for task in self.tasks.values():
            task.cancel()
        if self.tasks:
            await asyncio.gather(*self.tasks.values(), return_exceptions=True)

    def begin(self) -> None:
        """Begin what can begin, in order."""
        while self.ready and len(self.tasks) < self.limit:
            index = heapq.heappop(self.ready)
            if index < self.failed:
                task = asyncio.ensure_future(self.runs[index](self.outcomes))
                self.tasks[index] = task
                task.add_done_callback(partial(self.finish, index))
        if not self.tasks and not self.all_done.done():
            self.all_done.set_result(None)

    def finish(self, index: int, task: asyncio.Task[Ended]) -> None:
        self.tasks.pop(index, None)
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is None:
            self.outcomes[index] = task.result()
            for reader in self.readers[index]:
                self.waiting[reader] -= 1
                if not self.waiting[reader]:
                    heapq.heappush(self.ready, reader)
        else:
            self.outcomes[index] = error
            self.failed = min(self.failed, index)
        if not self.all_done.done():
            self.begin()
