"""Compiling one flow in memory, over tool objects instead of modules: `cwc.compile_flow`."""

from __future__ import annotations

import builtins
import json
import linecache
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from cwc.diagnostics.model import Report, SeveritySettings
from cwc.diagnostics.text import render_text
from cwc.driver.compile import Compiled, CompiledFlow, Options, compile_flows
from cwc.driver.files import display_path, read_bytes
from cwc.driver.references import gather_toolbox
from cwc.driver.specs import tool_spec
from cwc.language import Document
from cwc.plan.tools import Toolbox
from cwc.runtime.flow import Flow
from cwc.runtime.tools import Tool, as_tool
from cwc.source import Source, digest_of
from cwc.syntax import decode

TOOLS_MODULE = "cwc_tools_in_memory"
"""What generated code imports tool objects from that came without a module; it exists for that code only."""


class CompileError(Exception):
    """A flow that cannot be compiled. ``report`` holds every diagnostic; the message shows them."""

    def __init__(self, report: Report) -> None:
        super().__init__("\n" + render_text(report, SeveritySettings(), color=False))
        self.report = report


def compile_flow(flow: Path | str | Mapping[str, Any], tools: Iterable[object]) -> Flow[Any]:
    """Compile one flow and load it, without writing a file.

    ``flow`` is the path of a flow file, YAML or JSON text, or the flow as a mapping; ``tools`` are `cwc.Tool` or
    ChainWeaver tool objects. References (``module:Class``) are imported. Returns the flow, which has ``run`` and
    ``run_async``. Raises CompileError; TypeError and ValueError for tools that are none or share a name.
    """
    objects = _checked(tools)
    compiled = compile_in_memory(flow, objects)
    if not compiled.flows or compiled.flows[0].artifact is None:
        raise CompileError(compiled.report)
    return load_flow(compiled.flows[0], namespace(objects))


def compile_in_memory(
    flow: Path | str | Mapping[str, Any], tools: Sequence[Tool], options: Options | None = None
) -> Compiled:
    """One flow compiled, with everything that there is to say of it in the report."""
    report = Report()
    source = _source(flow, report)
    attributes = vars(namespace(tools))
    specs = {tool.name: tool_spec(tool, TOOLS_MODULE, attribute) for attribute, tool in attributes.items()}

    def gather(documents: Iterable[Document], report: Report) -> Toolbox:
        return gather_toolbox(specs, documents, None)

    return compile_flows([] if source is None else [source], gather, options or Options(), report)


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


def load_flow(compiled: CompiledFlow, tools: SimpleNamespace | None = None) -> Flow[Any]:
    """Execute a generated module in memory. ``tools`` are those that came without a module."""
    assert compiled.artifact is not None
    text, file = compiled.artifact.text, f"<cwc {compiled.file}>"
    module = ModuleType(compiled.file.removesuffix(".py"))
    module.__dict__["__builtins__"] = {**vars(builtins), "__import__": _importing(tools)}
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    # From bytes, as an import reads it: only there does a PEP 263 declaration count.
    exec(compile(text.encode(), file, "exec"), module.__dict__)
    flow = module.__dict__["FLOW"]
    assert isinstance(flow, Flow)
    return flow


def _importing(tools: SimpleNamespace | None) -> Any:
    def import_(
        name: str, globals: Any = None, locals: Any = None, fromlist: Sequence[str] = (), level: int = 0
    ) -> Any:
        return tools if name == TOOLS_MODULE else builtins.__import__(name, globals, locals, fromlist, level)

    return import_


def _source(flow: Path | str | Mapping[str, Any], report: Report) -> Source | None:
    if isinstance(flow, Path):
        path = display_path(flow)
        data = read_bytes(flow, report)
        return None if data is None else decode(path, data, report)
    if isinstance(flow, str):
        text = flow
        is_json = text.lstrip().startswith("{")
    else:
        text, is_json = json.dumps(flow, indent=2, default=_refuse), True
    return Source(
        "flow.flow.json" if is_json else "flow.flow.yaml", text, digest_of(text.encode(errors="surrogatepass"))
    )


def _refuse(value: object) -> Any:
    raise TypeError(f"a flow given as a mapping holds JSON values only, not {type(value).__name__}")
