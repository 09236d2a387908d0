"""Compiling one flow in memory, over tool objects instead of modules: `cwc.compile_flow`."""

from __future__ import annotations

import builtins
import json
import linecache
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from cwc.diagnostics.model import Report, SeveritySettings
from cwc.diagnostics.text import render_text
from cwc.driver.compile import Compiled, CompiledFlow, Options, compile_flows
from cwc.driver.files import display_path, read_bytes
from cwc.driver.tools.references import gather_toolbox
from cwc.driver.tools.specs import tool_spec
from cwc.language import Document
from cwc.plan.tools import Toolbox
from cwc.runtime.flow import Flow
from cwc.runtime.tools.making import Tool, as_tool
from cwc.source import Source, text_digest
from cwc.syntax import decode, parse

TOOLS_MODULE = "cwc_tools_in_memory"
"""What generated code imports tool objects from that came without a module; it exists for that code only."""


Given = Path | str | Mapping[str, Any]
"""A flow: the path of its file, its text, or the mapping that its text stands for."""


class CompileError(Exception):
    """A flow that cannot be compiled. ``report`` holds every diagnostic; the message shows them."""

    def __init__(self, report: Report) -> None:
        super().__init__("\n" + render_text(report, SeveritySettings(), color=False))
        self.report = report


def compile_flow(flow: Given, tools: Iterable[object], flows: Iterable[Given] = ()) -> Flow[Any]:
    """Compile one flow and load it, without writing a file.

    ``flow`` is the path of a flow file, YAML or JSON text, or the flow as a mapping; ``tools`` are `cwc.Tool` or
    ChainWeaver tool objects; ``flows`` are further flows, which steps can run. References (``module:Class``) are
    imported. Returns the flow, which has ``run`` and ``run_async``. Raises CompileError; TypeError and ValueError for
    tools that are none or share a name.
    """
    objects = _checked(tools)
    return load(compile_in_memory(flow, objects, flows=flows), objects)


def compile_in_memory(
    flow: Given, tools: Sequence[Tool], options: Options | None = None, flows: Iterable[Given] = ()
) -> Compiled:
    """One flow compiled, the first of the result, and those that its steps can run; with all there is to say of them
    in the report."""
    report = Report()
    sources = [_source(each, number, report) for number, each in enumerate((flow, *flows))]
    attributes = vars(namespace(tools))
    specs = {tool.name: tool_spec(tool, TOOLS_MODULE, attribute) for attribute, tool in attributes.items()}

    def gather(documents: Iterable[Document], report: Report) -> Toolbox:
        return gather_toolbox(specs, documents, None)

    return compile_flows([each for each in sources if each is not None], gather, options or Options(), report)


def load(compiled: Compiled, tools: Sequence[Tool] = ()) -> Flow[Any]:
    """The first flow of a build set, ready to run. ``tools`` are those that it was compiled with in memory.

    Raises CompileError if it, or a flow that it runs, has errors.
    """
    if not compiled.flows or compiled.flows[0].artifact is None:
        raise CompileError(compiled.report)
    return load_flow(compiled.flows[0], compiled.flows, namespace(tools))


def namespace(tools: Sequence[Tool]) -> SimpleNamespace:
    """Tool objects under the names that generated code imports them by."""
    return SimpleNamespace(**{f"tool_{number}": tool for number, tool in enumerate(tools)})


def _checked(tools: Iterable[object]) -> list[Tool]:
    """Raises TypeError for what is no tool, and ValueError for two tools of one name."""
    checked: dict[str, Tool] = {}
    for candidate in tools:
        tool = as_tool(candidate)
        if tool is None:
            raise TypeError(f"{candidate!r} is not a tool")
        if tool.name in checked:
            raise ValueError(f"two tools are named {tool.name!r}")
        checked[tool.name] = tool
    return list(checked.values())


def load_flow(
    compiled: CompiledFlow, others: Sequence[CompiledFlow], tools: SimpleNamespace | None = None
) -> Flow[Any]:
    """Execute a generated module in memory. ``others`` are the flows that its steps may run; ``tools`` are those that
    came without a module."""
    assert compiled.artifact is not None
    modules = {flow.file.removesuffix(".py"): flow for flow in others}

    def load_other(name: str) -> SimpleNamespace:
        return SimpleNamespace(FLOW=load_flow(modules[name], others, tools))

    text, file = compiled.artifact.text, f"<cwc {compiled.file}>"
    module = ModuleType(compiled.file.removesuffix(".py"))
    module.__dict__["__builtins__"] = {**vars(builtins), "__import__": _importing(tools, load_other)}
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    # From bytes, as an import reads it: only there does a PEP 263 declaration count.
    exec(compile(text.encode(), file, "exec"), module.__dict__)
    flow = module.__dict__["FLOW"]
    assert isinstance(flow, Flow)
    return flow


def _importing(tools: SimpleNamespace | None, load_other: Callable[[str], SimpleNamespace]) -> Any:
    def import_(
        name: str, globals: Any = None, locals: Any = None, fromlist: Sequence[str] = (), level: int = 0
    ) -> Any:
        if level:
            return load_other(name)
        return tools if name == TOOLS_MODULE else builtins.__import__(name, globals, locals, fromlist, level)

    return import_


def _source(flow: Given, number: int, report: Report) -> Source | None:
    if isinstance(flow, Path):
        path = display_path(flow)
        data = read_bytes(flow, report)
        return None if data is None else decode(path, data, report)
    if isinstance(flow, str):
        text, is_json = flow, _is_json(flow)
    else:
        text, is_json = json.dumps(flow, indent=2, default=_refuse), True
    stem = f"flow{number}" if number else "flow"
    path = f"{stem}.flow.json" if is_json else f"{stem}.flow.yaml"
    return Source(path, text, text_digest(text.encode(errors="surrogatepass")))


def _is_json(text: str) -> bool:
    """Whether a text is meant as JSON. One that begins as JSON does, and is none, is what it can be read as for longer:
    flow mappings of YAML begin so too."""
    if not text.lstrip().startswith("{"):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return _read_until(text, ".flow.json") >= _read_until(text, ".flow.yaml")
    return True


def _read_until(text: str, extension: str) -> int:
    """The character at which a text stops being of a format; behind the last one where it does not."""
    report, end = Report(), len(text.rstrip())
    if parse(Source(extension, text, ""), report) is not None:
        return end + 1
    last = report.span(report.diagnostics[-1].primary)
    return end if last is None else min(last.start, end)


def _refuse(value: object) -> Any:
    raise TypeError(f"a flow given as a mapping holds JSON values only, not {type(value).__name__}")
