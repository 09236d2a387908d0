"""Entries of a cache as files: whole or not there at all, and worth nothing where a single byte of one is wrong."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress


def read_entry(path: str) -> dict[str, object] | None:
    """What an entry holds; None if there is none, or none that is as it was written."""
    try:
        with open(path, "rb") as file:
            digest, _, body = file.read().partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() != digest:
            return None
        data = json.loads(body)
    except (OSError, ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def write_entry(folder: str, name: str, data: Mapping[str, object], kept: int) -> None:
    """Put an entry into the folder of a cache, and take the oldest off beyond ``kept``. Raises OSError."""
    import tempfile

    body = json.dumps(data, separators=(",", ":")).encode()
    os.makedirs(folder, mode=0o700, exist_ok=True)
    ignore = os.path.join(folder, ".gitignore")
    if not os.path.exists(ignore):
        with open(ignore, "w") as file:
            file.write("*\n")
    handle, made = tempfile.mkstemp(prefix="new-", dir=folder)
    try:
        with open(handle, "wb") as file:
            file.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        os.replace(made, os.path.join(folder, name))
    except BaseException:
        with suppress(OSError):
            os.unlink(made)
        raise
    _thin_out(folder, kept)


def _thin_out(folder: str, kept: int) -> None:
    paths = [os.path.join(folder, name) for name in os.listdir(folder) if name[0] != "."]
    if len(paths) > kept:
        for path in sorted(paths, key=_age)[:-kept]:
            with suppress(OSError):
                os.unlink(path)


def _age(path: str) -> float:
    """When a file was written; what another process has taken away meanwhile counts as old."""
    try:
        return os.path.getmtime(path)
    except OSError:
        return 0.0
