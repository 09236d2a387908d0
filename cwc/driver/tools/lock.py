"""``cwc.lock``: what a build needs to know of the tools and classes in use, so that it need not import them."""

from __future__ import annotations

import json
import keyword
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from cwc.diagnostics.model import Definition, Diagnostic, Label, Pointer, Report, define
from cwc.driver.compile import GatherTools
from cwc.driver.config import ProjectConfig
from cwc.driver.files import LOCK, display_path, read_bytes
from cwc.driver.rebuilding.freezing import Freezer
from cwc.driver.rebuilding.thawing import Thawer, ThawError
from cwc.driver.tools.classes import allowed_modules, refusal_of
from cwc.driver.tools.imports import is_module_name
from cwc.driver.tools.references import references_of
from cwc.language import Document
from cwc.language.references import Reference
from cwc.plan.tools import ModelSpec, Toolbox, ToolSpec, Unresolved
from cwc.runtime.tools.schema_hash import schemas_hash

NO_LOCK = define("CWC710", "no_lock", "error", "A locked build has no lock", project=True)
INVALID_LOCK = define("CWC711", "invalid_lock", "error", "A lock cannot be used", project=True)
NOT_LOCKED = define("CWC712", "tool_not_locked", "error", "A flow uses a tool that the lock does not have")

STALE_LOCK = define("CWC713", "stale_lock", "error", "A lock is not what the project's tools and flows make of it")

FILE_NAME = LOCK
FORMAT = 1
"""The version of the lock's shape."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Lock:
    """The tools and models that a lock holds, and the references to exception classes that led to one."""

    tools: Mapping[str, ToolSpec]
    models: Mapping[str, ModelSpec]
    errors: frozenset[str]


def used_tools(documents: Iterable[Document]) -> dict[str, Label]:
    """The tools that flows name, and where each is named first."""
    found: dict[str, Label] = {}
    for document in documents:
        for position, step in enumerate(document.flow.steps):
            for field, name in () if step is None else _names(step):
                found.setdefault(name, document.label(Pointer(("steps", position, field))))
    return found


def _names(step: Any) -> Iterator[tuple[str, str]]:
    if step.tool_name is not None:
        yield "tool_name", step.tool_name
    for name in step.decision_candidates or ():
        yield "decision_candidates", name
    if step.on_error.startswith("fallback:"):
        yield "on_error", step.on_error.removeprefix("fallback:")


def render_lock(toolbox: Toolbox, documents: Sequence[Document]) -> bytes:
    """The lock of the tools that documents use and of the classes that they refer to: ASCII JSON, sorted.

    Raises TypeError for a tool that no lock can hold.
    """
    freezer = Freezer()
    tools = {
        name: freezer.freeze(toolbox.tools[name]) for name in sorted(used_tools(documents)) if name in toolbox.tools
    }
    models = {
        ref: freezer.freeze(model) for ref, model in sorted(toolbox.models.items()) if isinstance(model, ModelSpec)
    }
    errors = sorted(ref for ref, error in toolbox.errors.items() if not isinstance(error, Unresolved))
    data = {
        "format": FORMAT, "tools": tools, "models": models, "errors": errors,
        "classes": freezer.classes, "tables": freezer.tables,
    }  # fmt: skip
    return (json.dumps(data, indent=2, sort_keys=True) + "\n").encode("ascii")


def read_lock(config: ProjectConfig, report: Report) -> Lock | None:
    """The lock of a project; None, and a diagnostic, if there is none or it cannot be used.

    It is text that anyone may have changed: every value is held against the type that it must have, and a tool may only
    be of a module that the project names as one of tools.
    """
    path = config.root / FILE_NAME
    if not os.path.lexists(path):
        shown = display_path(path)
        _add(NO_LOCK, f"there is no {shown!r}", path, report, "run `cwc lock`")
        return None
    data = read_bytes(path, report)
    if data is None:
        return None
    try:
        return parse_lock(data, config)
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        _add(
            INVALID_LOCK,
            f"cannot use {display_path(path)!r}: {why}",
            path,
            report,
            "run `cwc lock`, and look at what changes",
        )
        return None


def parse_lock(data: bytes, config: ProjectConfig) -> Lock:
    """A lock from its bytes. Raises ValueError, and RecursionError."""
    match json.loads(data):
        case {
            "format": 1, "tools": dict(tools), "models": dict(models), "errors": list(errors),
            "classes": dict(classes), "tables": list(tables), **rest,
        } if not rest:  # fmt: skip
            thawer = Thawer(classes, tables)
        case {"format": int(number)} if number > FORMAT:
            raise ValueError("a newer version of cwc wrote it")
        case _:
            raise ValueError("it is not a lock of cwc")
    if not all(isinstance(error, str) for error in errors):
        raise ValueError("its errors are no references")
    return Lock(
        {name: _tool(name, thawer.thaw(tool), config) for name, tool in tools.items()},
        {ref: _model(ref, thawer.thaw(model)) for ref, model in models.items()},
        frozenset(errors),
    )


def locked_gatherer(config: ProjectConfig) -> GatherTools:
    """What gathers tools and classes from the lock alone: nothing of the project is imported."""

    def gather(documents: Iterable[Document], report: Report) -> Toolbox:
        documents = list(documents)
        lock = read_lock(config, report)
        if lock is None:
            return Toolbox()
        for name, label in used_tools(documents).items():
            if name not in lock.tools:
                message = f"tool {name!r} is not in {FILE_NAME!r}"
                report.add(
                    Diagnostic(
                        definition=NOT_LOCKED, message=message, primary=label, general=("run `cwc lock`",), tool=name
                    )
                )
        models, errors = references_of(documents)
        allowed = allowed_modules(config)
        return Toolbox(
            tools=lock.tools,
            models={text: _locked(text, ref, lock.models.get(text), allowed) for text, ref in models.items()},
            errors={
                text: _locked(text, ref, Exception if text in lock.errors else None, allowed)
                for text, ref in errors.items()
            },
        )

    return gather


def report_stale(config: ProjectConfig, toolbox: Toolbox, documents: Iterable[Document], report: Report) -> None:
    """Warn of tools in use that are not as the lock has them. A project without a lock, or with none that can be read,
    is told nothing: only locked builds need one."""
    path = config.root / FILE_NAME
    try:
        locked = json.loads(path.read_bytes())["tools"] if path.is_file() else None
        known = None if locked is None else {name: tool["schema_hash"] for name, tool in locked.items()}
    except (OSError, ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return
    for name in used_tools(documents) if known is not None else ():
        tool = toolbox.tools.get(name)
        if known is not None and tool is not None and known.get(name) != tool.schema_hash:
            shown, what = display_path(path), "other schemas of" if name in known else "no"
            report.add(
                Diagnostic(
                    definition=STALE_LOCK,
                    message=f"{shown!r} is stale: it has {what} tool {name!r}",
                    primary=Label(shown),
                    general=("run `cwc lock --check` to see what changed, or `cwc lock`",),
                    tool=name,
                    severity="warning",
                )
            )


def _locked(text: str, reference: Reference, found: T | None, allowed: Sequence[str]) -> T | Unresolved:
    refused = refusal_of(reference.module, allowed)
    if refused is not None:
        return refused
    return Unresolved(f"it is not in {FILE_NAME!r}; run `cwc lock`") if found is None else found


def _tool(name: str, tool: object, config: ProjectConfig) -> ToolSpec:
    if not isinstance(tool, ToolSpec) or tool.name != name:
        raise ThawError(f"its tool {name!r} is none")
    attributes = tool.attribute.isidentifier() and not keyword.iskeyword(tool.attribute)
    if not attributes or not is_module_name(tool.module) or tool.module not in config.tools:
        raise ThawError(f"its tool {name!r} is of {tool.module!r}, which is no module of tools of the project")
    if schemas_hash(tool.input_schema, tool.output_schema, tool.schema_version) != tool.schema_hash:
        raise ThawError(f"the schemas of its tool {name!r} are not those of its hash")
    return tool


def _model(ref: str, model: object) -> ModelSpec:
    if not isinstance(model, ModelSpec):
        raise ThawError(f"its model {ref!r} is none")
    return model


def _add(definition: Definition, message: str, path: Path, report: Report, *help: str) -> None:
    report.add(Diagnostic(definition=definition, message=message, primary=Label(display_path(path)), help=help))
