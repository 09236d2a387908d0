"""A report as one JSON object for programs."""

from __future__ import annotations

import json
from collections import Counter

from cwc.diagnostics.model import SEVERITIES, Diagnostic, Label, Pointer, Report, SeveritySettings

VERSION = 1
"""The version of the object's shape; it grows when a member changes its meaning or goes."""

Json = dict[str, object]


def render_json(report: Report, settings: SeveritySettings, *, files: int, flows: int) -> str:
    """The diagnostics by file, line, column and code, and how many there are, of ``files`` files and ``flows`` flows.

    Lines and columns count from 1, ends are exclusive, pointers are RFC 6901; what is not known is null. The text is
    ASCII, lone surrogates included, and has no newline at the end. Diagnostics of severity "off" are left out.
    """
    shown: list[Json] = []
    counts: Counter[str] = Counter()
    for diagnostic, severity in report.shown(settings):
        counts[severity] += 1
        shown.append(_member(report, diagnostic, severity))
    summary: Json = {f"{severity}s": counts[severity] for severity in SEVERITIES}
    summary |= {"files": files, "flows": flows}
    return json.dumps({"version": VERSION, "diagnostics": shown, "summary": summary}, indent=2)


def _member(report: Report, diagnostic: Diagnostic, severity: str) -> Json:
    primary = diagnostic.primary
    at = None if primary is None else primary.at
    others = (*diagnostic.related, *diagnostic.chain)
    return {
        "code": diagnostic.code,
        "slug": diagnostic.slug,
        "severity": severity,
        "message": diagnostic.message,
        **_place(report, primary),
        "pointer": str(at) if isinstance(at, Pointer) else None,
        "flow": diagnostic.flow,
        "step_index": diagnostic.step_index,
        "help": list(diagnostic.advice),
        "related": [{"message": label.message, **_place(report, label)} for label in others],
    }


def _place(report: Report, label: Label | None) -> Json:
    place = report.place(label)
    return {
        "path": None if label is None else label.path,
        "line": None if place is None else place.line,
        "column": None if place is None else place.column,
        "end_line": None if place is None else place.end_line,
        "end_column": None if place is None else place.end_column,
    }
