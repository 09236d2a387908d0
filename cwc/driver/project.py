"""A project compiled: configuration, flow files and tools are gathered, and what comes of them is written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cwc.diagnostics.model import Diagnostic, Report, SeveritySettings
from cwc.driver.compile import Compiled, GatherTools, Options, Progress, compile_flows
from cwc.driver.config import INVALID_SETTING, Lane, ProjectConfig, Schedule, load_config, overrides_without
from cwc.driver.files import LOCK, find_flows, working_directory
from cwc.driver.idle_settings import report_idle
from cwc.driver.looking import no_flows, tell_where, with_general
from cwc.driver.no_project import why_no_project
from cwc.driver.sources import read_source
from cwc.driver.tools.imports import foreign_code, staying
from cwc.driver.tools.references import gather_toolbox
from cwc.driver.tools.toolbox import DUPLICATE_TOOL, LOST, LoadedTools, load_tools
from cwc.driver.unlisted import named_tools, unlisted_tools
from cwc.driver.writing.output_names import hides
from cwc.language import Document
from cwc.plan.tools import Toolbox

if TYPE_CHECKING:
    from cwc.driver.rebuilding.changed import Rest
    from cwc.driver.rebuilding.snapshot import Snapshot
    from cwc.driver.writing.output import Changes
    from cwc.runtime.registry.state import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the command line asks for; None and empty mean: as the configuration says."""

    paths: tuple[Path, ...] = ()
    tools: tuple[str, ...] = ()
    out: Path | None = None
    lane: Lane | None = None
    schedule: Schedule | None = None
    max_step_concurrency: int | None = None
    strict: bool = False
    locked: bool = False
    strict_types: bool = False
    jobs: int | None = None
    progress: Progress = nullcontext


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a request. ``changes`` are those of the output folder, made or to be made.

    ``config`` is the project's, with the request's wishes put over it. ``rest`` is what was compiled, where
    nothing had changed for the other flows. ``searched``: every place that flow files are looked for in
    could be looked at, so that a flow that was not found is gone. ``brought_back`` are the flows, by name and version,
    that drift had set to needs_review, and that are as before because they were built with the tools as they are.
    """

    settings: SeveritySettings
    files: int = 0
    flows: int = 0
    compiled: Compiled | None = None
    changes: Changes | None = None
    config: ProjectConfig | None = None
    rest: Rest | None = None
    searched: bool = True
    brought_back: tuple[Key, ...] = ()

    @property
    def written(self) -> list[str]:
        return [] if self.changes is None else self._shown(self.changes, self.changes.write)

    @property
    def removed(self) -> list[str]:
        return [] if self.changes is None else self._shown(self.changes, self.changes.remove)

    @staticmethod
    def _shown(changes: Changes, names: Iterable[str]) -> list[str]:
        from cwc.driver.writing.updating import shown

        return shown(changes, names)


@dataclass(frozen=True, slots=True)
class Project:
    """A configuration with the command line's wishes put over it."""

    config: ProjectConfig
    settings: SeveritySettings = field(default_factory=SeveritySettings)
    locked: bool = False
    jobs: int | None = None
    progress: Progress = nullcontext
    emits: bool = True

    @property
    def gather(self) -> GatherTools:
        """What gathers tools and classes: from the lock alone, or from modules, telling where a lock is stale."""
        if self.locked:
            from cwc.driver.tools.lock import locked_gatherer

            return locked_gatherer(self.config)
        gather = tool_gatherer(self.config)

        def gather_and_compare(documents: Iterable[Document], report: Report) -> Toolbox:
            documents = list(documents)
            toolbox = gather(documents, report)
            if os.path.lexists(self.config.root / LOCK):
                from cwc.driver.tools.lock import report_stale

                report_stale(self.config, toolbox, documents, report)
            return toolbox

        return gather_and_compare

    @property
    def options(self) -> Options:
        config = self.config
        return Options(
            config.lane,
            self.settings,
            config.root,
            config.schedule,
            config.max_step_concurrency,
            config.async_constructs,
            self.jobs,
            self.progress,
            self.emits,
            working_directory() or "",
            config.flow_overrides,
        )


def open_project(request: Request, report: Report) -> Project | None:
    """The project of the working directory; None if its configuration cannot be read."""
    config = load_config(Path.cwd(), report)
    if config is None:
        return None
    if request.out is not None and (hidden := hides(request.out.absolute(), config.root)):
        message = f"--out must not be {request.out.name!r}: {hidden}"
        report.add(Diagnostic(definition=INVALID_SETTING, message=message))
        return None
    config = replace(
        config,
        tools=request.tools or config.tools,
        lane=request.lane or config.lane,
        schedule=request.schedule or config.schedule,
        max_step_concurrency=request.max_step_concurrency or config.max_step_concurrency,
        out=request.out.absolute() if request.out else config.out,
        strict=request.strict or config.strict,
        strict_types=request.strict_types or config.strict_types,
        flow_overrides=overrides_without(config, request),
    )
    settings = SeveritySettings(config.severity, config.strict, config.strict_types)
    return Project(config, settings, request.locked, request.jobs, request.progress)


def compile_project(request: Request, report: Report) -> Compiled | None:
    """The project's flows compiled; None if its configuration cannot be read."""
    project = open_project(request, report)
    return None if project is None else compile_paths(project, request.paths, report).compiled


def check_project(request: Request, report: Report, *, past: Snapshot | None = None) -> Outcome:
    """All that there is to say of the flows, without making modules of them; ``past`` as in `build_project`."""
    project = open_project(request, report)
    if project is None:
        return Outcome(settings=SeveritySettings(strict=request.strict))
    project = replace(project, emits=False)
    with staying():
        outcome = _compile_changed(project, request.paths, past, report)
        return outcome or compile_paths(project, request.paths, report)


def build_project(
    request: Request, report: Report, *, force: bool = False, dry: bool = False, past: Snapshot | None = None
) -> Outcome:
    """Compile the flows and bring the output folder up to date; flows with errors keep the files they had.

    ``dry`` writes nothing: what would change is in the outcome, and is reported as `out_of_date`. ``past`` is what the
    same request came to earlier: where it allows, only what has changed since is compiled.
    """
    project = open_project(request, report)
    if project is None:
        return Outcome(settings=SeveritySettings(strict=request.strict))
    with staying():
        outcome = _compile_changed(project, request.paths, past, report)
        outcome = outcome or compile_paths(project, request.paths, report)
    if outcome.compiled is None:
        return outcome
    from cwc.driver.writing.updating import bring_up_to_date

    return bring_up_to_date(project, outcome, outcome.compiled, report, force=force, dry=dry)


def _compile_changed(
    project: Project, paths: tuple[Path, ...], past: Snapshot | None, report: Report
) -> Outcome | None:
    """What has changed since an earlier call compiled; None where that does not do."""
    from cwc.driver.rebuilding.changed import is_of_each, rest_of

    rest = rest_of(past, _places(project, paths)) if past is not None else None
    if rest is None:
        return None
    own = Report()
    outcome = compile_paths(project, rest.paths, own)
    if outcome.flows != len(rest.paths) - rest.unread or not is_of_each(own, project.settings, rest):
        return None
    report.extend(own)
    if not paths:
        report_idle(project.config, {flow.name for flow in rest.flows.values()}, report)
    return replace(outcome, files=len(rest.flows) + rest.unread, flows=len(rest.flows), rest=rest)


def _places(project: Project, paths: tuple[Path, ...]) -> list[Path]:
    """Where flow files are looked for."""
    return [*paths] or [project.config.root / flows for flows in project.config.flows]


def compile_paths(
    project: Project,
    paths: tuple[Path, ...],
    report: Report,
    *,
    gather: GatherTools | None = None,
    texts: Mapping[str, bytes] | None = None,
) -> Outcome:
    """Compile the flow files at ``paths``, by default the project's.

    ``gather`` finds the tools, by default as the project says; ``texts`` are contents of files, by displayed path, that
    count instead of those on the disk.
    """
    config = project.config
    looking = Report()
    found = find_flows(_places(project, paths), looking)
    if not found and not looking.diagnostics:
        looking.add(no_flows(paths or config.flows))
    why = "" if paths else why_no_project(config)
    report.extend(with_general(looking, why) if why else looking)
    here = working_directory()
    sources = [source for path in found if (source := read_source(path, report, texts or {}, here)) is not None]
    with foreign_code():
        compiled = compile_flows(sources, gather or project.gather, project.options, report)
    if paths:
        tell_where(report, compiled, (*config.flows, *(path.parent for path in paths)))
    if not (paths or looking.diagnostics or compiled.unread) and len(sources) == len(found):
        report_idle(config, {flow.plan.name for flow in compiled.flows}, report)
    return Outcome(
        settings=project.settings,
        files=len(found),
        flows=len(compiled.flows),
        compiled=compiled,
        config=config,
        searched=not looking.diagnostics,
    )


def tool_gatherer(config: ProjectConfig) -> GatherTools:
    """What gathers the tools of the configured modules, and every class that documents refer to.

    The modules are imported when it is first called; what there is to say of them is said each time.
    """
    loaded: list[tuple[LoadedTools, Report]] = []
    severities = SeveritySettings(config.severity, config.strict, config.strict_types)

    def gather(documents: Iterable[Document], report: Report) -> Toolbox:
        if not loaded:
            own = Report()
            loaded.append((load_tools(config.tools, config, own), own))
        tools, said = loaded[0]
        report.extend(said)
        documents = list(documents)
        toolbox = gather_toolbox(tools.specs, documents, config)
        # Nothing follows from what does not fail the build: then a tool that is not there must be told of.
        errors = [entry for entry in said if severities.of(entry) == "error"]
        return replace(
            toolbox,
            incomplete=any(entry.definition in LOST for entry in errors),
            ambiguous=frozenset(entry.tool for entry in errors if entry.definition is DUPLICATE_TOOL and entry.tool),
            unlisted=unlisted_tools(named_tools(documents) - tools.specs.keys(), config),
            no_project=why_no_project(config),
        )

    return gather
