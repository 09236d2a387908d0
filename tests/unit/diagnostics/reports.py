"""Reports to render: a document whose every pointer stands at a span that the test gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cwc.diagnostics.model import Definition, Diagnostic, Label, Pointer, Report, Severity
from cwc.source import Source, Span

PATH = "flows/a.flow.yaml"


@dataclass(frozen=True)
class Document:
    source: Source
    spans: Mapping[str, Span]

    def span(self, pointer: Pointer) -> Span:
        return self.spans[str(pointer)]


def definition(severity: Severity = "error") -> Definition:
    """A kind of finding that is in no catalogue."""
    number = {"error": 1, "warning": 2, "note": 3}[severity]
    return Definition(f"CWC999{number}", f"test_{severity}", severity, "For tests")


def finding(
    message: str = "something is wrong",
    at: Span | Pointer | None = None,
    label: str = "",
    *,
    path: str = PATH,
    severity: Severity = "error",
    related: tuple[Label, ...] = (),
    help: tuple[str, ...] = (),
) -> Diagnostic:
    return Diagnostic(
        definition=definition(severity),
        message=message,
        primary=Label(path, at, label),
        related=related,
        help=help,
    )


def report_on(text: str, *diagnostics: Diagnostic, path: str = PATH) -> Report:
    report = Report()
    report.add_source(Source(path, text, ""))
    for diagnostic in diagnostics:
        report.add(diagnostic)
    return report


def span_of(text: str, part: str) -> Span:
    start = text.index(part)
    return Span(start, start + len(part))
