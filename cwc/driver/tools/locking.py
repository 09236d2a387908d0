"""Making the lock of a project, and telling what about it is no longer true."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from cwc.diagnostics.model import Diagnostic, Label, Report, SeveritySettings
from cwc.driver.files import display_path, read_bytes, reason
from cwc.driver.project import Request, compile_paths, open_project, tool_gatherer
from cwc.driver.tools.lock import FILE_NAME, STALE_LOCK, Lock, parse_lock, read_lock, render_lock
from cwc.driver.writing.output import WRITE_FAILED, write_atomic
from cwc.language import Document
from cwc.plan.tools import Toolbox, ToolSpec
from cwc.runtime.registry.drift import ToolSchemas, changes_between


def lock_project(request: Request, report: Report, *, check: bool = False) -> tuple[SeveritySettings, Path | None]:
    """Lock the tools and classes that the project's flows use; the path of the lock if it was written.

    With ``check`` nothing is written, and what is not as the lock says is reported. Flows with errors are not locked.
    """
    project = open_project(request, report)
    if project is None:
        return SeveritySettings(), None
    config, gather = project.config, tool_gatherer(project.config)
    seen: list[tuple[list[Document], Toolbox]] = []

    def gather_and_keep(documents: Iterable[Document], said: Report) -> Toolbox:
        documents = list(documents)
        toolbox = gather(documents, said)
        seen.append((documents, toolbox))
        return toolbox

    compile_paths(project, request.paths, report, gather=gather_and_keep)
    if report.has_errors(project.settings) or not seen:
        return project.settings, None
    documents, toolbox = seen[-1]
    data = render_lock(toolbox, documents)
    path = config.root / FILE_NAME
    if check:
        old = read_lock(config, report)
        if old is not None and path.read_bytes().replace(b"\r\n", b"\n") != data:
            report.diagnostics.extend(_stale(path, old, parse_lock(data, config)))
        return project.settings, None
    return project.settings, path if _written(path, data, report) else None


def _written(path: Path, data: bytes, report: Report) -> bool:
    """Write the lock, if it says anything new; whether that was so."""
    try:
        if os.path.lexists(path) and read_bytes(path, Report()) == data:
            return False
        write_atomic(path, data)
    except OSError as error:
        shown = display_path(path)
        message = f"cannot write {shown!r}: {reason(error)}"
        report.add(Diagnostic(definition=WRITE_FAILED, message=message, primary=Label(shown)))
        return False
    return True


def _stale(path: Path, old: Lock, new: Lock) -> Iterator[Diagnostic]:
    """What is not as the lock says, a diagnostic each."""
    shown = display_path(path)
    found = [*_changed_tools(old, new), *_changed_references(old, new)]
    for message, help in found or [("it is not written as `cwc lock` writes it", ())]:
        yield Diagnostic(
            definition=STALE_LOCK,
            message=f"{shown!r} is stale: {message}",
            primary=Label(shown),
            help=(*help, "run `cwc lock`, and `cwc build`"),
        )


Told = tuple[str, tuple[str, ...]]


def _changed_tools(old: Lock, new: Lock) -> Iterator[Told]:
    for name in sorted(old.tools.keys() | new.tools.keys()):
        before, after = old.tools.get(name), new.tools.get(name)
        if before is None or after is None:
            yield f"tool {name!r} is {'not in it' if before is None else 'no longer used'}", ()
        elif before.schema_hash != after.schema_hash:
            changes = changes_between(_schemas(before), _schemas(after))
            yield f"the schemas of tool {name!r} changed", tuple(map(str, changes))
        elif repr(before) != repr(after):
            yield f"what tool {name!r} declares, or where it stands, changed", ()


def _changed_references(old: Lock, new: Lock) -> Iterator[Told]:
    for ref in sorted(old.models.keys() | new.models.keys() | old.errors ^ new.errors):
        locked = ref in old.models or ref in old.errors
        if not (ref in new.models or ref in new.errors):
            yield f"{ref!r} is no longer used", ()
        elif not locked:
            yield f"{ref!r} is not in it", ()
        elif repr(old.models.get(ref)) != repr(new.models.get(ref)):
            yield f"the model {ref!r} changed", ()


def _schemas(tool: ToolSpec) -> ToolSchemas:
    return ToolSchemas(tool.input_schema, tool.output_schema, tool.schema_version)
