"""A project compiled: configuration, flow files and tools are gathered, and what comes of them is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from cwc.diagnostics.model import Report, SeveritySettings
from cwc.driver.compile import Compiled, Options, compile_flows
from cwc.driver.config import ProjectConfig, load_config
from cwc.driver.files import display_path, find_flows, read_bytes
from cwc.driver.references import gather_toolbox
from cwc.driver.tools import load_tools
from cwc.language import Document
from cwc.plan.lower import LaneChoice
from cwc.plan.tools import Toolbox
from cwc.source import Source
from cwc.syntax import decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the command line asks for; None and empty mean: as the configuration says."""

    paths: tuple[Path, ...] = ()
    tools: tuple[str, ...] = ()
    out: Path | None = None
    lane: str | None = None
    strict: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a request. Paths are shown as a user would write them."""

    settings: SeveritySettings
    files: int = 0
    flows: int = 0
    compiled: Compiled | None = None
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class Project:
    """A configuration with the command line's wishes put over it."""

    config: ProjectConfig
    settings: SeveritySettings = field(default_factory=SeveritySettings)

    @property
    def options(self) -> Options:
        return Options(LaneChoice(self.config.lane), self.settings)


def open_project(request: Request, report: Report) -> Project | None:
    """The project of the working directory; None if its configuration cannot be read."""
    config = load_config(Path.cwd(), report)
    if config is None:
        return None
    config = replace(
        config,
        tools=request.tools or config.tools,
        lane=request.lane or config.lane,
        out=str(request.out) if request.out else config.out,
        strict=request.strict or config.strict,
    )
    return Project(config, SeveritySettings(config.severity, config.strict))


def check_project(request: Request, report: Report) -> Outcome:
    """Compile the flows and write nothing."""
    project = open_project(request, report)
    if project is None:
        return Outcome(settings=SeveritySettings(strict=request.strict))
    return _compiled(project, request.paths, report)


def build_project(request: Request, report: Report, *, force: bool) -> Outcome:
    """Compile the flows and bring the output folder up to date; flows with errors keep the files they had."""
    project = open_project(request, report)
    if project is None:
        return Outcome(settings=SeveritySettings(strict=request.strict))
    outcome = _compiled(project, request.paths, report)
    if outcome.compiled is None:
        return outcome
    return _written(project, outcome, outcome.compiled, report, force=force)


def _compiled(project: Project, paths: tuple[Path, ...], report: Report) -> Outcome:
    config = project.config
    found = find_flows(paths or (config.root / config.flows,), report)
    sources = [source for path in found if (source := _source(path, report)) is not None]
    compiled = compile_flows(sources, tool_gatherer(config), project.options, report)
    return Outcome(settings=project.settings, files=len(found), flows=len(compiled.flows), compiled=compiled)


def tool_gatherer(config: ProjectConfig) -> GatherTools:
    """What gathers the tools of the configured modules, and every class that documents refer to."""

    def gather(documents: Iterable[Document], report: Report) -> Toolbox:
        loaded = load_tools(config.tools, config, report)
        return gather_toolbox(loaded.specs, documents, config)

    return gather


def _source(path: Path, report: Report) -> Source | None:
    data = read_bytes(path, report)
    return None if data is None else decode(display_path(path), data, report)
