"""What cwc says of a flow: definitions of codes, diagnostics with labels, and the report that collects them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from cwc.source import Place, Source, Span

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Definition:
    """A kind of finding. Its explain page is ``<code>.md`` in ``pages``, by default the folder beside this module.

    ``project``: it is the call or the project that is wrong, not a flow; the command line then exits with 2.
    ``fixed``: settings do not change its severity. ``by_types``: a verdict on types, an error under ``strict_types``.
    ``first``: others can follow from it, so a report begins with it.
    """

    code: str
    slug: str
    severity: Severity
    summary: str
    project: bool = False
    fixed: bool = False
    pages: Path | None = None
    by_types: bool = False
    first: bool = False


CATALOGUE: dict[str, Definition] = {}


def define(
    code: str,
    slug: str,
    severity: Severity,
    summary: str,
    *,
    project: bool = False,
    fixed: bool = False,
    pages: Path | None = None,
    by_types: bool = False,
    first: bool = False,
) -> Definition:
    """Register a kind of finding in the module that raises it.

    ``code`` is ``CWCnnn`` (families in docs/design.md), ``slug`` a stable word in snake case, ``summary`` one line for
    lists, the others as in `Definition`. Raises ValueError if the code or the slug is taken.
    """
    if code in CATALOGUE or any(known.slug == slug for known in CATALOGUE.values()):
        raise ValueError(f"diagnostic {code} ({slug}) is defined twice")
    definition = CATALOGUE[code] = Definition(code, slug, severity, summary, project, fixed, pages, by_types, first)
    return definition


@dataclass(frozen=True, slots=True)
class Pointer:
    """A place in a document: the tokens of a JSON pointer, already decoded.

    With ``key`` the place is the mapping key itself, otherwise the value under it.
    """

    tokens: tuple[str | int, ...] = ()
    key: bool = False

    def __truediv__(self, token: str | int) -> Pointer:
        return Pointer((*self.tokens, token))

    def at_key(self) -> Pointer:
        return Pointer(self.tokens, key=True)

    def __str__(self) -> str:
        """RFC 6901 text; the whole document is the empty string."""
        return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in self.tokens)


@dataclass(frozen=True, slots=True)
class Label:
    """A place that a diagnostic speaks of.

    ``at`` is a pointer into the document read from ``path``, a span of its text where there is no document yet, or
    None for the file as a whole.
    """

    path: str
    at: Pointer | Span | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of one place in one file: the text there is replaced by ``text``, as it stands in the file."""

    label: Label
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding. ``flow``, ``step_index`` (position in the file), ``tool`` and ``field`` say what it is about.

    ``chain`` is the way that leads to the finding, such as the imports by which a module is reached: places in their
    order, each with what happens there. ``fix`` are the edits of flow files that mend it, where it is safe to make them
    without asking. ``general`` is help that is the same whichever place it is said of; people are told it once.
    ``severity`` is set where a kind of finding weighs differently from its definition, e.g. by the flow's own policy.
    """

    definition: Definition
    message: str
    primary: Label | None = None
    related: tuple[Label, ...] = ()
    chain: tuple[Label, ...] = ()
    help: tuple[str, ...] = ()
    general: tuple[str, ...] = ()
    fix: tuple[Edit, ...] = ()
    flow: str | None = None
    step_index: int | None = None
    tool: str | None = None
    field: str | None = None
    severity: Severity | None = None

    @property
    def code(self) -> str:
        return self.definition.code

    @property
    def slug(self) -> str:
        return self.definition.slug

    @property
    def advice(self) -> tuple[str, ...]:
        """All help, for readers of single findings."""
        return (*self.help, *self.general)


class Located(Protocol):
    """A read document: its source, and the span of every place in it."""

    @property
    def source(self) -> Source: ...

    def span(self, pointer: Pointer) -> Span:
        """The span of a place; of the nearest enclosing place that exists, if that one does not."""
        ...


@dataclass(slots=True)
class Report:
    """Diagnostics in the order they were found, and the documents that their labels point into."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    documents: dict[str, Located] = field(default_factory=dict)

    def add(self, diagnostic: Diagnostic) -> None:
        self.diagnostics.append(diagnostic)

    def add_source(self, source: Source) -> None:
        """Make the text of a file known, so that spans in it can be shown."""
        self.sources[source.path] = source

    def add_document(self, document: Located) -> None:
        """Make a read document known, so that pointers into it can be shown."""
        self.documents[document.source.path] = document
        self.add_source(document.source)

    def extend(self, other: Report) -> None:
        self.diagnostics.extend(other.diagnostics)
        self.sources.update(other.sources)
        self.documents.update(other.documents)

    def place(self, label: Label | None) -> Place | None:
        """Lines and columns of a label, or None where the text is not known or the label means the whole file."""
        span = self.span(label)
        return None if label is None or span is None else self.sources[label.path].place(span)

    def span(self, label: Label | None) -> Span | None:
        """The characters that a label speaks of, or None as for `place`."""
        if label is None or label.at is None or label.path not in self.sources:
            return None
        if isinstance(label.at, Span):
            return label.at
        document = self.documents.get(label.path)
        return document.span(label.at) if document else None

    def shown(self, settings: SeveritySettings) -> list[tuple[Diagnostic, Severity]]:
        """What a report is to say: by file, line, column and code, each with its severity; none that are "off"."""
        weighed = [(diagnostic, settings.of(diagnostic)) for diagnostic in in_order(self, self)]
        return [(diagnostic, severity) for diagnostic, severity in weighed if severity != "off"]

    def has_errors(self, severities: SeveritySettings | None = None) -> bool:
        settings = severities or SeveritySettings()
        return any(settings.of(diagnostic) == "error" for diagnostic in self.diagnostics)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.diagnostics)


@dataclass(frozen=True, slots=True)
class SeveritySettings:
    """What a project says of severities: per code or slug, and whether warnings are errors (``--strict``), or those of
    them that are verdicts on types (``--strict-types``).

    A lowered error lets a flow build only where its plan is whole all the same: nothing is ever emitted for a hole, and
    a flow that so comes to nothing is an error of its own.
    """

    chosen: Mapping[str, Severity | Literal["off"]] = field(default_factory=dict)
    strict: bool = False
    strict_types: bool = False

    def of(self, diagnostic: Diagnostic) -> Severity | Literal["off"]:
        definition = diagnostic.definition
        own = diagnostic.severity or definition.severity
        if definition.fixed:
            return own
        if self.strict_types and definition.by_types:
            own = "error"
        severity = self.chosen.get(definition.code, self.chosen.get(definition.slug, own))
        return "error" if self.strict and severity == "warning" else severity


def sort_key(report: Report, diagnostic: Diagnostic) -> tuple[bool, str, int, int, str]:
    """Order for people: what others follow from, then the others; each by file, line, column, code."""
    place = report.place(diagnostic.primary)
    path = diagnostic.primary.path if diagnostic.primary else ""
    line, column = (place.line, place.column) if place else (0, 0)
    return (not diagnostic.definition.first, path, line, column, diagnostic.code)


def in_order(report: Report, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Diagnostics sorted as `sort_key` says; the order of discovery settles ties."""
    return sorted(diagnostics, key=lambda diagnostic: sort_key(report, diagnostic))
