"""What a build has read, and whether it is still the same: by stat, and folders by the names in them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

Signature = list[int] | list[str] | None
"""What a file is known by (kind, inode, size, times of content and of status), or a folder (names); None: absent."""

_reads: set[str] = set()
_recording = False
_installed = False


def signature(path: str) -> Signature:
    """What is at ``path`` now, links followed."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return [status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def listing(folder: str) -> Signature:
    """The names in a folder, but for hidden ones and those that Python makes."""
    try:
        names = os.listdir(folder)
    except (OSError, ValueError):
        return None
    return sorted(name for name in names if name[0] != "." and name != "__pycache__")


def changed(signatures: dict[str, Signature]) -> list[str]:
    """The paths at which something else is now; folders end in a slash."""
    return [path for path, known in signatures.items() if known != observed(path)]


def observed(path: str) -> Signature:
    """What is at a path; a path that ends in a slash is a folder, known by the names in it."""
    return listing(path) if path.endswith("/") else signature(path)


def latest(signatures: Iterable[Signature]) -> int:
    """When the youngest of some files was changed, in nanoseconds since the epoch."""
    times = (time for known in signatures if known and isinstance(known[-1], int) for time in known[3:])
    return max((time for time in times if isinstance(time, int)), default=0)


@contextmanager
def recording() -> Iterator[None]:
    """Note the files that this process opens to read meanwhile; `files_read` tells them."""
    global _recording, _installed
    if not _installed:
        sys.addaudithook(_note)
        _installed = True
    before, _recording = _recording, True
    try:
        yield
    finally:
        _recording = before


def files_read() -> set[str]:
    """Files that loaded modules come from, and those that were opened while they were imported."""
    modules = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return {os.path.abspath(file) for file in modules if isinstance(file, str)} | _reads


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if _recording and event == "open":
        path, _, flags = arguments
        is_read = isinstance(flags, int) and not flags & (os.O_WRONLY | os.O_RDWR)
        if is_read and isinstance(path, str) and not path.endswith(".pyc"):
            _reads.add(os.path.abspath(path))
