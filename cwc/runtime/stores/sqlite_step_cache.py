"""The step cache in a SQLite file, which outlives the process and is shared by any number of them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator
from typing import Any, Final

from cwc.runtime.errors import CheckpointStoreError, StepCacheError
from cwc.runtime.stores.encoding import UndecodableError, decode, encode
from cwc.runtime.stores.not_kept import NotKept
from cwc.runtime.stores.sqlite_file import Layout, SqliteFile
from cwc.runtime.stores.step_cache import StepCacheKey

LAYOUT: Final = Layout(
    application_id=0x63776373,
    version=1,
    tables=(
        "CREATE TABLE entries (tool TEXT NOT NULL, schema TEXT NOT NULL, input TEXT NOT NULL, outputs TEXT NOT NULL,"
        " digest TEXT NOT NULL, stored REAL NOT NULL, PRIMARY KEY (tool, schema, input)) WITHOUT ROWID",
        "CREATE INDEX stored ON entries (stored)",
    ),
    synchronous="NORMAL",
)

_GET = "SELECT outputs, digest, stored FROM entries WHERE tool = ? AND schema = ? AND input = ?"
_SET = "INSERT OR REPLACE INTO entries (tool, schema, input, outputs, digest, stored) VALUES (?, ?, ?, ?, ?, ?)"


_COUNT = "SELECT count(*) FROM entries"
_TRIM = (
    "DELETE FROM entries WHERE (tool, schema, input) IN"
    " (SELECT tool, schema, input FROM entries ORDER BY stored > ? DESC, stored LIMIT ?)"
)


class SqliteStepCache:
    """Keeps outputs in the SQLite file at ``path``, for ``ttl_seconds`` seconds, or for ever.

    At most ``max_entries`` are kept, those that were stored last; several processes that write to one file may each add
    a sixteenth to that. Without it the file grows as long as there are new inputs.
    Values come back with the types that they had. What would not, and what holds a secret, is not kept; a row that is
    damaged is not there. It may be used after a fork. ``timeout`` is how many seconds to wait for another process that
    writes. All methods raise StepCacheError where the file cannot be used; one that is not there is made on first use.
    """

    blocking = True

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        ttl_seconds: float | None = None,
        max_entries: int | None = None,
        timeout: float = 5.0,
    ) -> None:
        if ttl_seconds is not None and ttl_seconds <= 0:
            raise ValueError(f"ttl_seconds must be above 0, and is {ttl_seconds}")
        if max_entries is not None and max_entries < 1:
            raise ValueError(f"max_entries must be at least 1, and is {max_entries}")
        self._file = SqliteFile(path, LAYOUT, timeout=timeout, create=True)
        self._ttl, self._most = ttl_seconds, max_entries
        self._room = 0

    def get(self, key: StepCacheKey) -> dict[str, Any] | None:
        with self._used(), self._file.lock, self._file.errors():
            row = self._file.connection().execute(_GET, _columns(key)).fetchone()
        if row is None or self._is_late(row[2]) or row[1] != _digest(key, row[0]):
            return None
        try:
            outputs = decode(row[0])
        except UndecodableError:
            return None
        return outputs if isinstance(outputs, dict) else None

    def set(self, key: StepCacheKey, output: dict[str, Any]) -> None:
        try:
            text = encode(output)
        except NotKept:
            return
        now = time.time()
        with self._used(), self._file.transaction() as connection:
            connection.execute(_SET, (*_columns(key), text, _digest(key, text), now))
            if self._ttl is not None:
                connection.execute("DELETE FROM entries WHERE stored < ?", (now - self._ttl,))
            if self._most is not None:
                self._trim(connection, self._most)

    def _trim(self, connection: sqlite3.Connection, most: int) -> None:
        """Take the oldest entries out where there are too many: a sixteenth at once, for counting them takes time."""
        self._room -= 1
        if self._room > 0:
            return
        (count,) = connection.execute(_COUNT).fetchone()
        if count > most:
            excess = count - most + most // 16
            # What a clock has stored that was ahead would otherwise be the newest until then, and each new entry go.
            connection.execute(_TRIM, (time.time(), excess))
            count -= excess
        self._room = most - count + 1

    def clear(self) -> None:
        with self._used(), self._file.transaction() as connection:
            connection.execute("DELETE FROM entries")

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        with self._file.lock:
            self._file.close()

    def __len__(self) -> int:
        with self._used(), self._file.lock, self._file.errors():
            (count,) = self._file.connection().execute(_COUNT).fetchone()
        return int(count)

    @contextlib.contextmanager
    def _used(self) -> Iterator[None]:
        try:
            yield
        except CheckpointStoreError as error:
            raise StepCacheError(error.path, error.detail) from error
        except sqlite3.Error as error:
            raise StepCacheError(self._file.path, str(error)) from error

    def _is_late(self, stored: object) -> bool:
        return self._ttl is not None and not (isinstance(stored, float) and stored + self._ttl > time.time())


def _columns(key: StepCacheKey) -> tuple[str, str, str]:
    return key.tool_name, key.schema_hash, key.input_value_hash


def _digest(key: StepCacheKey, text: object) -> str:
    """What tells whether a row is what was written."""
    return hashlib.sha256(f"{key.digest}|{text}".encode(errors="surrogatepass")).hexdigest()
