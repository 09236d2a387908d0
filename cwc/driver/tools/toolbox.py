"""The tools of a project: modules are imported, and the tool objects in them become what the compiler knows."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType

from cwc.diagnostics.model import Diagnostic, Label, Report, define
from cwc.driver.config import ProjectConfig
from cwc.driver.files import display_path
from cwc.driver.tools.classes import resolve_references
from cwc.driver.tools.imports import (
    ImportFailure,
    describe_error,
    foreign_code,
    forget_project_modules,
    import_module,
    importing_from,
)
from cwc.driver.tools.python_places import label_of_line, label_of_tool
from cwc.driver.tools.specs import Known, tool_spec
from cwc.plan.tools import ToolSpec
from cwc.runtime.errors import ToolDefinitionError
from cwc.runtime.tools.making import Tool, as_tool

__all__ = ["LOST", "LoadedTools", "load_tools", "resolve_references"]

NOT_FOUND = define("CWC201", "tools_module_not_found", "error", "A module of tools does not exist", project=True)
FAILED = define("CWC202", "tools_module_failed", "error", "A module of tools cannot be imported", first=True)
INVALID_TOOL = define("CWC203", "invalid_tool", "error", "Something in a module of tools cannot be a tool", first=True)
DUPLICATE_TOOL = define("CWC204", "duplicate_tool", "error", "Two tools have one name")
NO_TOOLS = define("CWC205", "no_tools_in_module", "warning", "A module of tools has none")
PRINTED = define("CWC206", "tools_module_printed", "note", "A module of tools prints when it is imported")

LOST = frozenset({NOT_FOUND, FAILED, INVALID_TOOL})
"""What leaves it open which tools there are."""
SAID_OF_MODULES = LOST | {DUPLICATE_TOOL, NO_TOOLS, PRINTED}
"""What is said whenever modules of tools are imported, whatever the flows."""

_SHOWN_LINES = 5


@dataclass(slots=True)
class LoadedTools:
    """Tools by name, in the order of modules and of definition: what is known of each, and the object."""

    specs: dict[str, ToolSpec] = field(default_factory=dict)
    objects: dict[str, Tool] = field(default_factory=dict)


def load_tools(modules: Sequence[str], config: ProjectConfig, report: Report) -> LoadedTools:
    """Import modules, dotted names seen from the project root, and gather the tool objects at their top level.

    Tool objects of ChainWeaver count. An object that several modules hold is the tool of the first. What is wrong with
    a module or a tool is reported, and leaves the others. Modules of an earlier call are imported anew.
    """
    forget_project_modules()
    loading = _Loading(report)
    with importing_from(config.root):
        for name in dict.fromkeys(modules):
            outcome, printed = import_module(name, config.root)
            if printed.strip():
                _report_printed(name, printed, report)
            if isinstance(outcome, ImportFailure):
                _report_failure(name, outcome, config.root, report)
            else:
                loading.add_module(name, outcome)
    return loading.tools


@dataclass(slots=True)
class _Loading:
    report: Report
    tools: LoadedTools = field(default_factory=LoadedTools)
    seen: dict[int, object] = field(default_factory=dict)
    models: Known = field(default_factory=dict)

    def add_module(self, name: str, module: ModuleType) -> None:
        found = 0
        for attribute, value in list(vars(module).items()):
            tool = self._tool(name, attribute, value)
            if tool is None:
                continue
            found += 1
            # By identity, for a tool of another library is a new object each time it is read.
            if id(value) not in self.seen:
                self.seen[id(value)] = value
                self._add(tool, name, attribute)
        if not found:
            message = f"module {name!r} has no tools"
            help = "a module's tools are the Tool objects at its top level; make one with @tool"
            self.report.add(Diagnostic(definition=NO_TOOLS, message=message, help=(help,)))

    def _tool(self, module: str, attribute: str, value: object) -> Tool | None:
        if not attribute.isidentifier() or keyword.iskeyword(attribute):
            return None
        try:
            with foreign_code():
                return as_tool(value)
        except Exception as error:
            self._refuse(f"{module}.{attribute}", error, None)
            return None

    def _add(self, tool: Tool, module: str, attribute: str) -> None:
        other = self.tools.specs.get(tool.name)
        if other is not None:
            self._report_duplicate(tool, module, attribute, other)
            return
        try:
            self.tools.specs[tool.name] = tool_spec(tool, module, attribute, self.models)
        except ToolDefinitionError as error:
            self._refuse(f"{module}.{attribute}", error, label_of_tool(tool, self.report))
        else:
            self.tools.objects[tool.name] = tool

    def _refuse(self, name: str, error: Exception, label: Label | None) -> None:
        reason = error.detail if isinstance(error, ToolDefinitionError) else describe_error(error)
        message = f"{name!r} cannot be a tool: {reason}"
        self.report.add(Diagnostic(definition=INVALID_TOOL, message=message, primary=label))

    def _report_duplicate(self, tool: Tool, module: str, attribute: str, other: ToolSpec) -> None:
        first = label_of_tool(self.tools.objects[other.name], self.report, f"{other.module}.{other.attribute}")
        message = f"tool {tool.name!r} is both '{other.module}.{other.attribute}' and '{module}.{attribute}'"
        self.report.add(
            Diagnostic(
                definition=DUPLICATE_TOOL,
                message=message,
                primary=label_of_tool(tool, self.report),
                related=() if first is None else (first,),
                help=("give one of them another name", "import the one from the other's module if they are the same"),
                tool=tool.name,
            )
        )


def _report_printed(name: str, printed: str, report: Report) -> None:
    lines = printed.strip().splitlines()
    more = [f"and {len(lines) - _SHOWN_LINES} more lines"] if len(lines) > _SHOWN_LINES else []
    message = f"module {name!r} printed while it was imported"
    help = "\n".join(["it printed:", *lines[:_SHOWN_LINES], *more])
    report.add(Diagnostic(definition=PRINTED, message=message, help=(help,)))


def _report_failure(name: str, failure: ImportFailure, root: Path, report: Report) -> None:
    label = None if failure.file is None else label_of_line(failure.file, failure.line, report)
    if isinstance(failure.error, ToolDefinitionError):
        error = failure.error
        file, _, line = (error.location or "").rpartition(":")
        label = label_of_line(file, int(line), report) if file and line.isdigit() else label
        message = f"{error.function_name!r} in module {name!r} cannot be a tool: {error.detail}"
        report.add(Diagnostic(definition=INVALID_TOOL, message=message, primary=label))
        return
    definition, verb = (NOT_FOUND, "found") if failure.missing else (FAILED, "imported")
    message = f"module {name!r} cannot be {verb}: {failure.reason}"
    help = tuple(did_you_mean(name, root)) if failure.missing else ()
    report.add(Diagnostic(definition=definition, message=message, primary=label, help=help))


def _in_src(name: str, root: Path) -> str | None:
    """Where the module of that name lies in a project of the src layout; None if it does not."""
    path = root.joinpath("src", *name.removeprefix("src.").split("."))
    try:
        there = next((p for p in (path.with_name(f"{path.name}.py"), path) if name and p.exists()), None)
    except (OSError, ValueError):
        return None
    return None if there is None else display_path(there)


def did_you_mean(name: str, root: Path) -> Iterator[str]:
    """Suggestions for a module that is not there: a name instead of a path, or a module that is."""
    as_name = name.removesuffix(".py").replace("/", ".").replace("\\", ".").strip(".")
    parent, _, last = as_name.rpartition(".")
    folder = root.joinpath(*parent.split(".")) if parent else root
    try:
        there = {path.name.removesuffix(".py") for path in folder.iterdir() if path.suffix in (".py", "")}
    except (OSError, ValueError):
        there = set()
    close = [last] if last in there else get_close_matches(last, sorted(filter(str.isidentifier, there)), n=1)
    if (in_src := _in_src(as_name, root)) is not None:
        yield f"{in_src!r} is there; src itself has to be on sys.path: `pip install -e .`, or PYTHONPATH=src"
    elif close and (suggestion := f"{parent}.{close[0]}".strip(".")) != name:
        yield f"did you mean {suggestion!r}?"
    yield f"modules are looked for in the project's folder, {display_path(root)!r}, and then on sys.path"
