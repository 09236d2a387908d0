"""Reading the context: what generated bodies call where a key is left to the run."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from cwc.runtime.fast import stands_for
from cwc.runtime.raised import KeyMissing, OutputMissing, Siblings
from cwc.runtime.steps import ABSENT, Outputs, Told


def require(value: Any, key: str) -> None:
    """Raise KeyMissing if a key that may be missing is."""
    if value is ABSENT:
        raise KeyMissing(key)


def require_key(context: Mapping[str, Any], key: str, pointer: str | None = None) -> Any:
    """The value of a key that may be missing. Raises KeyMissing, with ``pointer`` if it is read by one."""
    try:
        return context[key]
    except KeyError:
        raise KeyMissing(pointer or key) from None


def at_pointer(key: str, value: Any, tokens: tuple[str, ...]) -> Any:
    """Follow the tokens of a JSON pointer from the value of a context key (RFC 6901, list indices read by ``int``).

    Raises KeyMissing with the decoded prefix that failed.
    """
    for depth, token in enumerate(tokens, 1):
        try:
            value = _entered(value, token)
        except (KeyError, IndexError, ValueError):
            prefix = "".join(f"/{part}" for part in (key, *tokens[:depth]))
            raise KeyMissing(prefix) from None
    return value


def _entered(value: Any, token: str) -> Any:
    if isinstance(value, dict):
        return value[token]
    if isinstance(value, list):
        index = int(token)
        if index < 0:
            raise IndexError(index)
        return value[index]
    raise KeyError(token)


@stands_for("copy.deepcopy")
def detached(value: Any) -> Any:
    """A deep copy, so that a tool cannot change what the context and earlier records hold.

    What cannot be copied (a lock, a connection, an iterator) is handed on as it is; the lists and dicts around it are
    copied.
    """
    if type(value) in _UNCHANGING:
        return value
    try:
        return _copied(value, set(), 0)
    except _NotPlain:
        pass
    try:
        return copy.deepcopy(value)
    except RecursionError:
        raise
    except Exception:
        return _copied_in_part(value, {})


@stands_for("`detached`, for inputs that make lists and dicts anew")
def separate(value: Any) -> Any:
    """A value that is made of lists, dicts and what cannot change as it is, and a deep copy of any other."""
    return value if type(value) in _UNCHANGING or _is_data(value, _DEEPEST) else detached(value)


def _is_data(value: Any, depth: int) -> bool:
    if type(value) is dict:
        if not _UNCHANGING.issuperset(map(type, value)):
            return False
        parts: Iterable[Any] = value.values()
    elif type(value) is list:
        parts = value
    else:
        return False
    for each in parts:
        if type(each) in _UNCHANGING:
            continue
        if not depth or not _is_data(each, depth - 1):
            return False
    return True


_UNCHANGING = frozenset({type(None), bool, int, float, complex, str, bytes})
_DEEPEST = 32


class _NotPlain(Exception):
    """A value that is not made of lists and dicts alone, or in which one of them stands twice."""


def _copied(value: Any, seen: set[int], depth: int) -> Any:
    """A copy of a list or a dict, and of those in it."""
    if depth > _DEEPEST or id(value) in seen:
        raise _NotPlain
    seen.add(id(value))
    made: Any
    if type(value) is list:
        made = value.copy()
        for index, each in enumerate(value):
            if type(each) not in _UNCHANGING:
                made[index] = _copied(each, seen, depth + 1)
    elif type(value) is dict and _UNCHANGING.issuperset(map(type, value)):
        made = value.copy()
        for key, each in value.items():
            if type(each) not in _UNCHANGING:
                made[key] = _copied(each, seen, depth + 1)
    else:
        raise _NotPlain
    return made


def _copied_in_part(value: Any, memo: dict[int, Any]) -> Any:
    """A copy of the lists and dicts in a value, and of all in them that can be copied."""
    if id(value) in memo:
        return memo[id(value)]
    if type(value) is list:
        items: list[Any] = []
        memo[id(value)] = items
        items.extend(_copied_in_part(each, memo) for each in value)
        return items
    if type(value) is dict:
        entries: Outputs = {}
        memo[id(value)] = entries
        entries.update((key, _copied_in_part(each, memo)) for key, each in value.items())
        return entries
    memo[id(value)] = made = _copied_if_possible(value)
    return made


def _copied_if_possible(value: Any) -> Any:
    try:
        return copy.deepcopy(value)
    except RecursionError:
        raise
    except Exception:
        return value


def without_absent(context: Outputs) -> Outputs:
    """A context less the keys that are not there."""
    return {key: value for key, value in context.items() if value is not ABSENT}


def output(outputs: Mapping[str, Any], key: str) -> None:
    """Raise OutputMissing if an output that a mapping names is missing, but of a step that was skipped."""
    if key not in outputs and not (isinstance(outputs, Told) and outputs.facts.get("skipped")):
        raise OutputMissing(key, sorted(outputs))


def renamed(outputs: Mapping[str, Any], mapping: Mapping[str, str]) -> Outputs:
    """Outputs under the context keys that a mapping (context key → output) gives them, those that are there."""
    return {key: outputs[name] for key, name in mapping.items() if name in outputs}


def union(*written: Mapping[str, Any]) -> Outputs:
    """All that the steps of a level write."""
    return {key: value for outputs in written for key, value in outputs.items()}


def apart(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> None:
    """Raise Siblings if two steps of a level wrote the same key."""
    both = sorted(earlier.keys() & later.keys())
    if both:
        raise Siblings(both)


def apart_in(met: Mapping[str, bool]) -> None:
    """Raise Siblings naming every key that is met by a second step of the level."""
    both = [key for key, is_met in met.items() if is_met]
    if both:
        raise Siblings(both)
