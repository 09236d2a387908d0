"""Runs that die at a commit, in this process, and results without what differs from run to run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from cwc.runtime.flow import Flow
from cwc.runtime.results import ExecutionResult
from cwc.runtime.stores.checkpoints import Checkpointer, Owner, Row, RunStart, RunSummary


class Crash(BaseException):
    """The process dies here."""


class Dying(Checkpointer):
    """A checkpointer whose process dies at its n-th commit of a step or decision: before it, or as soon as it is made.

    What is dead commits nothing any more.
    """

    def __init__(self, store: Checkpointer, at: int, *, before: bool = False) -> None:
        self.store, self.at, self.before = store, at, before
        self.commits = 0
        self.recorded: list[str] = []

    @property
    def is_dead(self) -> bool:
        return self.commits > self.at

    def begin(self, start: RunStart) -> Owner:
        return self.store.begin(start)

    async def begin_async(self, start: RunStart) -> Owner:
        return self.begin(start)

    def load(self, trace_id: str) -> RunStart:
        return self.store.load(trace_id)

    def take_over(self, trace_id: str) -> tuple[Owner, dict[str, Row]]:
        return self.store.take_over(trace_id)

    def record(self, owner: Owner, name: str, row: Row) -> None:
        was_dead = self.is_dead
        self.commits += 1
        if was_dead or (self.is_dead and self.before):
            raise Crash
        self.store.record(owner, name, row)
        self.recorded.append(name)
        if self.is_dead:
            raise Crash

    async def record_async(self, owner: Owner, name: str, row: Row) -> None:
        self.record(owner, name, row)

    def finish(self, owner: Owner, error: str | None) -> None:
        if self.is_dead:
            raise Crash
        self.store.finish(owner, error)

    async def finish_async(self, owner: Owner, error: str | None) -> None:
        self.finish(owner, error)

    def runs(self) -> list[RunSummary]:
        return self.store.runs()

    def discard(self, trace_id: str) -> None:
        self.store.discard(trace_id)


TIMES = ("started_at", "ended_at", "duration_ms", "total_duration_ms")


def told(result: ExecutionResult[Any], *, inside: bool = False) -> dict[str, Any]:
    """All of a result but its times, and but the ids of the runs inside of it."""
    shown = {name: value for name, value in result.model_dump().items() if name not in TIMES}
    shown["execution_log"] = [_told_record(record) for record in result.execution_log]
    if inside:
        del shown["trace_id"]
    return shown


def _told_record(record: Any) -> dict[str, Any]:
    shown = {name: getattr(record, name) for name in type(record).model_fields if name not in TIMES}
    if record.sub_result is not None:
        shown["sub_result"] = told(record.sub_result, inside=True)
    if record.decision is not None:
        shown["decision"] = record.decision.model_dump(exclude={"duration_ms"})
    return shown


def ran(flow: Flow[Any], lane: str, given: dict[str, Any], **arguments: Any) -> ExecutionResult[Any]:
    """Run a flow to its end on a lane."""
    if lane == "sync":
        return flow.run(given, **arguments)
    return asyncio.run(flow.run_async(given, **arguments))


def resumed(flow: Flow[Any], lane: str, trace_id: str, **arguments: Any) -> ExecutionResult[Any]:
    """Go on with a run to its end on a lane."""
    if lane == "sync":
        return flow.resume(trace_id, **arguments)
    return asyncio.run(flow.resume_async(trace_id, **arguments))


def outcome(run: Callable[[], ExecutionResult[Any]]) -> Any:
    """What a run comes to: its result, or the error that it raises and the result so far."""
    from cwc.runtime.errors import CwcError

    try:
        return told(run())
    except CwcError as error:
        return type(error).__name__, str(error), told(error.partial_result) if error.partial_result else None
