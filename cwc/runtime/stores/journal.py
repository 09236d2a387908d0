"""The journal of a run: what a step gives is recorded before any other begins, and a recorded step answers from it.

So going on with a run is running its body again: its steps that are recorded are passed by, whatever lies between them
is executed, and the flow is static, so that every step has the name that it had.
"""

from __future__ import annotations

import contextlib
import copy
import os
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cwc.runtime.around import Around, Ask
from cwc.runtime.errors import CheckpointDriftError, CheckpointEncodingError, CwcError, RunFencedError
from cwc.runtime.raised import Abort
from cwc.runtime.results import ExecutionResult, time_from_ns
from cwc.runtime.run import Contract, Run
from cwc.runtime.steps import Outputs, Step, Told
from cwc.runtime.stores.checkpoints import DECISION, Checkpointer, Owner, Row, RunStart
from cwc.runtime.stores.not_kept import NotKept


@dataclass(slots=True)
class Journal:
    """What a checkpointer holds of one run and the runs inside of it.

    ``rows`` are what was recorded of it before. ``lost`` is why nothing can be recorded any more.
    """

    checkpointer: Checkpointer
    owner: Owner | None = None
    rows: Mapping[str, Row] = field(default_factory=dict)
    process: int = field(default_factory=os.getpid)
    lost: CwcError | None = None

    def begin(self, run: Run) -> Generator[Ask | None, Any, None]:
        """Record that a run begins, unless it is one that is gone on with.

        Raises CheckpointExistsError, CheckpointStoreError, and CheckpointEncodingError for what the run was given.
        """
        if self.owner is None:
            flow = run.flow
            start = RunStart(
                run.name(),
                flow.name,
                flow.version,
                flow.identity,
                run.initial,
                None if run.dynamic_params is None else dict(run.dynamic_params),
                run.force,
                run.wall,
            )
            with encoding_errors(flow.name, -1):
                self.owner = yield Ask(self.checkpointer.begin, start, on_async=self.checkpointer.begin_async)

    def around(self, path: str, flow_name: str) -> Around:
        """The service of a flow's steps. ``path`` stands before their names."""

        def through(step: Step, values: tuple[Any, ...]) -> Generator[Ask | None, Any, Outputs]:
            if step.flow_name is not None:
                # Its flow's steps are recorded one by one; the flow is run again over them.
                outputs: Outputs = yield None
                return outputs
            name = step.name_in(path)
            if name in self.rows:
                return _restored(self.rows[name])
            if self.lost is not None:
                # Others of its level are told by their own commits; this one need not begin.
                raise Abort(copy.copy(self.lost))
            started = time.time_ns()
            outputs = yield None
            facts = outputs.facts if isinstance(outputs, Told) else {}
            row = Row(dict(outputs), facts, started, time.time_ns())
            yield Ask(self._record, flow_name, step.index, name, row, on_async=self._record_async)
            return outputs

        return through

    def has_decisions(self, path: str) -> bool:
        """Whether a decision of the flow at this path is recorded."""
        return any(name.startswith(DECISION + path) for name in self.rows)

    def decision(self, path: str, index: int) -> Mapping[str, Any] | None:
        """What was decided for a step, as `record_decision` was given it."""
        row = self.rows.get(f"{DECISION}{path}{index}")
        return None if row is None else row.outputs

    def record_decision(self, path: str, flow_name: str, index: int, decision: Outputs) -> None:
        """Record what was decided before it takes effect: a step that runs again is given the same tool."""
        now = time.time_ns()
        self._record(flow_name, index, f"{DECISION}{path}{index}", Row(decision, {}, now, now))

    def end(
        self, failure: BaseException | None, result: ExecutionResult[Any] | None
    ) -> Generator[Ask | None, Any, None]:
        """Record that the run has ended.

        Raises RunFencedError if it is somebody else's by now, and CheckpointStoreError, both with the ``result``.
        """
        if isinstance(failure, RunFencedError):
            return
        error = None if failure is None else f"{type(failure).__name__}: {failure}".removesuffix(": ")
        try:
            finish = self.checkpointer.finish
            yield Ask(finish, self._owned(), error, on_async=self.checkpointer.finish_async)
        except CwcError as raised:
            raised.partial_result = result
            raise

    def _record(self, flow_name: str, index: int, name: str, row: Row) -> None:
        with self._aborting(flow_name, index):
            self.checkpointer.record(self._owned(), name, row)

    async def _record_async(self, flow_name: str, index: int, name: str, row: Row) -> None:
        with self._aborting(flow_name, index):
            await self.checkpointer.record_async(self._owned(), name, row)

    @contextlib.contextmanager
    def _aborting(self, flow_name: str, index: int) -> Iterator[None]:
        """End the run with what goes wrong in recording, whatever its flow does about steps that fail."""
        try:
            with encoding_errors(flow_name, index):
                yield
        except CwcError as error:
            if not isinstance(error, CheckpointEncodingError):
                self.lost = error
            raise Abort(error) from error

    def _owned(self) -> Owner:
        assert self.owner is not None
        if os.getpid() != self.process:
            # A process that a tool has forked, and that returns from the tool, has the run only by mistake.
            raise RunFencedError(self.owner.trace_id, self.owner.flow_name)
        return self.owner


@contextlib.contextmanager
def encoding_errors(flow_name: str, index: int) -> Iterator[None]:
    """Raise CheckpointEncodingError for values of a step, or of the input (-1), that would not come back the same."""
    try:
        yield
    except NotKept as error:
        raise CheckpointEncodingError(flow_name, index, error.pointer, error.detail) from error


def found(checkpointer: Checkpointer, trace_id: str, flow: Contract) -> RunStart:
    """What a run of a flow began with; its owner is not disturbed.

    Raises CheckpointNotFoundError, CheckpointVersionError, CheckpointStoreError, and CheckpointDriftError unless the
    flow and its tools are what they were.
    """
    start = checkpointer.load(trace_id)
    if start.flow_name != flow.name:
        raise CheckpointDriftError(trace_id, start.flow_name, f"it is no run of flow '{flow.name}'")
    before, now = dict(start.identity), dict(flow.identity)
    if before != now:
        changed = next(name for name in (*now, *before) if before.get(name) != now.get(name))
        raise CheckpointDriftError(trace_id, flow.name, f"{changed} has changed")
    return start


def taken_over(checkpointer: Checkpointer, trace_id: str) -> Journal:
    """The journal of a run that is to be gone on with. Whoever had the run can record nothing from now on."""
    owner, rows = checkpointer.take_over(trace_id)
    return Journal(checkpointer, owner, rows)


def _restored(row: Row) -> Outputs:
    """The outputs of a step that was recorded, with all of its record, times included."""
    times = {
        "started_at": time_from_ns(row.started_ns),
        "ended_at": time_from_ns(row.ended_ns),
        "duration_ms": (row.ended_ns - row.started_ns) / 1e6,
    }
    return Told(row.outputs, **row.facts, **times)
