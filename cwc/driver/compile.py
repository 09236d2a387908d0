"""The compiler as one function: flow files and tools in; generated modules and a report out. It touches no disk,
but for what is kept in the user's cache of modules that pass the contract."""

from __future__ import annotations

import os
import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from packaging.version import Version

from cwc.checks import CHECKS
from cwc.diagnostics.model import Diagnostic, Pointer, Report, SeveritySettings, define
from cwc.driver.compiled import Compiled, CompiledFlow, report_lowered
from cwc.driver.files import written_path
from cwc.emit.names import file_name
from cwc.language import Document, read_document
from cwc.plan.composition import CYCLE, TOO_DEEP, UNKNOWN_FLOW, Composition, compose
from cwc.plan.interface import FlowSpec
from cwc.plan.lower import Settings, lower
from cwc.plan.model import Plan, Schedule
from cwc.plan.names import report_unusable
from cwc.plan.tools import Toolbox, Unresolved
from cwc.plan.verify import verify_plan
from cwc.source import Source
from cwc.syntax import parse

if TYPE_CHECKING:
    from cwc.driver.emitting import Emit

NAME_CLASH = define("CWC210", "module_name_clash", "error", "Two flows would be written to one file")
NAME_TOO_LONG = define("CWC212", "module_name_too_long", "error", "No file can have the name of a flow's module")
EQUAL_VERSIONS = define("CWC211", "equal_versions", "warning", "Two versions of a flow are equal, spelt differently")

LONGEST_FILE_NAME = 255
"""In characters, which are ASCII: what the common file systems take."""

OF_SEVERAL = frozenset({NAME_CLASH, EQUAL_VERSIONS, UNKNOWN_FLOW, CYCLE, TOO_DEEP})
"""What is said of a flow because of others in its build set."""

Progress = Callable[[Sequence[Document]], AbstractContextManager[Iterable[Document]]]
"""Gives documents on as they are compiled, to show how far that is."""


@dataclass(frozen=True, slots=True)
class Options:
    """What decides how flows are compiled, beside the flows and the tools. ``here`` is the working directory, which
    paths of flows are relative to, where that is known. ``emits``: modules are made of them.

    ``root`` is the project's folder; None where nothing is written. ``overrides`` has other settings of the
    lowering for some flows, by their names.
    """

    lane: Literal["auto", "sync", "async", "both"] = "auto"
    severities: SeveritySettings = field(default_factory=SeveritySettings)
    root: Path | None = None
    schedule: Schedule = "levels"
    max_step_concurrency: int = 1
    async_constructs: tuple[str, ...] = ()
    jobs: int | None = None
    progress: Progress = nullcontext
    emits: bool = True
    here: str = ""
    overrides: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def lowering_of(self, flow: str) -> Settings:
        settings = Settings(
            lane=self.lane,
            schedule=self.schedule,
            max_step_concurrency=self.max_step_concurrency,
            async_constructs=self.async_constructs,
        )
        own = self.overrides.get(flow)
        return replace(settings, **own) if own else settings

    def source_of(self, path: str) -> str:
        """The path of a flow file as generated modules show it: relative to the project, wherever that is."""
        if self.root is None:
            return path
        try:
            # Both from the root of the file system: so the working directory is not asked for each of many flows.
            relative = Path(os.path.relpath(os.path.join(self.here, path), self.root)).as_posix()
        except ValueError:
            relative = Path(path).name
        return written_path(relative)


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
    composition = compose(documents, report)
    files = _files(documents, composition.latest, report)
    if options.root is not None:
        files = _without_overlong(files, documents, report)
    flows: dict[str, CompiledFlow] = {}
    failed = set(_with_errors(report, options.severities))
    with _emission(documents, options) as emit, options.progress(composition.order) as order:
        for document in order:
            usable = replace(toolbox, flows=_callable(document, composition, flows))
            settings = options.lowering_of(document.flow.name)
            plan = _checked(document, usable, settings, options, report, failed)
            file = files.get(document.path) or ""
            sound = bool(file and document.whole and plan.can_be_emitted and document.path not in failed)
            compiled = _without_broken(CompiledFlow(document, plan, file, sound), flows, report)
            flows[document.path] = emit(compiled, usable, settings) if emit is not None and compiled.sound else compiled
    done = Compiled(tuple(flows[document.path] for document in documents), tuple(unread), report)
    report_lowered(done, options.severities, incomplete=toolbox.incomplete or bool(toolbox.ambiguous))
    return done


def _callable(
    document: Document, composition: Composition, flows: Mapping[str, CompiledFlow]
) -> dict[str, FlowSpec | Unresolved]:
    """The flows that the steps of a document run, by name, and why they cannot run some of them.

    What is wrong with the composition itself is on record already.
    """
    found: dict[str, FlowSpec | Unresolved] = {}
    for name in {step.flow_name for step in document.flow.steps if step is not None and step.flow_name}:
        latest = composition.latest.get(name)
        if latest is None:
            continue
        flow, why = flows.get(latest.path), f"{latest.path!r} has errors"
        if flow is not None and flow.file and flow.plan.final_context.hidden == frozenset():
            found[name] = replace(flow.interface, broken=why if flow.plan.holes else "")
        elif document.path not in composition.unusable:
            found[name] = Unresolved(why)
    return found


def _without_broken(flow: CompiledFlow, flows: Mapping[str, CompiledFlow], report: Report) -> CompiledFlow:
    """A flow is not built where one that it runs is not: it could not be imported."""
    broken = [step for step in flow.plan.steps if isinstance(step.tool, FlowSpec) and not flows[step.tool.path].sound]
    if not (flow.sound and broken):
        return flow
    for step in broken:
        assert isinstance(step.tool, FlowSpec)
        reason = Unresolved(f"{step.tool.path!r} has errors")
        report_unusable(flow.document, step.position, step.tool.name, reason, report)
    return replace(flow, sound=False)


def _checked(
    document: Document, toolbox: Toolbox, settings: Settings, options: Options, report: Report, failed: set[str]
) -> Plan:
    """The plan of a document, and all there is to say of it; files with errors are added to ``failed``."""
    own = Report(sources=report.sources, documents=report.documents)
    plan = lower(document, toolbox, own, source=options.source_of(document.path), settings=settings)
    verify_plan(plan)
    for check in CHECKS:
        check(plan, own)
    report.diagnostics.extend(own.diagnostics)
    failed.update(_with_errors(own, options.severities))
    return plan


def _emission(documents: Sequence[Document], options: Options) -> AbstractContextManager[Emit | None]:
    """What makes modules, where they are asked for."""
    if not options.emits:
        return nullcontext()
    # A check ends without it, and is what editors and hooks wait for.
    from cwc.driver.emitting import emission

    return emission(len(documents), options.jobs, options.root)


def _with_errors(report: Report, severities: SeveritySettings) -> Iterator[str]:
    """The files in which something is an error, as a project weighs it."""
    return (each.primary.path for each in report if each.primary is not None and severities.of(each) == "error")


def _files(documents: list[Document], latest: Mapping[str, Document], report: Report) -> Mapping[str, str]:
    """The file of each document, by its path; flows that would share one are reported and have none."""
    files: dict[str, str] = {}
    owners: dict[str, Document] = {}
    versions: dict[tuple[str, str], Document] = {}
    spellings: dict[tuple[str, Version | None], Document] = {}
    for document in documents:
        # Not by identity: of two that claim one version, the first keeps the name that it has.
        is_latest = latest[document.flow.name].flow.version == document.flow.version
        file = file_name(document.flow.name, document.flow.version, latest=is_latest)
        same = versions.setdefault((document.flow.name, document.flow.version), document)
        equal = spellings.setdefault((document.flow.name, document.version), document)
        if document.version is not None and equal.flow.version != document.flow.version:
            _report_equal(document, equal, latest[document.flow.name], report)
        owner = owners.setdefault(file.casefold(), document) if same is document else same
        if owner is document:
            files[document.path] = file
        else:
            _report_clash(document, owner, file, report)
    return files


def _without_overlong(files: Mapping[str, str], documents: list[Document], report: Report) -> Mapping[str, str]:
    """The files that can be written; of the others it is reported why not."""
    overlong = {path for path, file in files.items() if len(file) > LONGEST_FILE_NAME}
    for document in documents:
        if document.path not in overlong:
            continue
        flow, length = document.flow, len(files[document.path])
        part = "name" if len(flow.name) >= len(flow.version) else "version"
        report.add(
            Diagnostic(
                definition=NAME_TOO_LONG,
                message=f"the module of flow {reprlib.repr(flow.name)} would have a file name of {length:,} characters",
                primary=document.label(Pointer((part,))),
                help=(f"file systems take {LONGEST_FILE_NAME}: give the flow a shorter {part}",),
                flow=flow.name,
            )
        )
    return {path: file for path, file in files.items() if path not in overlong}


def _report_equal(document: Document, other: Document, latest: Document, report: Report) -> None:
    ours, theirs = document.flow.version, other.flow.version
    report.add(
        Diagnostic(
            definition=EQUAL_VERSIONS,
            message=f"flow {document.flow.name!r} has the versions {theirs!r} and {ours!r}, which are equal",
            primary=document.label(Pointer(("version",))),
            related=(other.label(Pointer(("version",)), "the other one"),),
            help=(f"the latest version is that of {latest.path!r}, by the order of the files",),
            flow=document.flow.name,
        )
    )


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
