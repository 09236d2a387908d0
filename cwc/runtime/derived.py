"""Attributes of slotted objects that are made when they are first read, and then kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

from cwc.runtime import forks

T = TypeVar("T")

_KEEPING = forks.lock()


class derived(Generic[T]):
    """As `functools.cached_property`, for classes with slots: ``name`` is kept in the slot ``_name``.

    Threads that read it at once may each make it; all of them get the one that is kept. It cannot be assigned to.
    """

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type[object], name: str) -> None:
        self._slot = f"_{name}"

    @overload
    def __get__(self, instance: None, owner: type[object]) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type[object]) -> T: ...
    def __get__(self, instance: object | None, owner: type[object]) -> T | Self:
        if instance is None:
            return self
        if not hasattr(instance, self._slot):
            made = self._make(instance)
            with _KEEPING:
                if not hasattr(instance, self._slot):
                    setattr(instance, self._slot, made)
        kept: T = getattr(instance, self._slot)
        return kept
