"""The checkpointer that keeps runs in a SQLite file, so that they outlive the process, however it ends."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

from cwc.runtime.errors import (
    CheckpointExistsError,
    CheckpointNotFoundError,
    CheckpointStoreError,
    CheckpointVersionError,
    RunFencedError,
)
from cwc.runtime.stores.checkpoints import Checkpointer, Owner, Row, RunStart, RunSummary
from cwc.runtime.stores.commits import Commits, Write
from cwc.runtime.stores.encoding import UndecodableError, decode, encode
from cwc.runtime.stores.not_kept import NotKept
from cwc.runtime.stores.sqlite_file import Layout, SqliteFile

FORMAT: Final = 1
"""The format in which what a run records is encoded."""

LAYOUT: Final = Layout(
    application_id=0x63776372,
    version=1,
    tables=(
        "CREATE TABLE runs (key INTEGER PRIMARY KEY AUTOINCREMENT, trace_id TEXT NOT NULL UNIQUE,"
        " format INTEGER NOT NULL, epoch INTEGER NOT NULL, flow TEXT NOT NULL, version TEXT NOT NULL,"
        " identity TEXT NOT NULL, input TEXT NOT NULL, dynamic TEXT NOT NULL, force INTEGER NOT NULL,"
        " started INTEGER NOT NULL, status TEXT NOT NULL, ended INTEGER, error TEXT)",
        "CREATE TABLE steps (key INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,"
        " name TEXT NOT NULL, outputs TEXT NOT NULL, facts TEXT NOT NULL, started INTEGER NOT NULL,"
        " ended INTEGER NOT NULL, UNIQUE (run, name))",
    ),
)

_BEGIN = (
    "INSERT INTO runs (trace_id, format, epoch, flow, version, identity, input, dynamic, force, started, status)"
    " VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, 'open')"
)
_RECORD = (
    "INSERT OR REPLACE INTO steps (run, name, outputs, facts, started, ended)"
    " SELECT key, ?, ?, ?, ?, ? FROM runs WHERE key = ? AND epoch = ?"
)
_STEPS = (
    "SELECT CAST(name AS TEXT), outputs, facts, CAST(started AS INTEGER), CAST(ended AS INTEGER) FROM steps"
    " WHERE run = ?"
)
_DELETE = "DELETE FROM runs WHERE key = ? AND epoch = ?"
_END = "UPDATE runs SET status = ?, error = ?, ended = ? WHERE key = ? AND epoch = ?"
_SUMMARIES = (
    # Columns of SQLite hold values of any type, whatever they are declared as.
    "SELECT CAST(trace_id AS TEXT), CAST(flow AS TEXT), CAST(version AS TEXT), CAST(status AS TEXT),"
    " CAST(started AS INTEGER),"
    " (SELECT count(*) FROM steps WHERE run = runs.key AND substr(name, 1, 2) != '~?'),"
    " (SELECT CAST(name AS TEXT) FROM steps WHERE run = runs.key AND substr(name, 1, 2) != '~?'"
    " ORDER BY steps.key DESC LIMIT 1),"
    " CAST(error AS TEXT) FROM runs ORDER BY key"
)


class SqliteCheckpointer(Checkpointer):
    """Keeps runs in the SQLite file at ``path``, which any number of processes may use at once.

    Each step is a transaction that is on disk before the next step begins (write-ahead log, ``synchronous=FULL``).
    ``store_secrets`` allows Pydantic's secrets, which are then recorded as plain text. A run that ended well is
    deleted, or without ``delete_on_success`` kept, and deleted ``expire_after`` seconds later when some run begins
    (None: never). ``timeout`` is how many seconds to wait for another process that holds the file. With ``create``
    False the file must be there.

    Opens the file at first use; that, and every use, raises CheckpointStoreError where it is no such file, is damaged,
    or cannot be read or written.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        store_secrets: bool = False,
        delete_on_success: bool = True,
        expire_after: float | None = None,
        timeout: float = 30.0,
        create: bool = True,
    ) -> None:
        self._file = SqliteFile(path, LAYOUT, timeout=timeout, create=create)
        self._commits = Commits(self._file)
        self._secrets = store_secrets
        self._delete_on_success, self._expire_after = delete_on_success, expire_after

    def begin(self, start: RunStart) -> Owner:
        parameters = self._beginning(start)
        try:
            with _fitting():
                return _owner(start, self._commits.now(_BEGIN, *parameters))
        except sqlite3.IntegrityError:
            raise CheckpointExistsError(start.trace_id) from None

    async def begin_async(self, start: RunStart) -> Owner:
        parameters = self._beginning(start)
        try:
            with _fitting():
                return _owner(start, await self._commits.soon(_BEGIN, *parameters))
        except sqlite3.IntegrityError:
            raise CheckpointExistsError(start.trace_id) from None

    def load(self, trace_id: str) -> RunStart:
        columns = "format, flow, version, identity, input, dynamic, force, CAST(started AS INTEGER)"
        found = self._read(f"SELECT {columns} FROM runs WHERE trace_id = ?", _plain(trace_id))
        if not found:
            raise CheckpointNotFoundError(trace_id)
        format, flow, version, identity, given, dynamic, force, started = found[0]
        if format != FORMAT:
            raise CheckpointVersionError(trace_id, flow, str(format), str(FORMAT))
        given, identity = self._decoded(trace_id, given), self._decoded(trace_id, identity)
        dynamic = self._decoded(trace_id, dynamic, dict | None)
        return RunStart(trace_id, str(flow), str(version), identity, given, dynamic, bool(force), started)

    def take_over(self, trace_id: str) -> tuple[Owner, dict[str, Row]]:
        with self._file.transaction() as connection:
            connection.execute("UPDATE runs SET epoch = epoch + 1 WHERE trace_id = ?", (_plain(trace_id),))
            query = "SELECT key, epoch, flow FROM runs WHERE trace_id = ?"
            found = connection.execute(query, (_plain(trace_id),)).fetchone()
            if found is None:
                raise CheckpointNotFoundError(trace_id)
            key, epoch, flow = found
            steps = connection.execute(_STEPS, (key,))
            # Decoded inside of the transaction: who cannot read a run must not take it from its owner.
            rows = {
                name: Row(self._decoded(trace_id, outputs), self._decoded(trace_id, facts), started, ended)
                for name, outputs, facts, started, ended in steps
            }
        return Owner(trace_id, flow, key, epoch), rows

    def record(self, owner: Owner, name: str, row: Row) -> None:
        with _fitting():
            write = self._commits.now(_RECORD, *self._parameters(owner, name, row))
        self._check(owner, write)

    async def record_async(self, owner: Owner, name: str, row: Row) -> None:
        with _fitting():
            write = await self._commits.soon(_RECORD, *self._parameters(owner, name, row))
        self._check(owner, write)

    def finish(self, owner: Owner, error: str | None) -> None:
        statement, parameters = self._ending(owner, error)
        self._check(owner, self._commits.now(statement, *parameters))

    async def finish_async(self, owner: Owner, error: str | None) -> None:
        statement, parameters = self._ending(owner, error)
        self._check(owner, await self._commits.soon(statement, *parameters))

    def runs(self) -> list[RunSummary]:
        return [RunSummary(*found) for found in self._read(_SUMMARIES)]

    def discard(self, trace_id: str) -> None:
        if not self._commits.now("DELETE FROM runs WHERE trace_id = ?", _plain(trace_id)).count:
            raise CheckpointNotFoundError(trace_id)

    def expire(self, seconds: float) -> int:
        """Delete the runs that ended well more than ``seconds`` ago; how many there were."""
        before = time.time_ns() - int(seconds * 1e9)
        return self._commits.now("DELETE FROM runs WHERE status = 'finished' AND ended < ?", before).count

    def close(self) -> None:
        """Close the file; it is opened again when it is used again."""
        with self._file.lock:
            self._file.close()

    def _read(self, query: str, *parameters: Any) -> Sequence[Any]:
        with self._file.lock, self._file.errors():
            return self._file.connection().execute(query, parameters).fetchall()

    def _decoded(self, trace_id: str, text: str, kind: Any = dict) -> Any:
        try:
            value = decode(text)
            if not isinstance(value, kind):
                raise UndecodableError(f"it is a {type(value).__name__}")
            return value
        except UndecodableError as error:
            raise CheckpointStoreError(
                self._file.path, f"what run '{trace_id}' recorded is unreadable: {error}"
            ) from error

    def _beginning(self, start: RunStart) -> tuple[Any, ...]:
        if self._expire_after is not None:
            self.expire(self._expire_after)
        return (
            _plain(start.trace_id),
            FORMAT,
            _plain(start.flow_name),
            _plain(start.flow_version),
            encode(dict(start.identity)),
            encode(start.initial_input, store_secrets=self._secrets),
            encode(start.dynamic_params, store_secrets=self._secrets),
            start.force,
            start.started_ns,
        )

    def _parameters(self, owner: Owner, name: str, row: Row) -> tuple[Any, ...]:
        outputs, facts = (encode(value, store_secrets=self._secrets) for value in (row.outputs, row.facts))
        return _plain(name), outputs, facts, row.started_ns, row.ended_ns, owner.key, owner.epoch

    def _ending(self, owner: Owner, error: str | None) -> tuple[str, tuple[Any, ...]]:
        if error is None and self._delete_on_success:
            return _DELETE, (owner.key, owner.epoch)
        status = "finished" if error is None else "failed"
        text = None if error is None else _plain(error)
        return _END, (status, text, time.time_ns(), owner.key, owner.epoch)

    def _check(self, owner: Owner, write: Write) -> None:
        if not write.count:
            raise RunFencedError(owner.trace_id, owner.flow_name)


@contextlib.contextmanager
def _fitting() -> Iterator[None]:
    """Raise NotKept for values that SQLite does not take: a text has at most a thousand million bytes."""
    try:
        yield
    except (sqlite3.DataError, OverflowError) as error:
        raise NotKept(f"the store does not take it: {error}") from error


def _owner(start: RunStart, write: Write) -> Owner:
    assert write.key is not None
    return Owner(start.trace_id, start.flow_name, write.key, 1)


def _plain(text: str) -> str:
    """A text that SQLite takes: without halves of surrogate pairs."""
    return text.encode("utf-8", "backslashreplace").decode()
