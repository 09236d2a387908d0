"""The baseline: findings that a project had when it took the contract up, listed in a file that only shrinks."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from cwc.contract.closure.violation import Violation
from cwc.diagnostics.model import Diagnostic, Label, Report, define
from cwc.driver.files import display_path, read_bytes
from cwc.driver.writing.output import write_atomic

INVALID_BASELINE = define("CWC805", "invalid_baseline", "error", "The baseline cannot be used", project=True)
VERSION = 1

Key = tuple[str, str, str]
"""A code, a path in the project, and the text of the line: what stays when lines above it change."""


def read_baseline(path: Path, report: Report) -> Counter[Key] | None:
    """How often each finding is known, by its key; None, and a diagnostic, if the file cannot be used."""
    if not os.path.lexists(path):
        return Counter()
    data = read_bytes(path, report)
    if data is None:
        return None
    try:
        return _parsed(json.loads(data))
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        shown = display_path(path)
        message = f"cannot use {shown!r}: {why}"
        report.add(Diagnostic(definition=INVALID_BASELINE, message=message, primary=Label(shown)))
        return None


def is_taken_up(key: Key) -> bool:
    """Whether a baseline may hold a finding: not what was not checked at all, nor what is wrong with comments that
    allow something, for behind those anything may be hidden that comes later."""
    return not key[0].startswith("DET9")


def beyond_baseline(
    violations: Sequence[Violation], known: Counter[Key], key_of: Callable[[Violation], Key]
) -> tuple[list[Violation], Counter[Key]]:
    """The findings that are not known, and how often each known one was found."""
    left, used = Counter(known), Counter[Key]()
    new = []
    for violation in violations:
        key = key_of(violation)
        if left[key] > 0 and is_taken_up(key):
            left[key] -= 1
            used[key] += 1
        else:
            new.append(violation)
    return new, used


def stale(known: Mapping[Key, int], used: Mapping[Key, int], looked_at: Collection[str]) -> Iterator[Key]:
    """Known findings of files that were looked at, and that are there no more, or less often; and what is not to be in
    a baseline."""
    for key, count in sorted(known.items()):
        if not is_taken_up(key) or (key[1] in looked_at and used.get(key, 0) < count):
            yield key


def write_baseline(path: Path, findings: Mapping[Key, int]) -> None:
    """Write the list, sorted. Raises OSError."""
    entries = [
        {"code": code, "path": file, "text": text, "count": count}
        for (code, file, text), count in sorted(findings.items())
        if count > 0
    ]
    write_atomic(path, (json.dumps({"version": VERSION, "findings": entries}, indent=2) + "\n").encode("ascii"))


def _parsed(data: object) -> Counter[Key]:
    """Raises ValueError."""
    match data:
        case {"version": 1, "findings": [*items]}:
            return Counter(dict(map(_entry, items)))
        case {"version": int(number)} if number > VERSION:
            raise ValueError("a newer version of cwc wrote it")
    raise ValueError("it is no baseline of cwc")


def _entry(item: object) -> tuple[Key, int]:
    match item:
        case {"code": str(code), "path": str(path), "text": str(text), "count": int(count), **rest} if (
            not rest and count > 0
        ):
            return (code, path, text), count
    raise ValueError("it has an entry that is no finding")
