"""A report as a log of SARIF 2.1.0, which code scanning services read."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import quote

from cwc import __version__
from cwc.diagnostics.model import Definition, Diagnostic, Label, Pointer, Report, Severity, SeveritySettings
from cwc.diagnostics.pages import page
from cwc.source import Place, Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "cwc/v1"
"""The name of the fingerprint; its number grows when it is made of something else."""

_LINK = re.compile(r"\[(?=[^\[\]]*\]\()")
_PROJECT = Label("pyproject.toml")
"""Where findings about no file stand, for services that take no log with a result that has no place."""

Json = dict[str, object]


def render_sarif(report: Report, settings: SeveritySettings) -> str:
    """One run with a result a diagnostic, by file, line, column and code; no newline at the end.

    Lines and columns count from 1 in code points, ends are exclusive, paths are URIs relative to the working
    directory. A rule's help is its explain page. A fingerprint is made of code, flow and pointer, so that it outlives
    moved lines. Diagnostics of severity "off" are left out.
    """
    shown = report.shown(settings)
    rules = sorted({diagnostic.definition for diagnostic, _ in shown}, key=lambda definition: definition.code)
    prints: Counter[str] = Counter()
    results = [_result(report, diagnostic, severity, rules, prints) for diagnostic, severity in shown]
    driver = {"name": "cwc", "version": __version__, "semanticVersion": __version__, "rules": [*map(_rule, rules)]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(definition: Definition) -> Json:
    text = page(definition) or definition.summary
    return {
        "id": definition.code,
        "name": definition.slug,
        "shortDescription": {"text": definition.summary},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": definition.severity},
    }


def _result(
    report: Report, diagnostic: Diagnostic, severity: Severity, rules: Sequence[Definition], prints: Counter[str]
) -> Json:
    fingerprint = _fingerprint(report, diagnostic)
    prints[fingerprint] += 1
    result: Json = {
        "ruleId": diagnostic.code,
        "ruleIndex": rules.index(diagnostic.definition),
        "level": severity,
        "message": _text("\n".join((diagnostic.message, *(f"help: {text}" for text in diagnostic.advice)))),
        "locations": [_location(report, diagnostic.primary or _PROJECT)],
        "partialFingerprints": {FINGERPRINT: f"{fingerprint}:{prints[fingerprint]}"},
    }
    if diagnostic.related:
        result["relatedLocations"] = [
            {"id": number, **_location(report, label)} for number, label in enumerate(diagnostic.related, 1)
        ]
    if diagnostic.chain:
        hops = [{"location": _location(report, label)} for label in diagnostic.chain]
        result["codeFlows"] = [{"threadFlows": [{"locations": hops}]}]
    if diagnostic.fix:
        result["fixes"] = [_fix(report, diagnostic)]
    return result


def _location(report: Report, label: Label) -> Json:
    physical: Json = {"artifactLocation": {"uri": quote(label.path, errors="surrogatepass")}}
    place = report.place(label)
    if place is not None:
        physical["region"] = _region(place)
    return {"physicalLocation": physical, **({"message": _text(label.message)} if label.message else {})}


def _region(place: Place) -> Json:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _fix(report: Report, diagnostic: Diagnostic) -> Json:
    """What `cwc check --fix` would do. All edits of a fix are in files that were read."""
    changes: dict[str, list[Json]] = {}
    for edit in diagnostic.fix:
        place = report.place(edit.label)
        if place is not None:
            replacement = {"deletedRegion": _region(place), "insertedContent": {"text": edit.text}}
            changes.setdefault(edit.label.path, []).append(replacement)
    return {
        "artifactChanges": [
            {"artifactLocation": {"uri": quote(path, errors="surrogatepass")}, "replacements": replacements}
            for path, replacements in changes.items()
        ]
    }


def _fingerprint(report: Report, diagnostic: Diagnostic) -> str:
    """32 hex digits that stay when lines move: of what has no flow the path, of a bare span its text stands in."""
    label = diagnostic.primary
    path, at = ("", None) if label is None else (label.path, label.at)
    match at:
        case Pointer():
            where = f"{at}{'#key' if at.key else ''}"
        case Span() if path in report.sources:
            where = report.sources[path].text[at.start : at.end]
        case _:
            where = ""
    parts = (diagnostic.code, path if diagnostic.flow is None else diagnostic.flow, where)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _text(text: str) -> Json:
    """A message; what would read as a link in it is escaped (SARIF 2.1.0, 3.11.6)."""
    return {"text": _LINK.sub(r"\\[", text)}
