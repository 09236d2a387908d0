"""Running the steps of a level at once: all of them to their end, and nothing left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from inspect import CORO_CREATED, getcoroutinestate
from time import perf_counter_ns as clock

from cwc.runtime.fast import stands_for
from cwc.runtime.waiting.scheduling import NOT_RUN, Begun, Outcome, Scheduled, cancelled, ends_loop


async def together(limit: int, *steps: Begun) -> list[Outcome]:
    """Run steps, at most ``limit`` at once, beginning in order; what came of each, in order.

    All of them run to their end, whatever fails. Where the caller is cancelled they are cancelled, and waited for.
    """
    try:
        if limit == 1:
            return [await _outcome(step) for step in steps]
        if limit < len(steps):
            return await Scheduled(limit, len(steps), steps.__getitem__).ended()
        return await _Level(steps).ended()
    except BaseException:
        for step in steps:
            if getcoroutinestate(step) == CORO_CREATED:
                # It would complain that nobody awaited it.
                step.close()
        raise


async def _outcome(step: Begun) -> Outcome:
    start = clock()
    try:
        return await step, (start, clock())
    except Exception as error:
        return error


class _Level:
    """Steps that all run at once, as tasks that count themselves: no callbacks, and one turn of the event loop less."""

    __slots__ = ("all_ended", "loop", "outcomes", "running", "steps")

    def __init__(self, steps: Sequence[Begun]) -> None:
        self.steps, self.running = steps, len(steps)
        self.outcomes: list[Outcome] = [NOT_RUN] * len(steps)
        self.loop = asyncio.get_running_loop()
        self.all_ended: asyncio.Future[None] | None = None

    @stands_for("`Scheduled`, with a limit that covers all steps")
    async def ended(self) -> list[Outcome]:
        """Run the steps to their end."""
        create, run = self.loop.create_task, self.run
        tasks = [create(run(index, step)) for index, step in enumerate(self.steps)]
        try:
            # Now all of them begin, and those that wait for nothing end as well.
            await asyncio.sleep(0)  # cwc: allow DET209 -- it gives the turn to the steps, and waits for no time
            if self.running:
                self.all_ended = self.loop.create_future()
                self.look(tasks)
                await self.all_ended
        except BaseException as error:
            await cancelled(tasks, error)
            raise
        return self.outcomes

    async def run(self, index: int, step: Begun) -> None:
        start = clock()
        try:
            self.outcomes[index] = await step, (start, clock())
        except BaseException as error:
            if self.loop.is_closed():
                # The task is thrown away with its loop, and whoever would wait for it.
                raise
            self.outcomes[index] = error
            if ends_loop(error):
                self.end()
                raise
        self.end()

    def end(self) -> None:
        self.running -= 1
        if not self.running and self.all_ended is not None and not self.all_ended.done():
            self.all_ended.set_result(None)

    def look(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        """Count the tasks that were cancelled before they began: they do not do it themselves."""
        for index, task in enumerate(tasks):
            if task.cancelled() and self.outcomes[index] is NOT_RUN:
                self.outcomes[index] = asyncio.CancelledError()
                self.steps[index].close()
                self.end()
