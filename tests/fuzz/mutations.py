"""Files that are a little, or very, wrong: mutations of good ones, by whoever chooses numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

Choose = Callable[[int], int]
"""Given n, a whole number from 0 to n - 1."""

TOKENS = (
    b"", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\r\n", b"\r", b"\t", b" ", b"\n\n", b"\xe2\x80\xa8",
    b"'", b'"', b"[", b"]", b"{", b"}", b":", b": ", b",", b"- ", b"#", b"&a ", b"*a", b"<<: ", b"!!python/none ",
    b"!!int ", b"---\n", b"%YAML 1.1\n", b"|\n", b">-\n", b"null", b"true", b"NaN", b"-Infinity", b"1e999", b"0x",
    b"9" * 5000, b"1:30", b"012", b"\\ud800", b"\\u0000", b"[" * 2000, b'{"a":' * 2000, b"- " * 500, b"(" * 300,
    b"not " * 300, b"../", b"/", b"~1", b"tools:NumberInput", b"os:system", b"builtins:eval", b"fallback:", b"double",
    b"SELECT", b"type", b"name", b"steps", b"branches", b"retry", b"on_error", b"flow_name", b"tool.cwc", b"format",
    b"\x1b[2J",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 2**63, 10**400, 1.5, -0.0, float("nan"), float("inf"), "", " ", "x", "1", "\0",
    "\ud800", "é", "a" * 300, "active", "../x", "/", "a/b.py", "tools:NumberInput", "double", "number", "1.0", [], [[]],
    [None], ["x"], [1, 1], {}, {"": None}, {"x": {"x": {"x": 1}}}, {"$": ["tuple", [1]]}, {"$": ["set", [[]]]},
    {"$": ["int", "zz"]}, {"$": []}, {"$": 1},
)  # fmt: skip


def mutated(seeds: Sequence[bytes], choose: Choose) -> bytes:
    """One of the seeds, changed in one to four ways."""
    data = seeds[choose(len(seeds))]
    for _ in range(1 + choose(4)):
        data = _WAYS[choose(len(_WAYS))](data, seeds, choose)
    return data


def _cut(data: bytes, seeds: Sequence[bytes], choose: Choose) -> bytes:
    start, end = _slice(data, choose)
    return data[:start] + data[end:]


def _repeat(data: bytes, seeds: Sequence[bytes], choose: Choose) -> bytes:
    start, end = _slice(data, choose)
    return data[:end] + data[start:end] * (1 + choose(3)) + data[end:]


def _insert(data: bytes, seeds: Sequence[bytes], choose: Choose) -> bytes:
    start = choose(len(data) + 1)
    return data[:start] + TOKENS[choose(len(TOKENS))] + data[start:]


def _replace(data: bytes, seeds: Sequence[bytes], choose: Choose) -> bytes:
    start, end = _slice(data, choose)
    return data[:start] + TOKENS[choose(len(TOKENS))] + data[end:]


def _set_byte(data: bytes, seeds: Sequence[bytes], choose: Choose) -> bytes:
    start = choose(len(data) + 1)
    return data[:start] + bytes((choose(256),)) + data[start + 1 :]


def _splice(data: bytes, seeds: Sequence[bytes], choose: Choose) -> bytes:
    other = seeds[choose(len(seeds))]
    return data[: choose(len(data) + 1)] + other[choose(len(other) + 1) :]


def _change_value(data: bytes, seeds: Sequence[bytes], choose: Choose) -> bytes:
    """A change of the structure, where there is one: a value, a key, or one of either more or less."""
    try:
        document = json.loads(data)
        places = list(_places(document))
    except (ValueError, RecursionError):
        return _replace(data, seeds, choose)
    if not places:
        return json.dumps(VALUES[choose(len(VALUES))]).encode()
    holder, key = places[choose(len(places))]
    match choose(4):
        case 0 if isinstance(holder, dict):
            holder[str(VALUES[choose(len(VALUES))])] = holder.pop(key)
        case 1:
            del holder[key]
        case 2 if isinstance(holder, list):
            holder.insert(key, holder[key])
        case _:
            holder[key] = VALUES[choose(len(VALUES))]
    try:
        return json.dumps(document).encode()
    except (RecursionError, ValueError):
        return data


def _places(value: Any) -> Any:
    """Every container and key in it, in a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from _places(inner)


def _slice(data: bytes, choose: Choose) -> tuple[int, int]:
    """A slice, mostly a short one."""
    start = choose(len(data) + 1)
    length = choose(8) if choose(4) else choose(len(data) - start + 1)
    return start, min(len(data), start + length)


_WAYS = (_cut, _repeat, _insert, _replace, _set_byte, _splice, _change_value, _change_value, _change_value)
