"""The two sides of a comparison: flow files, flows of the project by name, and files as git has them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from cwc.diagnostics.model import Diagnostic, Label, Report, SeveritySettings
from cwc.driver.comparing.changes import Version
from cwc.driver.compile import CompiledFlow, compile_flows
from cwc.driver.files import NOT_FOUND, find_flows, is_flow_file
from cwc.driver.project import Project, Request, open_project, read_source, tool_gatherer
from cwc.driver.running import find_flow
from cwc.source import Source
from cwc.syntax import decode

COMPARABLE = "a flow file, REVISION:PATH for one in a commit of git, or a flow of the project"
_LONGEST_WAIT = 30
"""Seconds for git."""


def open_version(name: str, tools: tuple[str, ...], report: Report) -> tuple[Version | None, SeveritySettings]:
    """A flow to compare; None if it cannot be read, which the report says.

    ``name`` is as for `find_flow`, or ``REVISION:path`` for a flow file in a commit of git, the path as seen from the
    working directory.
    """
    own = Report()
    revision, colon, path = name.partition(":")
    if colon and is_flow_file(path) and not os.path.lexists(name):
        flow, settings = _in_git(revision, path, tools, own)
    else:
        found = find_flow(name, tools, own, takes=COMPARABLE)
        flow, settings = found.flow, found.settings
    if flow is None:
        report.extend(own)
        return None, settings
    file = flow.document.path
    said = [entry for entry in own if entry.primary is not None and entry.primary.path == file]
    kept = tuple(entry for entry in said if settings.of(entry) != "off")
    return Version(flow.document, flow.plan, kept), settings


def _in_git(
    revision: str, path: str, tools: tuple[str, ...], report: Report
) -> tuple[CompiledFlow | None, SeveritySettings]:
    project = open_project(Request(tools=tools), report)
    if project is None:
        return None, SeveritySettings()
    source = _from_git(revision, path, report)
    if source is None:
        return None, project.settings
    sources = [source, *_others(project, path, report)]
    compiled = compile_flows(sources, tool_gatherer(project.config), project.options, report)
    return next((flow for flow in compiled.flows if flow.document.path == source.path), None), project.settings


def _others(project: Project, path: str, report: Report) -> list[Source]:
    """The project's flows as they are on the disk, which the flow may run; not the file that it is a version of."""
    config, own = project.config, os.path.realpath(path)
    folders = [folder for flows in config.flows if (folder := config.root / flows).exists()]
    paths = [other for other in find_flows(folders, report) if os.path.realpath(other) != own]
    return [source for other in paths if (source := read_source(other, report, {})) is not None]


def _from_git(revision: str, path: str, report: Report) -> Source | None:
    """The text of a file in a commit, or None and a diagnostic."""
    name = f"{revision}:{path}"
    # Git takes what begins with a dash for an option, and a path without ./ for one from the repository's top.
    wanted = f"{revision}:./{Path(path).as_posix()}"
    try:
        if revision.startswith("-") or not revision:
            raise ValueError("it names no commit")
        command = ["git", "show", "--no-textconv", wanted]
        done = subprocess.run(command, capture_output=True, timeout=_LONGEST_WAIT, check=False)
        if done.returncode:
            raise ValueError(done.stderr.decode("utf-8", "replace").strip() or "git does not say why")
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        message = f"cannot read {name!r}: {error}"
        report.add(Diagnostic(definition=NOT_FOUND, message=message, primary=Label(name)))
        return None
    return decode(name, done.stdout, report)
