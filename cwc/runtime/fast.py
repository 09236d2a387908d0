"""The fast paths of the runtime, each on record with what it stands for, so that a test can ask for its equality."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

FAST_PATHS: dict[str, str] = {}
"""What each fast path stands for, by its name. ``tests/properties/test_fast_paths.py`` shows each to be equal."""


def stands_for(what: str) -> Callable[[F], F]:
    """Mark a function as a fast path: it must do what ``what`` does, and leave to that what it cannot be shown for."""

    def mark(function: F) -> F:
        FAST_PATHS[f"{function.__module__}.{function.__qualname__}"] = what
        return function

    return mark
