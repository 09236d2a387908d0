"""The fast paths of the runtime, each on record with what it stands for, so that a test can ask for its equality."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

FAST_PATHS: dict[str, str] = {}
"""What each fast path stands for, by its name. ``tests/properties/test_fast_paths.py`` shows each to be equal."""


def stands_for(what: str, plain: Callable[..., Any] | None = None) -> Callable[[F], F]:
    """Mark a function as a fast path: it must do what ``what`` does, and leave to that what it cannot be shown for.

    A function that passes on what it is called with has the signature of ``plain``, to whoever asks for it.
    """

    def mark(function: F) -> F:
        if plain is not None:
            function.__dict__["__wrapped__"] = plain
        FAST_PATHS[f"{function.__module__}.{function.__qualname__}"] = what
        return function

    return mark
