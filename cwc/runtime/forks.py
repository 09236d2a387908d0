"""Locks that a forked process finds free: whoever forks holds all of them meanwhile, so that nobody else does.

Only for locks that guard moments: a thread that forks must hold none of them.
"""

from __future__ import annotations

import os
import threading
import weakref

_guard = threading.Lock()
_locks: weakref.WeakSet[threading.Lock] = weakref.WeakSet()
_held: list[threading.Lock] = []


def lock() -> threading.Lock:
    """A new lock, which no fork leaves locked."""
    made = threading.Lock()
    with _guard:
        _locks.add(made)
    return made


def _before_fork() -> None:
    _guard.acquire()
    for each in list(_locks):
        each.acquire()
        _held.append(each)


def _after_fork() -> None:
    while _held:
        _held.pop().release()
    _guard.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)
