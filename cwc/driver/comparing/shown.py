"""A comparison as text, as JSON, and as Markdown for a review."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping

from cwc.diagnostics.terminal import visible
from cwc.driver.comparing.changes import AREAS, Change, Comparison, Version

VERSION = 1
"""The version of the JSON object's shape."""
_SIGNS = {"added": "+", "removed": "-", "changed": "~"}
_IDENTICAL = "nothing changes"


def show_text(comparison: Comparison) -> str:
    return "\n".join(map(visible, _text(comparison))) + "\n"


def show_json(comparison: Comparison) -> str:
    """``old`` and ``new`` are null in a change for what was not there; ASCII only."""
    changes = [
        {
            "area": change.area,
            "change": change.kind,
            "subject": change.subject,
            "what": change.what,
            "old": change.old,
            "new": change.new,
        }
        for change in comparison.changes
    ]
    sides = {"old": _side(comparison.old), "new": _side(comparison.new)}
    return json.dumps({"version": VERSION, **sides, "identical": not changes, "changes": changes}, indent=2) + "\n"


def show_markdown(comparison: Comparison) -> str:
    """Lists under a heading an area; what comes from flow files stands in code spans."""
    return "\n".join(_markdown(comparison)) + "\n"


FORMS: Mapping[str, Callable[[Comparison], str]] = {"text": show_text, "json": show_json, "markdown": show_markdown}
"""What `cwc diff --format` can show, by name."""


def _text(comparison: Comparison) -> Iterator[str]:
    old, new = (f"{side.plan.name} {side.plan.version} ({side.plan.path})" for side in (comparison.old, comparison.new))
    yield f"{old} -> {new}"
    if not comparison.changes:
        yield _IDENTICAL
    for area in AREAS:
        changes = comparison.of(area)
        if changes:
            yield ""
            yield area
            yield from (f"  {_SIGNS[change.kind]} {change.subject}: {_said(change, str)}" for change in changes)


def _markdown(comparison: Comparison) -> Iterator[str]:
    new, old = comparison.new.plan, comparison.old.plan
    yield f"### {_code(new.name)}: {_code(old.version)} → {_code(new.version)}"
    yield ""
    yield f"{_code(old.path)} → {_code(new.path)}"
    if not comparison.changes:
        yield f"\n{_IDENTICAL.capitalize()}."
    for area in AREAS:
        changes = comparison.of(area)
        if changes:
            yield f"\n**{area.capitalize()}**\n"
            yield from (f"* {change.kind}: {_code(change.subject)}, {_said(change, _code)}" for change in changes)


def _said(change: Change, quoted: Callable[[str], str]) -> str:
    """The change in words; values that only say that something holds are not told."""
    what = quoted(change.what)
    match change.old, change.new:
        case (None, "yes") | ("yes", None):
            return what
        case (None, str(value)) | (str(value), None):
            return f"{what} ({quoted(value)})"
        case old, new:
            return f"{what}: {quoted(old or '')} -> {quoted(new or '')}"


def _side(version: Version) -> dict[str, object]:
    plan = version.plan
    return {"path": plan.path, "name": plan.name, "version": plan.version}


def _code(text: str) -> str:
    """A code span of CommonMark: fenced by more backticks than stand together in it."""
    shown = visible(text)
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest or not shown.strip() else ""
    return f"{fence}{pad}{shown or ' '}{pad}{fence}"
