"""The flows of an output folder as a catalogue: the registry, and the project's tools to compare its flows with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cwc.diagnostics.model import Definition, Diagnostic, Label, Report, SeveritySettings, define
from cwc.driver.config import ProjectConfig
from cwc.driver.files import display_path
from cwc.driver.project import Request, open_project
from cwc.driver.states import unusable_states
from cwc.driver.tools.toolbox import load_tools
from cwc.runtime.errors import FlowNotFoundError, FlowSerializationError, RegistryStateError
from cwc.runtime.registry.drift import FlowDrift
from cwc.runtime.registry.flows import FlowRegistry, FlowSummary

NO_CATALOGUE = define("CWC814", "no_catalogue", "error", "An output folder has no flows to find", project=True)
NOT_LISTED = define("CWC815", "flow_not_listed", "error", "An output folder has no such flow", project=True)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The flows of a project's output folder. ``registry`` is None if there are none to be had, which is reported."""

    settings: SeveritySettings
    config: ProjectConfig | None = None
    registry: FlowRegistry | None = None


def open_catalogue(out: Path | None, tools: tuple[str, ...], report: Report) -> Catalogue:
    """The catalogue in ``out``, by default where the project builds to. No module is imported."""
    project = open_project(Request(out=out, tools=tools), report)
    if project is None:
        return Catalogue(SeveritySettings())
    folder = project.config.out
    try:
        return Catalogue(project.settings, project.config, FlowRegistry(folder))
    except FlowSerializationError as error:
        shown = display_path(folder)
        _add(NO_CATALOGUE, f"there is no catalogue in {shown!r}: {error.detail}", shown, report)
        return Catalogue(project.settings)


def list_flows(catalogue: Catalogue, report: Report) -> list[FlowSummary]:
    """What is known of every flow."""
    return _guarded(catalogue, report, lambda registry: registry.summaries()) or []


def set_status(catalogue: Catalogue, name: str, status: str, version: str | None, report: Report) -> None:
    """Set the status of a flow, one of those that there are."""
    _guarded(catalogue, report, lambda registry: registry.set_flow_status(name, status, version=version))  # type: ignore[arg-type]


def find_drift(catalogue: Catalogue, report: Report) -> list[FlowDrift]:
    """The flows that were built with other schemas than the project's tools have now; they are set to needs_review."""
    tools = _tools(catalogue, report)
    return _guarded(catalogue, report, lambda registry: registry.check_drift(tools)) or []


def accept_drift(catalogue: Catalogue, name: str, version: str | None, report: Report) -> None:
    """Take the project's tools as they are now for a flow's snapshot, and make the flow active."""
    tools = _tools(catalogue, report)
    _guarded(catalogue, report, lambda registry: registry.accept_drift(name, version=version, tools=tools))


def _tools(catalogue: Catalogue, report: Report) -> list[object]:
    """The tool objects of the project."""
    config = catalogue.config
    return [] if config is None else list(load_tools(config.tools, config, report).objects.values())


def _guarded(catalogue: Catalogue, report: Report, act: Callable[[FlowRegistry], T]) -> T | None:
    """What comes of an act, or None and a diagnostic; nothing is done after an error."""
    if catalogue.registry is None or report.has_errors(catalogue.settings):
        return None
    try:
        return act(catalogue.registry)
    except FlowNotFoundError as error:
        known = ", ".join(f"{flow.name} {flow.version}" for flow in catalogue.registry.summaries()[:10])
        version = "" if error.version is None else f" in version {error.version!r}"
        message = f"there is no flow {error.flow_name!r}{version}"
        _add(NOT_LISTED, message, None, report, f"the flows that there are: {known or 'none'}")
    except (RegistryStateError, OSError) as error:
        report.add(unusable_states(error))
    return None


def _add(definition: Definition, message: str, path: str | None, report: Report, *help: str) -> None:
    label = None if path is None else Label(path)
    report.add(Diagnostic(definition=definition, message=message, primary=label, help=help))
