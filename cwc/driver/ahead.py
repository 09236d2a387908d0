"""Processes for the contract pass. One may be started ahead: it imports what it needs while flows are compiled."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress

_AHEAD: list[subprocess.Popen[bytes]] = []


def start_ahead() -> None:
    """Start a process that the next contract pass takes; not where this one could begin at once, or would have to share
    its processor: then it would wait for what it may not need."""
    if "libcst" not in sys.modules and not _AHEAD and _has_idle_processor():
        _AHEAD.append(start())


def started_ahead() -> subprocess.Popen[bytes] | None:
    """The process that was started ahead, if there is one; the caller's to end from now on."""
    return _AHEAD.pop() if _AHEAD else None


def start() -> subprocess.Popen[bytes]:
    """A process that answers for modules, see `cwc.driver.verifying.answer`."""
    # With the paths of this process, so that it is this cwc that answers, wherever that was found.
    program = f"import sys; sys.path[:] = {sys.path!r}; from cwc.driver.verifying import answer; answer()"
    return subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def processors() -> int:
    """How many processors this process may use."""
    with suppress(AttributeError):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _has_idle_processor() -> bool:
    """Whether there is one beside that of this process, by what the system says of the last minute."""
    load = 0.0
    with suppress(AttributeError, OSError):
        load = os.getloadavg()[0]
    return load + 1 < processors()
