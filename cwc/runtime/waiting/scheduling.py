"""Running steps as tasks within a limit, each as soon as it may begin."""

from __future__ import annotations

import asyncio
from bisect import insort
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextvars import copy_context
from operator import neg
from time import perf_counter_ns as clock
from typing import Any, Final

from cwc.runtime.steps import Done, Ended, Outputs

Begun = Coroutine[Any, Any, Outputs]
"""A call of a step function, which does nothing until it is awaited."""
Outcome = Ended | BaseException
"""What came of a step: what it returned and the clock when it began and ended, or what it raised."""
Dataflow = Callable[[Done], Begun]
"""A step that is given what came of the steps that it waited for."""


class NotRun(Exception):
    """The outcome of a step that was not begun, because a step before it had failed."""


NOT_RUN: Final = NotRun()


async def dataflow(limit: int, runs: Sequence[Dataflow], waits_for: Sequence[Sequence[int]]) -> list[Outcome]:
    """Run steps as soon as the steps that they wait for have succeeded, at most ``limit`` at once, by lowest index.

    ``waits_for`` are lower indices. Once a step has failed none of a higher index is begun; those of lower indices
    are, so that the first failure in order is the one that running them in order would have met. All that began run to
    their end. Where the caller is cancelled they are cancelled, and waited for.
    """
    return await _Dataflow(limit, runs, waits_for).ended()


async def cancelled(tasks: Iterable[asyncio.Task[None]], error: BaseException) -> None:
    """Cancel tasks because of an error, and wait until they have ended."""
    if isinstance(error, GeneratorExit):
        # The caller is thrown away with its event loop, in which nothing runs any more.
        return
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def ends_loop(error: BaseException) -> bool:
    """Whether the event loop has to be given what a step raised, because that ends it."""
    if not isinstance(error, KeyboardInterrupt | SystemExit):
        return False
    task = asyncio.current_task()
    if task is not None:
        # Whoever waits for the step is told in another way, and the task would complain that nobody asked it.
        task.add_done_callback(asyncio.Task.exception)
    return True


class Scheduled:
    """Steps that run as tasks, each in a copy of the caller's context: what came of them, and what may begin.

    A task begins itself what may begin when its step has ended: that takes the event loop one turn. ``ready`` are the
    indices of steps that may begin, the lowest last; ``call`` calls the step of an index.
    """

    def __init__(self, limit: int, count: int, call: Callable[[int], Begun]) -> None:
        self.limit, self.call = limit, call
        self.outcomes: list[Outcome] = [NOT_RUN] * count
        self.ready = [*range(count - 1, -1, -1)]
        self.tasks: dict[int, asyncio.Task[None]] = {}
        self.running = 0
        self.is_beginning = False
        self.loop, self.context = asyncio.get_running_loop(), copy_context()
        self.all_ended: asyncio.Future[None] = self.loop.create_future()

    async def ended(self) -> list[Outcome]:
        """Run the steps, until none runs any more."""
        self.begin()
        try:
            await self.all_ended
        except BaseException as error:
            await cancelled(self.tasks.values(), error)
            raise
        return self.outcomes

    def begin(self) -> None:
        """Begin what can begin, in order."""
        if self.is_beginning or self.all_ended.done():
            # An event loop may run a task as soon as it is created (`asyncio.eager_task_factory`).
            return
        self.is_beginning, begun = True, []
        while self.ready and self.running < self.limit:
            index = self.ready.pop()
            self.running += 1
            self.tasks[index] = self.context.run(self.loop.create_task, self.run(index))
            begun.append(index)
        self.is_beginning = False
        if begun:
            self.loop.call_soon(self.look, begun)
        if not self.running:
            self.all_ended.set_result(None)

    async def run(self, index: int) -> None:
        start = clock()
        try:
            self.outcomes[index] = await self.call(index), (start, clock())
        except BaseException as error:
            if self.loop.is_closed():
                # The task is thrown away with its loop, and whoever would wait for it.
                raise
            self.outcomes[index] = error
            if ends_loop(error):
                self.end(index)
                raise
        self.end(index)

    def end(self, index: int) -> None:
        """A step has ended: what can begin now does so."""
        self.tasks.pop(index, None)
        self.running -= 1
        self.tell(index)
        self.begin()

    def tell(self, index: int) -> None:
        """What the end of a step means for those that have not begun."""

    def look(self, begun: Sequence[int]) -> None:
        """End the steps whose tasks were cancelled before they began: those do not do it themselves."""
        for index in begun:
            task = self.tasks.get(index)
            if task is not None and task.cancelled():
                self.outcomes[index] = asyncio.CancelledError()
                self.call(index).close()
                self.end(index)


class _Dataflow(Scheduled):
    """Steps that wait for others: how many each still waits for, and which wait for it."""

    def __init__(self, limit: int, runs: Sequence[Dataflow], waits_for: Sequence[Sequence[int]]) -> None:
        super().__init__(limit, len(runs), lambda index: runs[index](outcomes))
        outcomes = self.outcomes
        self.waiting = [len(names) for names in waits_for]
        self.readers: list[list[int]] = [[] for _ in runs]
        for index, names in enumerate(waits_for):
            for name in names:
                self.readers[name].append(index)
        self.ready = [index for index in self.ready if not self.waiting[index]]
        self.first_failed = len(runs)

    def tell(self, index: int) -> None:
        if isinstance(self.outcomes[index], BaseException):
            self.first_failed = min(self.first_failed, index)
            self.ready = [each for each in self.ready if each < self.first_failed]
            return
        for reader in self.readers[index]:
            self.waiting[reader] -= 1
            if not self.waiting[reader] and reader < self.first_failed:
                insort(self.ready, reader, key=neg)
