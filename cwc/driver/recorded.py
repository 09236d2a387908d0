"""Finding the flow of a recorded run among the project's generated modules."""

from __future__ import annotations

from typing import Any

from cwc.diagnostics.model import Diagnostic, Report
from cwc.driver.files import display_path
from cwc.driver.project import Request, open_project
from cwc.driver.running import NO_SUCH_FLOW, Opened, open_generated
from cwc.driver.tools.imports import importing_from
from cwc.driver.writing.manifest import read_manifest
from cwc.runtime.flow import Flow
from cwc.runtime.stores.checkpoints import RunStart
from cwc.runtime.stores.identity import SOURCE


def open_recorded(start: RunStart, report: Report) -> Opened | None:
    """The flow that a run is a run of: by name and version, and by its source's digest where there are several.

    None, and a diagnostic, where the project has none, or it cannot be imported. Whether it is what it was, is for
    resuming to say.
    """
    project = open_project(Request(), report)
    manifest = read_manifest(project.config.out, report) if project is not None else None
    if project is None or manifest is None:
        return None
    found = [
        (entry.flow.digest == start.identity.get(SOURCE), name)
        for name, entry in manifest.files.items()
        if entry.flow is not None and (entry.flow.name, entry.flow.version) == (start.flow_name, start.flow_version)
    ]
    if not found:
        report.add(_missing(start, display_path(project.config.out)))
        return None
    with importing_from(project.config.root):
        flow: Flow[Any] | None = open_generated(project.config.out / max(found)[1], report)
    return None if flow is None else Opened(flow, project.settings)


def _missing(start: RunStart, out: str) -> Diagnostic:
    return Diagnostic(
        definition=NO_SUCH_FLOW,
        message=f"{out!r} has no module of flow {start.flow_name!r} {start.flow_version}, which the run is a run of",
        help=("run this in the project of the flow, after `cwc build`",),
    )
