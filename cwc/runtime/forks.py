"""Locks that a forked process finds free: whoever forks holds all of them meanwhile, so that nobody else does.

Only for locks that guard moments: a thread that forks must hold none of them. Those of Python's imports, which this
package leaves to the first run that needs them, are waited for.
"""

from __future__ import annotations

import _frozen_importlib
import importlib
import os
import threading
import weakref
from contextlib import suppress

_guard = threading.Lock()
_locks: weakref.WeakSet[threading.Lock] = weakref.WeakSet()
_held: list[threading.Lock] = []


def lock() -> threading.Lock:
    """A new lock, which no fork leaves locked."""
    made = threading.Lock()
    with _guard:
        _locks.add(made)
    return made


_IMPORTS = 100
"""How many times imports are waited for. A thread that forks amid one of its own would do it for ever."""


def _await_imports() -> None:
    """Wait until no other thread is amid an import of this package: a forked process would wait for that thread, which
    it does not have, on its first run.
    """
    locks = getattr(_frozen_importlib, "_module_locks", {})
    for _ in range(_IMPORTS):
        names = [name for name in list(locks) if str(name).startswith("cwc.")]
        if not names:
            return
        for name in names:
            # What is wrong with a module is told to those who need it.
            with suppress(Exception):
                importlib.import_module(name)


def _before_fork() -> None:
    # First: a module may ask for a lock while it is loaded.
    _await_imports()
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
