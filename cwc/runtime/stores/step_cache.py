"""Keeping what steps gave: the protocol of step caches, what is kept under which key, and the cache in memory."""

from __future__ import annotations

import copy
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel

from cwc.runtime import forks


@dataclass(frozen=True, slots=True)
class StepCacheKey:
    """What outputs are kept under: the tool, its schemas, and the input that it was called with (SEMANTICS B 15).

    ``input_value_hash`` is the SHA-256 of the validated input's JSON. Where JSON says less than the value, as of a date
    that stands in a field of any type, it is of a JSON that tells the types as well.
    """

    tool_name: str
    schema_hash: str
    input_value_hash: str

    @property
    def digest(self) -> str:
        """The key as one text."""
        return f"{self.tool_name}|{self.schema_hash}|{self.input_value_hash}"


@runtime_checkable
class StepCache(Protocol):
    """Where the outputs of steps are kept. It is used by any number of threads and runs at once.

    ``get`` must give what ``set`` was given, of equal types, and None for what is not there; neither may share values
    with the run. What a cache raises is logged, and the run goes on without it. Where it has a true attribute
    ``blocking``, or none, the async lane calls it in a thread.
    """

    def get(self, key: StepCacheKey) -> dict[str, Any] | None: ...
    def set(self, key: StepCacheKey, output: dict[str, Any]) -> None: ...
    def clear(self) -> None: ...


class InMemoryStepCache:
    """Keeps deep copies in this process, at most ``max_entries`` of them: the ones that were used last."""

    blocking = False

    def __init__(self, *, max_entries: int = 1024) -> None:
        if max_entries < 1:
            raise ValueError(f"max_entries must be at least 1, and is {max_entries}")
        self._max_entries = max_entries
        self._lock = forks.lock()
        self._entries: OrderedDict[tuple[str, str, str], dict[str, Any]] = OrderedDict()

    def get(self, key: StepCacheKey) -> dict[str, Any] | None:
        name = key.tool_name, key.schema_hash, key.input_value_hash
        with self._lock:
            kept = self._entries.get(name)
            if kept is None:
                return None
            self._entries.move_to_end(name)
        # Nobody changes what is kept, so that it can be copied while others go on.
        return _copied(kept)

    def set(self, key: StepCacheKey, output: dict[str, Any]) -> None:
        kept, name = _copied(output), (key.tool_name, key.schema_hash, key.input_value_hash)
        with self._lock:
            self._entries[name] = kept
            self._entries.move_to_end(name)
            if len(self._entries) > self._max_entries:
                self._entries.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries)


_SCALARS = frozenset({str, int, float, bool, bytes, type(None)})


def _copied(outputs: dict[str, Any]) -> dict[str, Any]:
    """A deep copy."""
    if _SCALARS.issuperset(map(type, outputs.values())):
        return dict(outputs)
    return copy.deepcopy(outputs)


def input_value_hash(validated: BaseModel) -> str:
    """The hash of a tool's validated input.

    Raises NotKept for an input that holds a secret, or a value of which nobody can tell whether it is the same.
    """
    fields = {**vars(validated), **(validated.__pydantic_extra__ or {})}
    return hashlib.sha256(_fingerprint_of()(fields).encode()).hexdigest()


@cache
def _fingerprint_of() -> Callable[[Any], str]:
    # Loaded on use: it brings in every class that it has a form for, and most runs have no cache.
    from cwc.runtime.stores.encoding import fingerprint

    return fingerprint
