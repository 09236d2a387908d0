"""What a run leaves to be gone on with: the protocol of checkpointers, and the one that keeps it in memory."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, Protocol

from cwc.runtime import forks
from cwc.runtime.errors import CheckpointExistsError, CheckpointNotFoundError, RunFencedError
from cwc.runtime.steps import Outputs
from cwc.runtime.stores.not_kept import NotKept
from cwc.runtime.waiting.calls import in_thread

DECISION: Final = "~?"
"""What the name of a decision begins with. In names of steps there is no ``~`` but before 0 and 1."""

Status = Literal["open", "failed", "finished"]
"""An open run is running, or was when its process ended: a checkpointer cannot tell."""


@dataclass(frozen=True, slots=True)
class RunStart:
    """What a run began with. ``identity`` is what its flow and tools are known by; ``started_ns`` as ``time_ns()``."""

    trace_id: str
    flow_name: str
    flow_version: str
    identity: Mapping[str, str]
    initial_input: Outputs
    dynamic_params: Outputs | None
    force: bool
    started_ns: int


@dataclass(frozen=True, slots=True)
class Row:
    """What is recorded of one step: outputs, facts of its record, and when it began and ended (as ``time_ns()``)."""

    outputs: Outputs
    facts: dict[str, Any]
    started_ns: int
    ended_ns: int


@dataclass(frozen=True, slots=True)
class Owner:
    """The right to record steps of a run. It ends when somebody else takes the run over: the epoch is another then.

    ``key`` tells runs apart that were recorded under one trace id one after the other.
    """

    trace_id: str
    flow_name: str
    key: int
    epoch: int


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run as an operator sees it. ``last_step`` is the step that was recorded last."""

    trace_id: str
    flow_name: str
    flow_version: str
    status: Status
    started_ns: int
    steps: int
    last_step: str | None
    error: str | None


class Checkpointer(Protocol):
    """Where runs are recorded, one row for each (run, step name); safe to be used by any number of threads and runs.

    Names that begin with `DECISION` are decisions, not steps. Methods raise RunFencedError for an owner whose run was
    taken over, deleted or begun anew, CheckpointNotFoundError for a trace id that is not there, CheckpointStoreError
    where the store cannot be used, and `NotKept` for a value that would not come back the same.
    """

    def begin(self, start: RunStart) -> Owner:
        """Record that a run begins. Raises CheckpointExistsError if there is one of its trace id."""
        ...

    async def begin_async(self, start: RunStart) -> Owner:
        """As `begin`, on the async lane."""
        owner: Owner = await in_thread(self.begin, start)
        return owner

    def load(self, trace_id: str) -> RunStart:
        """What a run began with; its owner is not disturbed."""
        ...

    def take_over(self, trace_id: str) -> tuple[Owner, dict[str, Row]]:
        """Become the owner of a run; what is recorded of it, by name."""
        ...

    def record(self, owner: Owner, name: str, row: Row) -> None:
        """Record a step; when this returns, the row outlives the process."""
        ...

    async def record_async(self, owner: Owner, name: str, row: Row) -> None:
        """As `record`, on the async lane."""
        await in_thread(self.record, owner, name, row)

    def finish(self, owner: Owner, error: str | None) -> None:
        """The run has ended, in ``error`` or well; in an error it is kept."""
        ...

    async def finish_async(self, owner: Owner, error: str | None) -> None:
        """As `finish`, on the async lane."""
        await in_thread(self.finish, owner, error)

    def runs(self) -> list[RunSummary]:
        """All runs, in the order in which they began."""
        ...

    def discard(self, trace_id: str) -> None:
        """Forget a run; if it is running, it stops before its next step."""
        ...


@dataclass(slots=True)
class _Kept:
    start: RunStart
    owner: Owner
    rows: dict[str, Row] = field(default_factory=dict)
    status: Status = "open"
    error: str | None = None


class InMemoryCheckpointer(Checkpointer):
    """Keeps runs in this process, as deep copies. With ``delete_on_success`` a run that ended well is forgotten."""

    def __init__(self, *, delete_on_success: bool = True) -> None:
        self._delete_on_success = delete_on_success
        self._lock = forks.lock()
        self._runs: dict[str, _Kept] = {}
        self._keys = 0

    def begin(self, start: RunStart) -> Owner:
        given = _copied(start.initial_input)
        dynamic = None if start.dynamic_params is None else _copied(start.dynamic_params)
        with self._lock:
            if start.trace_id in self._runs:
                raise CheckpointExistsError(start.trace_id)
            self._keys += 1
            owner = Owner(start.trace_id, start.flow_name, self._keys, 1)
            kept = replace(start, initial_input=given, dynamic_params=dynamic)
            self._runs[start.trace_id] = _Kept(kept, owner)
        return owner

    async def begin_async(self, start: RunStart) -> Owner:
        return self.begin(start)

    def load(self, trace_id: str) -> RunStart:
        with self._lock:
            return copy.deepcopy(self._found(trace_id).start)

    def take_over(self, trace_id: str) -> tuple[Owner, dict[str, Row]]:
        with self._lock:
            kept = self._found(trace_id)
            kept.owner = replace(kept.owner, epoch=kept.owner.epoch + 1)
            return kept.owner, copy.deepcopy(kept.rows)

    def record(self, owner: Owner, name: str, row: Row) -> None:
        kept = replace(row, outputs=_copied(row.outputs), facts=_copied(row.facts))
        with self._lock:
            self._owned(owner).rows[name] = kept

    async def record_async(self, owner: Owner, name: str, row: Row) -> None:
        self.record(owner, name, row)

    def finish(self, owner: Owner, error: str | None) -> None:
        with self._lock:
            kept = self._owned(owner)
            if error is None and self._delete_on_success:
                del self._runs[owner.trace_id]
            else:
                kept.status, kept.error = "failed" if error is not None else "finished", error

    async def finish_async(self, owner: Owner, error: str | None) -> None:
        self.finish(owner, error)

    def runs(self) -> list[RunSummary]:
        with self._lock:
            return [_summary(kept) for kept in self._runs.values()]

    def discard(self, trace_id: str) -> None:
        with self._lock:
            self._found(trace_id)
            del self._runs[trace_id]

    def _found(self, trace_id: str) -> _Kept:
        try:
            return self._runs[trace_id]
        except KeyError:
            raise CheckpointNotFoundError(trace_id) from None

    def _owned(self, owner: Owner) -> _Kept:
        kept = self._runs.get(owner.trace_id)
        if kept is None or kept.owner != owner:
            raise RunFencedError(owner.trace_id, owner.flow_name)
        return kept


def _summary(kept: _Kept) -> RunSummary:
    start = kept.start
    steps = [name for name in kept.rows if not name.startswith(DECISION)]
    last = steps[-1] if steps else None
    return RunSummary(
        start.trace_id, start.flow_name, start.flow_version, kept.status, start.started_ns, len(steps), last, kept.error
    )


def _copied(values: Outputs) -> Outputs:
    """A deep copy. Raises NotKept, with the key, for what cannot be copied."""
    copies: Outputs = {}
    for key, value in values.items():
        try:
            copies[key] = copy.deepcopy(value)
        except Exception as error:
            kept = NotKept(f"it cannot be copied: {type(error).__name__}: {error}")
            kept.tokens.append(str(key))
            raise kept from error
    return copies
