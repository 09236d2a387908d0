"""A SQLite file of the runtime's own: opening it, telling what is wrong with it, and not carrying it over a fork."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cwc.runtime.errors import CheckpointStoreError


@dataclass(frozen=True, slots=True)
class Layout:
    """What a file of one kind holds. ``application_id`` marks it as ours, ``version`` is that of ``tables``.

    ``synchronous`` is SQLite's setting: whether a commit survives a loss of power (FULL), or the file does (NORMAL).
    """

    application_id: int
    version: int
    tables: tuple[str, ...]
    synchronous: str = "FULL"


class SqliteFile:
    """One connection to a file, opened when it is first asked for; who uses it holds ``lock``.

    ``after_fork`` is called in a forked process. ``timeout`` is how many seconds to wait for another process that holds
    the file. With ``create`` False there must be a file.
    """

    def __init__(self, path: str | os.PathLike[str], layout: Layout, *, timeout: float, create: bool) -> None:
        self.path = os.fsdecode(path)
        self.lock = threading.Lock()
        self.after_fork: list[Callable[[], None]] = []
        self._layout, self._timeout, self._create = layout, timeout, create
        self._connection: sqlite3.Connection | None = None
        _FILES.add(self)

    def connection(self) -> sqlite3.Connection:
        """The connection, in autocommit mode. Raises CheckpointStoreError."""
        if self._connection is None:
            with self.errors():
                self._connection = self._opened()
        return self._connection

    def close(self) -> None:
        """Close the connection; it opens again when it is asked for."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def forked(self) -> None:
        """In a forked process: nobody holds the lock that the parent's threads may have been waiting for."""
        self.lock = threading.Lock()
        for forget in self.after_fork:
            forget()

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self.close()

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """Raise CheckpointStoreError in place of SQLite's errors, but for those of one statement's values."""
        try:
            yield
        except (sqlite3.IntegrityError, sqlite3.DataError):
            raise
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
            raise CheckpointStoreError(self.path, _told(error, self._timeout)) from error

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction, committed at the end, or rolled back if it raises. Raises CheckpointStoreError."""
        with self.lock, self.errors():
            connection = self.connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._address(), uri=True, timeout=self._timeout, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA foreign_keys=ON")
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _address(self) -> str:
        if self.path == ":memory:":
            return "file::memory:"
        path = Path(self.path).absolute()
        if not self._create and not path.exists():
            raise CheckpointStoreError(self.path, "there is no such file")
        if path.exists() and not path.is_file():
            raise CheckpointStoreError(self.path, "it is a folder" if path.is_dir() else "it is no file")
        if path.is_file() and 0 < path.stat().st_size < _SMALLEST:
            # SQLite would take it for an empty database, and write over it.
            raise CheckpointStoreError(self.path, _NO_DATABASE)
        return f"{path.as_uri()}?mode={'rwc' if self._create else 'rw'}"

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Make the tables of a new file; raise CheckpointStoreError for a file that is not one of this layout."""
        # One snapshot: between two of its readings another process may make the tables.
        connection.execute("BEGIN")
        is_ours = self._is_ours(connection)
        connection.execute("COMMIT")
        if not is_ours:
            _write_ahead(connection, self._timeout)
            connection.execute("BEGIN IMMEDIATE")
            # Another process may have made them since.
            if not self._is_ours(connection):
                for table in self._layout.tables:
                    connection.execute(table)
                connection.execute(f"PRAGMA application_id={self._layout.application_id}")
                connection.execute(f"PRAGMA user_version={self._layout.version}")
            connection.execute("COMMIT")
        connection.execute(f"PRAGMA synchronous={self._layout.synchronous}")

    def _is_ours(self, connection: sqlite3.Connection) -> bool:
        """False for a file that holds nothing yet, such as a process leaves that is killed while it makes one."""
        (mark,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if mark == self._layout.application_id:
            if version != self._layout.version:
                raise CheckpointStoreError(
                    self.path, f"another version of cwc wrote it (layout {version}, not {self._layout.version})"
                )
            return True
        if mark or version or connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            raise CheckpointStoreError(self.path, "it is a database of something else")
        return False


_SMALLEST = 512
"""The bytes of SQLite's smallest page."""
_DAMAGED = "it is damaged; move it away, its runs can only be started anew"
_NO_DATABASE = "it is not a SQLite database"


def _write_ahead(connection: sqlite3.Connection, timeout: float) -> None:
    """Switch to write-ahead logging, where the file system can. SQLite does not wait for others here by itself."""
    until = time.monotonic() + timeout
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.005)


def _told(error: sqlite3.Error | OSError | UnicodeDecodeError, timeout: float) -> str:
    """What is wrong with a file, for somebody who has to mend it."""
    if isinstance(error, UnicodeDecodeError):
        # SQLite's own words quote the file, and its bytes may be no text.
        return _DAMAGED
    if isinstance(error, OSError):
        return error.strerror or str(error)
    match _code(error):
        case sqlite3.SQLITE_NOTADB:
            return _NO_DATABASE
        case sqlite3.SQLITE_CORRUPT:
            return _DAMAGED
        case sqlite3.SQLITE_READONLY:
            return "it cannot be written to"
        case sqlite3.SQLITE_FULL:
            return "the disk is full"
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return f"another process has held it for {timeout:g} s"
        case sqlite3.SQLITE_CANTOPEN:
            return "it cannot be opened; its folder must be there, and be writable"
        case _:
            return str(error)


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary code of an error; 0 for those of the Python module."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


_FILES: weakref.WeakSet[SqliteFile] = weakref.WeakSet()
_held: list[SqliteFile] = []


def _before_fork() -> None:
    # No connection may cross a fork: SQLite's locks stay behind. Both sides open their own when they next need one.
    for file in list(_FILES):
        file.lock.acquire()
        file.close()
        _held.append(file)


def _in_parent() -> None:
    while _held:
        _held.pop().lock.release()


def _in_child() -> None:
    while _held:
        _held.pop().forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_in_parent, after_in_child=_in_child)
