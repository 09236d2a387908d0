"""Short ways to read a text and to look at what was found, shared by the tests of syntax and language."""

from __future__ import annotations

from dataclasses import dataclass

from cwc.diagnostics.model import Diagnostic, Pointer, Report
from cwc.language import Document, read_document
from cwc.source import Source, digest_of
from cwc.syntax import LIMITS, Limits, Tree, parse


@dataclass(frozen=True)
class Reading:
    """What reading a text came to."""

    source: Source
    report: Report
    tree: Tree | None
    document: Document | None = None

    @property
    def slugs(self) -> list[str]:
        return [diagnostic.slug for diagnostic in self.report]

    @property
    def errors(self) -> list[str]:
        return [found.slug for found in self.report if found.definition.severity == "error"]

    @property
    def only(self) -> Diagnostic:
        (diagnostic,) = self.report
        return diagnostic

    def text_of(self, diagnostic: Diagnostic) -> str:
        """The part of the text that a diagnostic points at."""
        assert diagnostic.primary is not None
        at = diagnostic.primary.at
        if isinstance(at, Pointer):
            at = self.report.documents[diagnostic.primary.path].span(at)
        return "" if at is None else self.source.text[at.start : at.end]

    def shown(self) -> list[tuple[str, str]]:
        """Each finding as its slug and the text that it points at."""
        return [(diagnostic.slug, self.text_of(diagnostic)) for diagnostic in self.report]


def read(text: str, extension: str = "yaml", limits: Limits = LIMITS) -> Reading:
    """Text → tree → document, as far as it comes."""
    report = Report()
    source = Source(f"flows/example.flow.{extension}", text, digest_of(text.encode(errors="surrogatepass")))
    tree = parse(source, report, limits)
    document = None if tree is None else read_document(tree, report)
    return Reading(source, report, tree, document)


def syntax(text: str, extension: str = "yaml", limits: Limits = LIMITS) -> Reading:
    """Text → tree."""
    report = Report()
    source = Source(f"flows/example.flow.{extension}", text, digest_of(text.encode(errors="surrogatepass")))
    return Reading(source, report, parse(source, report, limits))


def data_of(text: str, extension: str = "yaml") -> object:
    """The plain data of a text in which nothing is wrong."""
    reading = syntax(text, extension)
    assert reading.tree is not None, list(reading.report)
    return reading.tree.data()
