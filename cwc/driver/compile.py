"""The compiler as one function: flow files and tools in; generated modules and a report out. It touches no disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packaging.version import Version

from cwc.checks import CHECKS
from cwc.contract import Allowed, expect_clean
from cwc.diagnostics.model import Diagnostic, Pointer, Report, SeveritySettings, define
from cwc.emit.names import file_name
from cwc.emit.render import Artifact, emit
from cwc.language import Document, read_document
from cwc.plan.lower import lower
from cwc.plan.model import Plan
from cwc.plan.tools import Toolbox
from cwc.plan.verify import verify_plan
from cwc.runtime import generated
from cwc.source import Source
from cwc.syntax import parse

NAME_CLASH = define("CWC210", "module_name_clash", "error", "Two flows would be written to one file")

FACADE = tuple(generated.__all__)


@dataclass(frozen=True, slots=True)
class CompiledFlow:
    """A flow of the build set: its document, and its plan and module as far as it came."""

    document: Document
    plan: Plan
    file: str
    artifact: Artifact | None


@dataclass(frozen=True, slots=True)
class Compiled:
    """A build set compiled. ``unread`` are the paths of flow files that no document could be made of."""

    flows: tuple[CompiledFlow, ...]
    unread: tuple[str, ...]
    report: Report


@dataclass(frozen=True, slots=True)
class Options:
    """What decides how flows are compiled, beside the flows and the tools."""

    lane: str = "auto"
    severities: SeveritySettings = field(default_factory=SeveritySettings)
    root: Path | None = None

    def source_of(self, path: str) -> str:
        """The path of a flow file as generated modules show it: relative to the project, wherever that is."""
        if self.root is None:
            return path
        try:
            return Path(os.path.relpath(path, self.root)).as_posix()
        except ValueError:
            return Path(path).name


GatherTools = Callable[[Iterable[Document], Report], Toolbox]
"""Given the documents, the tools and every class that they refer to."""


def read_documents(sources: Iterable[Source], report: Report) -> tuple[list[Document], list[str]]:
    """The documents of the sources that can be read at all, and the paths of the others."""
    documents, unread = [], []
    for source in sources:
        tree = parse(source, report)
        document = read_document(tree, report) if tree is not None else None
        if document is None:
            unread.append(source.path)
        else:
            documents.append(document)
    return documents, unread


def compile_flows(sources: Iterable[Source], gather: GatherTools, options: Options, report: Report) -> Compiled:
    """Compile every flow; mistakes are added to ``report``, and a flow with an error has no artifact."""
    documents, unread = read_documents(sources, report)
    toolbox = gather(documents, report)
    files = _files(documents, report)
    flows = [_compile(document, files.get(document.path), toolbox, options, report) for document in documents]
    return Compiled(tuple(flows), tuple(unread), report)


def _compile(document: Document, file: str | None, toolbox: Toolbox, options: Options, report: Report) -> CompiledFlow:
    own = Report(sources=report.sources, documents=report.documents)
    plan = lower(document, toolbox, own, source=options.source_of(document.path), lane=options.lane)
    verify_plan(plan)
    for check in CHECKS:
        check(plan, own)
    report.diagnostics.extend(own.diagnostics)
    artifact = None
    if file is not None and not plan.holes and not _has_errors(document.path, report, options.severities):
        artifact = emit(plan, generated.FORMAT, FACADE)
        expect_clean(artifact.text, file, Allowed(artifact.imports, frozenset(FACADE)))
    return CompiledFlow(document, plan, file or "", artifact)


def _has_errors(path: str, report: Report, severities: SeveritySettings) -> bool:
    return any(
        diagnostic.primary is not None and diagnostic.primary.path == path and severities.of(diagnostic) == "error"
        for diagnostic in report
    )


def _files(documents: list[Document], report: Report) -> Mapping[str, str]:
    """The file of each document, by its path; flows that would share one are reported and have none."""
    latest: dict[str, Version] = {}
    for document in documents:
        version = document.version
        if version is not None:
            latest[document.flow.name] = max(version, latest.get(document.flow.name, version))
    files: dict[str, str] = {}
    owners: dict[str, Document] = {}
    for document in documents:
        is_latest = document.version is None or document.version == latest[document.flow.name]
        file = file_name(document.flow.name, document.flow.version, latest=is_latest)
        owner = owners.setdefault(file.casefold(), document)
        if owner is document:
            files[document.path] = file
        else:
            _report_clash(document, owner, file, report)
    return files


def _report_clash(document: Document, owner: Document, file: str, report: Report) -> None:
    same = document.flow.name == owner.flow.name
    report.add(
        Diagnostic(
            definition=NAME_CLASH,
            message=f"flow {document.flow.name!r} would be written to {file!r}, as another flow is",
            primary=document.label(Pointer(("version" if same else "name",))),
            related=(owner.label(Pointer(("version" if same else "name",)), "the other flow"),),
            help=("give one of them another name or version",),
            flow=document.flow.name,
        )
    )


__all__ = ["Compiled", "CompiledFlow", "Options", "compile_flows", "read_documents"]
