"""A report as workflow commands of GitHub Actions, which show each diagnostic beside the line it speaks of."""

from __future__ import annotations

from pathlib import PurePosixPath

from cwc.diagnostics.model import Diagnostic, Report, Severity, SeveritySettings
from cwc.diagnostics.terminal import visible

_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def render_github(report: Report, settings: SeveritySettings, *, folder: str = "") -> str:
    """One command a line, by file, line, column and code; no newline at the end, and nothing without diagnostics.

    ``folder`` is the POSIX path from the repository to the working directory, which paths are put below. Nothing of a
    flow file can end a command or begin another.
    """
    return "\n".join(_command(report, diagnostic, severity, folder) for diagnostic, severity in report.shown(settings))


def _command(report: Report, diagnostic: Diagnostic, severity: Severity, folder: str) -> str:
    properties = {"title": f"{diagnostic.code} {diagnostic.slug}", **_place(report, diagnostic, folder)}
    shown = ",".join(f"{name}={_escape(value, _PROPERTY)}" for name, value in properties.items())
    where = "".join(f"\n{message}" for message in _labels(report, diagnostic))
    help = "".join(f"\nhelp: {text}" for text in diagnostic.advice)
    text = f"{diagnostic.message}{where}{help}"
    return f"::{_COMMANDS[severity]} {shown}::{_escape(text, _DATA)}"


def _place(report: Report, diagnostic: Diagnostic, folder: str) -> dict[str, str]:
    """Where the annotation stands: nowhere past the text of the file, and in columns only where it is one line."""
    label = diagnostic.primary
    if label is None:
        return {}
    file = {"file": str(PurePosixPath(folder, label.path))}
    place = report.place(label)
    if place is None:
        return file
    source = report.sources[label.path]
    place = source.without_blank_end(place)
    line, end_line = (min(number, source.last_line) for number in (place.line, place.end_line))
    lines = {**file, "line": str(line), "endLine": str(end_line)}
    if line < place.line or line < end_line:
        return lines
    end_column = max(place.column, min(place.end_column, len(source.line_text(line))))
    return {**lines, "col": str(place.column), "endColumn": str(end_column)}


def _labels(report: Report, diagnostic: Diagnostic) -> list[str]:
    """What is said of the place itself and of others, which an annotation cannot point to."""
    own = diagnostic.primary.message if diagnostic.primary is not None else ""
    shown = [own] if own else []
    for label in (*diagnostic.related, *diagnostic.chain):
        place = report.place(label)
        shown.append(f"{label.message or 'see also'}: {label.path if place is None else place}")
    return shown


def _escape(text: str, escapes: dict[str, str]) -> str:
    """Text that can stand in a command; other control characters are made visible, as in the text report."""
    return "".join(escapes.get(character) or visible(character) for character in text)
