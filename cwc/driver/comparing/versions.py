"""The two sides of a comparison: flow files, flows of the project by name, and files as git has them."""

from __future__ import annotations

import os
import subprocess

from cwc.diagnostics.model import Diagnostic, Label, Report, SeveritySettings
from cwc.driver.comparing.changes import Version
from cwc.driver.compile import CompiledFlow, compile_flows
from cwc.driver.files import NOT_FOUND, find_flows, is_flow_file
from cwc.driver.project import Project, Request, open_project, tool_gatherer
from cwc.driver.running import find_flow
from cwc.driver.sources import read_source
from cwc.source import Source
from cwc.syntax import decode

COMPARABLE = "a flow file, REVISION:PATH for one in a commit of git, or a flow of the project"
_FROM_HERE = ("./", "../")
_LONGEST_WAIT = 30
"""Seconds for git."""


def open_version(name: str, tools: tuple[str, ...], report: Report) -> tuple[Version | None, SeveritySettings]:
    """A flow to compare; None if it cannot be read, which the report says.

    ``name`` is as for `find_flow`, or ``REVISION:PATH`` for a flow file in a commit of git. As in git, the path is from
    the top of the repository, unless it begins with ``./`` or ``../``: then it is from the working directory.
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
    # A flow that runs this one has findings that point here, and they are none of this one's.
    file, names = flow.document.path, (None, flow.plan.name)
    said = [e for e in own if e.primary is not None and e.primary.path == file and e.flow in names]
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
    sources = [source, *_others(project, _on_disk(path), report)]
    compiled = compile_flows(sources, tool_gatherer(project.config), project.options, report)
    return next((flow for flow in compiled.flows if flow.document.path == source.path), None), project.settings


def _others(project: Project, path: str, report: Report) -> list[Source]:
    """The project's flows as they are on the disk, which the flow may run; not the file that it is a version of."""
    config, own = project.config, os.path.realpath(path)
    folders = [folder for flows in config.flows if (folder := config.root / flows).exists()]
    paths = [other for other in find_flows(folders, report) if os.path.realpath(other) != own]
    return [source for other in paths if (source := read_source(other, report, {})) is not None]


def _on_disk(path: str) -> str:
    """Where the file of a path in a commit would lie, from here."""
    if path.startswith(_FROM_HERE):
        return path
    return os.path.join(_git("rev-parse", "--show-cdup").decode("utf-8", "surrogateescape").rstrip("\n"), path)


def _from_git(revision: str, path: str, report: Report) -> Source | None:
    """The text of a file in a commit, or None and a diagnostic."""
    name = f"{revision}:{path}"
    try:
        # Git takes what begins with a dash for an option.
        if revision.startswith("-") or not revision:
            raise ValueError("it names no commit")
        text = _git("show", "--no-textconv", name)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        message = f"cannot read {name!r}: {str(error).partition(chr(10))[0]}"
        help = f"as in git, PATH is from the top of the repository; from here it is '{revision}:./{path}'"
        helps = () if path.startswith(_FROM_HERE) or not revision else (help,)
        report.add(Diagnostic(definition=NOT_FOUND, message=message, primary=Label(name), help=helps))
        return None
    return decode(name, text, report)


def _git(*arguments: str) -> bytes:
    """What git prints. Raises OSError, ValueError and TimeoutExpired."""
    done = subprocess.run(["git", *arguments], capture_output=True, timeout=_LONGEST_WAIT, check=False)
    if done.returncode:
        raise ValueError(done.stderr.decode("utf-8", "replace").strip() or "git does not say why")
    return done.stdout
