"""Opening a flow to run it: from a flow file, a generated module, or by its name in the project."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from cwc.diagnostics.model import Diagnostic, Label, Report, SeveritySettings, define
from cwc.driver.compile import Compiled, CompiledFlow
from cwc.driver.files import display_path, is_flow_file, read_bytes
from cwc.driver.memory import load_flow
from cwc.driver.no_project import why_no_project
from cwc.driver.project import Project, Request, compile_paths, open_project
from cwc.driver.states import in_state
from cwc.driver.tools.imports import describe_error, foreign_code, importing_from
from cwc.driver.writing.leftovers import HEADER
from cwc.emit.names import file_name
from cwc.plan.composition import UNKNOWN_FLOW, latest_of
from cwc.runtime.flow import Flow
from cwc.runtime.results import ExecutionResult
from cwc.runtime.stores.checkpoints import Checkpointer

NO_SUCH_FLOW = define("CWC812", "no_such_flow", "error", "There is no flow of that name", project=True)
NOT_GENERATED = define(
    "CWC813", "not_a_generated_module", "error", "A Python file is no module that cwc generated", project=True
)

FINDABLE = "a flow file, or a flow of the project"
RUNNABLE = "a flow file, a generated .py file, or a flow of the project"


@dataclass(frozen=True, slots=True)
class Opened:
    """A flow to run; None if it could not be opened, which the report says.

    ``built``: the generated module that was taken for a name, where no tools are named to compile its flow with.
    """

    flow: Flow[Any] | None
    settings: SeveritySettings
    built: Path | None = None


def open_flow(name: str, tools: tuple[str, ...], report: Report) -> Opened:
    """Open a flow by the path of a flow file or generated module, or by the name of one of the project's flows.

    The last two, and flows that they run, have the states of their output folder (SEMANTICS A10). A flow file that is
    named has its own: it need not be what was built. Where no tools are named, a name is that of a flow that was built.
    """
    path = Path(name)
    if name.endswith(".py"):
        return Opened(open_generated(path, report), SeveritySettings())
    own = Report()
    found = find_flow(name, tools, own, takes=RUNNABLE)
    if found.flow is None or found.flow.artifact is None:
        built = None if is_flow_file(name) or not found.toolless else _built(found.out, name)
        if built is not None:
            return Opened(open_generated(built, report), found.settings, built)
        report.extend(own)
        return Opened(None, found.settings)
    report.extend(own)
    with importing_from(found.root):
        flow = load_flow(found.flow, found.others)
    return Opened(flow if is_flow_file(name) else in_state(flow, found.out, report), found.settings)


def find_flow(name: str, tools: tuple[str, ...], report: Report, *, takes: str = FINDABLE) -> Found:
    """Compile the flow of a file, or one of the project's by its name, and report what is wrong with it.

    ``takes`` tells what else can be named, for a name that leads nowhere.
    """
    project = open_project(Request(tools=tools), report)
    if project is None:
        return Found(None, (), SeveritySettings(), Path(), Path())
    look = _at_path(project, Path(name), report) if is_flow_file(name) else _by_name(project, name, takes, report)
    flow, others = look or (None, ())
    config = project.config
    return Found(flow, others, project.settings, config.root, config.out, toolless=not config.tools)


def _built(out: Path, name: str) -> Path | None:
    """The generated module of the latest version of a flow, by its name."""
    path = out / file_name(name, "", latest=True)
    try:
        with open(path, "rb") as file:
            return path if file.read(len(HEADER)) == HEADER else None
    except (OSError, ValueError):
        return None


def run_flow(flow: Flow[Any], given: Mapping[str, Any], *, lane: str, force: bool) -> ExecutionResult[Any]:
    """Run a flow to its end on one lane; raises what the flow raises."""
    if lane == "async":
        return asyncio.run(flow.run_async(given, force=force))
    return flow.run(given, force=force)


def resume_flow(
    flow: Flow[Any], trace_id: str, *, checkpointer: Checkpointer, lane: str, force: bool
) -> ExecutionResult[Any]:
    """Go on with a recorded run to its end on one lane; raises what the flow raises."""
    if lane == "async":
        return asyncio.run(flow.resume_async(trace_id, checkpointer=checkpointer, force=force))
    return flow.resume(trace_id, checkpointer=checkpointer, force=force)


@dataclass(frozen=True, slots=True)
class Found:
    """A flow, None if there is none that can be read, and the flows that it may run; the folder of their project,
    and the one that it builds to. ``toolless``: no modules of tools are named."""

    flow: CompiledFlow | None
    others: tuple[CompiledFlow, ...]
    settings: SeveritySettings
    root: Path
    out: Path
    toolless: bool = False


_Look = tuple[CompiledFlow, tuple[CompiledFlow, ...]]


def _at_path(project: Project, path: Path, report: Report) -> _Look | None:
    """The flow of a file; the flows that it runs are those of the project and those beside it."""
    alone = Report()
    compiled = compile_paths(project, (path,), alone).compiled
    if compiled is None or not compiled.flows or all(found.slug != UNKNOWN_FLOW.slug for found in alone):
        report.extend(alone)
        return (compiled.flows[0], ()) if compiled is not None and compiled.flows else None
    folders = (folder for folder in _flow_folders(project) if folder.exists())
    together = Report()
    compiled = compile_paths(project, (path, path.parent, *folders), together).compiled
    assert compiled is not None
    shown = display_path(path)
    return _reported(next(flow for flow in compiled.flows if flow.document.path == shown), compiled, together, report)


def _by_name(project: Project, name: str, takes: str, report: Report) -> _Look | None:
    """The latest version of a flow of the project. What is wrong with other flows is not reported."""
    found = Report()
    compiled = compile_paths(project, (), found).compiled
    flows = [flow for flow in compiled.flows if flow.plan.name == name] if compiled is not None else []
    if compiled is None or not flows:
        # It may be in a file that cannot be read; what else there is to say of the others is not asked for.
        errors = [entry for entry in found if project.settings.of(entry) == "error"]
        report.extend(Report(errors, found.sources, found.documents))
        known = [] if compiled is None else [flow.plan.name for flow in compiled.flows]
        help = (*_known_flows(name, known), f"name {takes}", *filter(None, (why_no_project(project.config),)))
        report.add(Diagnostic(definition=NO_SUCH_FLOW, message=f"the project has no flow {name!r}", help=help))
        return None
    latest = latest_of([flow.document for flow in flows])[name]
    return _reported(next(flow for flow in flows if flow.document is latest), compiled, found, report)


def _known_flows(name: str, known: Iterable[str]) -> Iterator[str]:
    """The flow that was meant, or those that there are."""
    names = sorted(set(known))
    close = get_close_matches(name, names, n=1)
    if close:
        yield f"did you mean {close[0]!r}?"
    elif names:
        more = f" and {len(names) - 10} more" if len(names) > 10 else ""
        yield f"the flows of the project: {', '.join(map(repr, names[:10]))}{more}"


def _reported(flow: CompiledFlow, compiled: Compiled, found: Report, report: Report) -> _Look:
    """Report what is wrong with a flow and the flows that it runs, and nothing else."""
    by_path = {other.document.path: other for other in compiled.flows}
    paths = {flow.document.path}
    queue = [flow]
    for each in queue:
        called = [spec.path for spec in each.plan.flows if spec.path not in paths]
        paths.update(called)
        queue += [by_path[path] for path in called]
    own = [
        entry
        for entry in found
        if entry.primary is None or entry.primary.path in paths or (entry.definition.first and not flow.artifact)
    ]
    report.extend(Report(own, found.sources, found.documents))
    return flow, tuple(compiled.flows)


def _flow_folders(project: Project) -> list[Path]:
    return [project.config.root / folder for folder in project.config.flows]


def open_generated(path: Path, report: Report) -> Flow[Any] | None:
    """The flow of a generated module, in its folder's state. The folder is a package: modules in it import each other.

    A file that does not begin as cwc's do is not imported.
    """
    data = read_bytes(path, report)
    if data is None:
        return None
    if not data.startswith(HEADER):
        _refuse(path, "cwc did not generate it", report)
        return None
    try:
        with foreign_code():
            flow = getattr(_import(Path(os.path.realpath(path))), "FLOW", None)
    except Exception as error:
        _refuse(path, describe_error(error), report)
        return None
    if not isinstance(flow, Flow):
        _refuse(path, "it has no FLOW", report)
        return None
    return in_state(flow, path.parent, report)


def _import(path: Path) -> ModuleType:
    """Import a file; tools are looked for in the working directory and beside the file's folder."""
    with importing_from(path.parent.parent), importing_from(Path.cwd()):
        if (path.parent / "__init__.py").exists():
            return importlib.import_module(f"{path.parent.name}.{path.stem}")
        spec = importlib.util.spec_from_file_location(path.stem, path)
        if spec is None or spec.loader is None:
            raise ImportError(f"cannot import {path}")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module


def _refuse(path: Path, why: str, report: Report) -> None:
    shown = display_path(path)
    report.add(
        Diagnostic(
            definition=NOT_GENERATED,
            message=f"cannot run {shown!r}: {why}",
            primary=Label(shown),
            help=("generated modules are run from where their tools can be imported; `cwc build` makes them",),
        )
    )
