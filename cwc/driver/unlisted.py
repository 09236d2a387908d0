"""Tools in files of a project that are in none of its modules of tools. The files are parsed, and never imported."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from cwc.diagnostics.model import Report
from cwc.driver.config import ProjectConfig
from cwc.driver.files import display_path, read_bytes
from cwc.language import Document
from cwc.language.steps import FALLBACK

_MOST_FILES = 500
"""How many files are looked into; a search for what helps must not take longer than what it helps with."""


def named_tools(documents: Iterable[Document]) -> set[str]:
    """The tools that flows name, as tools of steps, candidates and fallbacks."""
    named: set[str] = set()
    for document in documents:
        for step in filter(None, document.flow.steps):
            named.update(filter(None, (step.tool_name, *(step.decision_candidates or ()))))
            if step.on_error.startswith(FALLBACK):
                named.add(step.on_error.removeprefix(FALLBACK))
    return named


def unlisted_tools(wanted: Collection[str], config: ProjectConfig) -> dict[str, str]:
    """What helps, by the names of wanted tools that a file in the project's folder, or one folder below, makes."""
    found: dict[str, str] = {}
    for path in _files(config.root) if wanted else ():
        module = ".".join(path.relative_to(config.root).with_suffix("").parts)
        if module in config.tools:
            continue
        for name in tools_made_in(path) & set(wanted):
            help = f"{display_path(path)!r} has it: add {module!r} to tools in [tool.cwc], or give --tools {module}"
            found.setdefault(name, help)
    return found


def unlisted_module(module: str, root: Path) -> str | None:
    """The file of a module, as it is shown, if it is in the project's folder and makes tools."""
    path = root.joinpath(*module.split(".")).with_suffix(".py")
    return display_path(path) if path.is_file() and tools_made_in(path) else None


def tools_made_in(path: Path) -> set[str]:
    """The names of the tools that a Python file makes at its top level, as far as its text tells."""
    data = read_bytes(path, Report())
    if data is None or b"tool" not in data.lower():
        return set()
    try:
        with warnings.catch_warnings(action="ignore"):
            body = ast.parse(data).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {name for statement in body for name in _made_by(statement)}


def _files(root: Path) -> Iterator[Path]:
    try:
        folders = [root, *sorted(path for path in root.iterdir() if path.is_dir() and path.name.isidentifier())]
        files = [path for folder in folders for path in sorted(folder.glob("*.py")) if path.stem.isidentifier()]
    except OSError:
        return
    yield from files[:_MOST_FILES]


def _made_by(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            for decorator in statement.decorator_list:
                call = decorator if isinstance(decorator, ast.Call) else None
                if _last(call.func if call else decorator) == "tool":
                    yield (_named(call) if call else None) or statement.name
        case ast.Assign(value=ast.Call() as call) | ast.AnnAssign(value=ast.Call() as call):
            if _last(call.func) in ("Tool", "tool") and (name := _named(call)):
                yield name


def _last(function: ast.expr) -> str:
    match function:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _named(call: ast.Call) -> str | None:
    for keyword in call.keywords:
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
            return keyword.value.value
    return None
