"""Group commit: a writer that is alone commits itself, and writers that come together share one commit.

Who finds the file free commits at once. Where it is not, a thread commits for all that have queued meanwhile. On the
async lane writers wait one turn of the event loop for each other, and leave the commit to the thread where there are
several.
"""

from __future__ import annotations

import asyncio
import copy
import sqlite3
import threading
from collections.abc import Sequence
from typing import Any

from cwc.runtime.stores.sqlite_file import SqliteFile
from cwc.runtime.waiting.threads import start


class Write:
    """A statement to commit, and then what came of it: how many rows it changed, and the key of the row it made."""

    __slots__ = ("count", "done", "error", "key", "parameters", "signal", "statement", "waiting")

    def __init__(self, statement: str, parameters: tuple[Any, ...]) -> None:
        self.statement, self.parameters = statement, parameters
        self.done = False
        self.count = 0
        self.key: int | None = None
        self.error: BaseException | None = None
        self.waiting: asyncio.Future[None] | None = None
        self.signal: threading.Lock | None = None
        """Held until the write is done, where a thread waits for that."""

    def run(self, connection: sqlite3.Connection) -> None:
        """Execute the statement. Errors of its values are its own, others are raised."""
        try:
            cursor = connection.execute(self.statement, self.parameters)
        except (sqlite3.IntegrityError, sqlite3.DataError, OverflowError) as error:
            self.error = error
        else:
            self.count, self.key = cursor.rowcount, cursor.lastrowid

    def settled(self) -> Write:
        if self.error is not None:
            raise self.error
        return self


class Commits:
    """The writes to one file, by any number of threads and event loops."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file
        self._reset()
        # A forked process has neither the parent's writers nor the thread that served them.
        file.after_fork.append(self._reset)

    def _reset(self) -> None:
        self._queue: list[Write] = []
        self._queue_lock = threading.Lock()
        self._is_served = False

    def now(self, statement: str, *parameters: Any) -> Write:
        """Commit a statement, which is all of its transaction; it outlives the process when this returns.

        Raises CheckpointStoreError, and sqlite3.IntegrityError and sqlite3.DataError.
        """
        write = self._queued(statement, parameters)
        if self._file.lock.acquire(blocking=False):
            try:
                self._lead(write)
            finally:
                self._file.lock.release()
        else:
            self._wait(write)
        return write.settled()

    async def soon(self, statement: str, *parameters: Any) -> Write:
        """As `now`, on the async lane."""
        write = self._queued(statement, parameters)
        try:
            await asyncio.sleep(0)
        except BaseException:
            # Who wrote is cancelled. The write must not lie in the queue until somebody else comes to write.
            with self._queue_lock:
                if not write.done:
                    self._be_served()
            raise
        with self._queue_lock:
            alone = self._queue == [write] and not self._is_served
            if not (write.done or alone):
                write.waiting = asyncio.get_running_loop().create_future()
                self._be_served()
        if write.waiting is not None:
            await write.waiting
        elif not write.done:
            with self._file.lock:
                self._lead(write)
        return write.settled()

    def _queued(self, statement: str, parameters: tuple[Any, ...]) -> Write:
        write = Write(statement, parameters)
        with self._queue_lock:
            self._queue.append(write)
        return write

    def _lead(self, write: Write) -> None:
        """Commit all that is queued, unless somebody has committed this write meanwhile. To be called with the file."""
        if not write.done:
            self._commit(self._taken())

    def _wait(self, write: Write) -> None:
        """Leave a write to the thread that serves."""
        with self._queue_lock:
            if not write.done:
                write.signal = threading.Lock()
                write.signal.acquire()
                self._be_served()
        if write.signal is not None:
            write.signal.acquire()

    def _be_served(self) -> None:
        """Have a thread commit what is queued. To be called with the lock of the queue."""
        if not self._is_served:
            self._is_served = True
            start(self._serve, (), _ignore)

    def _serve(self) -> None:
        while True:
            with self._file.lock:
                with self._queue_lock:
                    if not self._queue:
                        self._is_served = False
                        return
                self._commit(self._taken())

    def _taken(self) -> list[Write]:
        with self._queue_lock:
            taken, self._queue = self._queue, []
        return taken

    def _commit(self, writes: list[Write]) -> None:
        try:
            with self._file.errors():
                _committed(self._file.connection(), writes)
        except Exception as error:
            for write in writes:
                # Each run hangs its own result on its error.
                write.error = copy.copy(error)
        except BaseException:
            # An interrupt is for this thread alone. Writing what has been written again does no harm.
            with self._queue_lock:
                self._queue[:0] = writes
                self._be_served()
            raise
        self._settle(writes)

    def _settle(self, writes: Sequence[Write]) -> None:
        waiting: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
        with self._queue_lock:
            for write in writes:
                write.done = True
                if write.signal is not None:
                    write.signal.release()
                if write.waiting is not None:
                    waiting.setdefault(write.waiting.get_loop(), []).append(write.waiting)
        for loop, futures in waiting.items():
            try:
                loop.call_soon_threadsafe(_wake, futures)
            except RuntimeError:
                # The loop is closed: nobody waits any more.
                continue


def _committed(connection: sqlite3.Connection, writes: Sequence[Write]) -> None:
    if len(writes) == 1:
        # A statement alone is a transaction.
        writes[0].run(connection)
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for write in writes:
            write.run(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _wake(futures: Sequence[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)


def _ignore(outcome: object) -> None:
    """What `start` tells of a thread's end: nothing that is not told to the writers already."""
