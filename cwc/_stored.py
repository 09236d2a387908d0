"""Entries of a cache as files: whole or not there at all, and worth nothing where a single byte of one is wrong.

An entry is its own under its name only, so that one does not pass for another.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress

OFF = "CWC_NO_CACHE"
"""The environment variable that, where it is not empty, has nothing kept and nothing that was kept used."""


def is_off() -> bool:
    """Whether nothing is to be kept, or to be used of what was."""
    return bool(os.environ.get(OFF))


def read_entry(path: str) -> dict[str, object] | None:
    """What an entry holds; None if there is none, or none that is as it was written."""
    try:
        # Without blocking, should a pipe stand there.
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb") as file:
            digest, _, body = file.read().partition(b"\n")
        if _digest(os.path.basename(path), body) != digest:
            return None
        data = json.loads(body)
    except (OSError, ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def write_entry(folder: str, name: str, data: Mapping[str, object], kept: int) -> None:
    """Put an entry into the folder of a cache, and take the oldest off beyond ``kept``. Raises OSError."""
    put_entry(folder, name, data)
    ignore = os.path.join(folder, ".gitignore")
    if not os.path.exists(ignore):
        with open(ignore, "w") as file:
            file.write("*\n")
    paths = _entries(folder)
    if len(paths) > kept:
        _remove(sorted(paths, key=_age)[:-kept])


def put_entry(folder: str, name: str, data: Mapping[str, object]) -> None:
    """Put an entry into the folder of a cache, which only grows so. Raises OSError."""
    import tempfile

    body = json.dumps(data, separators=(",", ":")).encode()
    os.makedirs(folder, mode=0o700, exist_ok=True)
    handle, made = tempfile.mkstemp(prefix="new-", dir=folder)
    try:
        with open(handle, "wb") as file:
            file.write(_digest(name, body) + b"\n" + body)
        os.replace(made, os.path.join(folder, name))
    except BaseException:
        with suppress(OSError):
            os.unlink(made)
        raise


def thin_out(folder: str, most: int) -> None:
    """Take entries off a folder, those first that were not used for longest, until it holds ``most`` bytes; but for
    the last one. Raises OSError."""
    found = sorted(_entries(folder), key=_age, reverse=True)
    held = 0
    for number, path in enumerate(found):
        with suppress(OSError):
            held += os.stat(path).st_size
        if held > most:
            _remove(found[max(number, 1) :])
            return


def _digest(name: str, body: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + body).hexdigest().encode()


def _entries(folder: str) -> list[str]:
    return [os.path.join(folder, name) for name in os.listdir(folder) if name[0] != "."]


def _remove(paths: list[str]) -> None:
    for path in paths:
        with suppress(OSError):
            os.unlink(path)


def _age(path: str) -> float:
    """When a file was written; what another process has taken away meanwhile counts as old."""
    try:
        return os.path.getmtime(path)
    except OSError:
        return 0.0


def cache_folder(*projects: str) -> str | None:
    """The folder of cwc in the user's cache, by the habits of the platform; None where it is another user's.

    None, too, where it is in a folder of ``projects``: what a repository brings along is not the user's word; and where
    nothing is to be kept.
    """
    if is_off():
        return None
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        habits = {"darwin": "~/Library/Caches", "win32": os.environ.get("LOCALAPPDATA") or "~/AppData/Local"}
        base = os.path.expanduser(habits.get(sys.platform, "~/.cache"))
    folder = os.path.join(base, "cwc")
    if not os.path.isabs(folder) or any(_is_in(folder, project) for project in projects):
        return None
    with suppress(OSError):
        status = os.stat(folder)
        if sys.platform != "win32" and (status.st_uid != os.getuid() or status.st_mode & 0o022):
            return None
    return folder


def _is_in(folder: str, root: str) -> bool:
    inner, outer = os.path.realpath(folder), os.path.realpath(root)
    return inner == outer or inner.startswith(os.path.join(outer, ""))
