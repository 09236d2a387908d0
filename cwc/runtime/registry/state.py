"""What people set about flows: status and accepted tool schemas, kept in a small file beside the manifest."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args

from cwc.runtime import forks
from cwc.runtime.errors import RegistryStateError

Status = Literal["active", "needs_review", "disabled"]
STATUSES: tuple[Status, ...] = get_args(Status)
FILE_NAME = "cwc-state.json"
FORMAT = 1
"""The version of the state file's shape."""

Key = tuple[str, str]
"""Name and version of a flow, as they are written."""
_LIMIT = 16 * 2**20


class Unset:
    """The type of `UNSET`, which stands for an argument that was not given."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET = Unset()


@dataclass(frozen=True, slots=True)
class FlowState:
    """What was set about one version of a flow; a change makes a new one.

    ``status`` is None where it is as the flow file says. ``tool_schema_hashes`` is the snapshot that tools are compared
    with, by tool: None is none at all, and `UNSET` the one that the flow was built with. ``schemas`` are those of the
    tools that were accepted, by hash, as JSON. ``before_drift`` is the status that drift put needs_review in the place
    of, and `UNSET` where it is not drift that did.
    """

    status: Status | None = None
    tool_schema_hashes: Mapping[str, str] | Unset | None = UNSET
    schemas: Mapping[str, object] = field(default_factory=dict)
    before_drift: Status | Unset | None = UNSET

    def drifted(self, written: Status) -> FlowState:
        """This state once drift was found; ``written`` is the status in the flow file.

        Only what was active is remembered: what people held back is for them to let go.
        """
        status = self.status or written
        before = self.before_drift if status == "needs_review" else self.status if status == "active" else UNSET
        return replace(self, status="needs_review", before_drift=before)

    def proved(self) -> FlowState:
        """This state once the flow was built with the tools as they are, which the build's snapshot then tells of."""
        if isinstance(self.before_drift, Unset):
            return self
        return FlowState(self.before_drift, None if self.tool_schema_hashes is None else UNSET)

    def to_json(self) -> dict[str, object]:
        kept: dict[str, object] = {} if self.status is None else {"status": self.status}
        if not isinstance(self.tool_schema_hashes, Unset):
            hashes = self.tool_schema_hashes
            kept["tool_schema_hashes"] = None if hashes is None else dict(hashes)
        if not isinstance(self.before_drift, Unset):
            kept["before_drift"] = self.before_drift
        return kept | ({"schemas": dict(self.schemas)} if self.schemas else {})


States = Mapping[Key, FlowState]


class MemoryStates:
    """States that live as long as the process."""

    def __init__(self) -> None:
        self._lock = forks.lock()
        self._states: States = MappingProxyType({})

    def read(self) -> States:
        return self._states

    @contextmanager
    def changing(self) -> Iterator[dict[Key, FlowState]]:
        """The states, to be changed in place; whoever else wants to change them waits. An error leaves them."""
        with self._lock:
            states = dict(self._states)
            yield states
            self._states = MappingProxyType(states)


class FileStates:
    """States in the state file of an output folder, which any number of processes may change at once.

    A change holds a lock on the folder, reads the file, and replaces it whole. Raises RegistryStateError for a file
    that is damaged, which is never put right silently; OSError where the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self._lock = threading.Lock()
        self._known: tuple[object, States] = (None, MappingProxyType({}))

    def read(self) -> States:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return MappingProxyType({})
        signature = (status.st_ino, status.st_mtime_ns, status.st_size)
        known = self._known
        if known[0] != signature:
            known = self._known = (signature, self._parsed())
        return known[1]

    @contextmanager
    def changing(self) -> Iterator[dict[Key, FlowState]]:
        """The states, to be changed in place; whoever else wants to change them waits. An error leaves the file."""
        with self._lock, _locked(self.path.parent):
            before = self._parsed() if os.path.lexists(self.path) else {}
            states = dict(before)
            yield states
            if states != before:
                _replace(self.path, _rendered(states))

    def _parsed(self) -> States:
        try:
            with open(self.path, "rb") as file:
                data = file.read(_LIMIT + 1)
            if len(data) > _LIMIT:
                raise ValueError(f"it is larger than {_LIMIT:,} bytes")
            return MappingProxyType(_states(json.loads(data)))
        except RecursionError:
            raise RegistryStateError(self.path.as_posix(), "it is nested too deeply") from None
        except (ValueError, IsADirectoryError) as error:
            raise RegistryStateError(self.path.as_posix(), _reason(error)) from None


def check_status(status: object) -> Status:
    """A status, also of an enumeration with the same values. Raises ValueError for anything else."""
    text = getattr(status, "value", status)
    for known in STATUSES:
        if text == known:
            return known
    raise ValueError(f"a status is one of {', '.join(STATUSES)}, and not {text!r}")


def check_hashes(hashes: object) -> Mapping[str, str]:
    """A snapshot of tool hashes, copied. Raises ValueError for what is no mapping of texts to texts."""
    if not isinstance(hashes, Mapping) or not all(
        isinstance(name, str) and isinstance(value, str) for name, value in hashes.items()
    ):
        raise ValueError("tool_schema_hashes must map the names of tools to their hashes")
    return MappingProxyType(dict(hashes))


def _rendered(states: States) -> bytes:
    """The file: ASCII JSON, sorted, one flow an entry; the same bytes for the same states."""
    flows = [
        {"name": name, "version": version, **state.to_json()}
        for (name, version), state in sorted(states.items())
        if state != FlowState()
    ]
    return (json.dumps({"format": FORMAT, "flows": flows}, indent=2, sort_keys=True) + "\n").encode("ascii")


_FIELDS = frozenset({"status", "tool_schema_hashes", "schemas", "before_drift"})


def _states(data: object) -> dict[Key, FlowState]:
    """Raises ValueError."""
    match data:
        case {"format": 1, "flows": [*items], **rest} if not rest:
            states = dict(map(_state, items))
        case {"format": int(number)} if number > FORMAT:
            raise ValueError("a newer version of cwc wrote it")
        case _:
            raise ValueError("it is not a state file of cwc")
    if len(states) < len(items):
        raise ValueError("it lists a flow twice")
    return states


def _state(item: object) -> tuple[Key, FlowState]:
    match item:
        case {"name": str(name), "version": str(version), **rest} if rest.keys() <= _FIELDS:
            hashes, schemas = rest.get("tool_schema_hashes", UNSET), rest.get("schemas", {})
            before = rest.get("before_drift", UNSET)
            if not isinstance(schemas, dict):
                raise ValueError("it has schemas that are no mapping")
            return (name, version), FlowState(
                check_status(rest["status"]) if "status" in rest else None,
                hashes if hashes is None or isinstance(hashes, Unset) else check_hashes(hashes),
                schemas,
                before if before is None or isinstance(before, Unset) else check_status(before),
            )
    raise ValueError("it has an entry that is no flow")


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"it is not JSON, {error.msg} in line {error.lineno}"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return "it is a folder" if isinstance(error, IsADirectoryError) else re.sub(r"\s+", " ", str(error))


def _replace(path: Path, data: bytes) -> None:
    """Replace the file whole. Its lock is held, so whatever stands under the other name is a killed process's."""
    new = path.with_name(f".{FILE_NAME}.new")
    try:
        with open(new, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


if sys.platform == "win32":
    import msvcrt

    @contextmanager
    def _locked(folder: Path) -> Iterator[None]:
        """Hold the lock of a folder; the system frees it when the process ends, however it does."""
        with open(folder / f".{FILE_NAME}.lock", "ab") as file:
            file.seek(0)
            while True:
                try:
                    msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
                    break
                except OSError:  # It waits ten seconds at most.
                    continue
            try:
                yield
            finally:
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    @contextmanager
    def _locked(folder: Path) -> Iterator[None]:
        """Hold the lock of a folder; the system frees it when the process ends, however it does."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
