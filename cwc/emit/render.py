"""Plan → Python text: fills the templates, takes the line marks out of the body, and puts the pieces together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cwc._resources import templates_folder
from cwc.emit.calls import ToolNames, tool_names
from cwc.emit.code import Code, compose, gate, joined, literal
from cwc.emit.constants import step_constants
from cwc.emit.imports import Imports
from cwc.emit.merging import logs_debug, undeclared_keys
from cwc.emit.names import Names
from cwc.emit.types import OutputField, output_fields
from cwc.emit.view import LOCAL_NAMES, MODULE_NAMES, StepView, step_views
from cwc.plan.model import Lane, Plan

_MARK = re.compile(r"  #@(\d+) (\w+)$")
_TEXT_OR_COMMENT = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|#.*""")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Artifact:
    """A generated module: its file name, its text, and what it may import (module, attribute)."""

    text: str
    imports: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class LaneView:
    """What differs between the lanes: how functions begin, and whether calls are awaited."""

    name: Lane
    def_: Code
    await_: Code
    suffix: Code
    steps_type: Code
    pause: Code
    field: Code
    body: Code
    functions: Code


def emit(plan: Plan, format: int, facade: tuple[str, ...]) -> Artifact:
    """The module of a plan without holes, in a format, for a runtime that offers the names ``facade``.

    Raises GateError where something would be written unescaped.
    """
    names = Names((*facade, *MODULE_NAMES, *LOCAL_NAMES))
    tools = {spec.name: tool_names(spec, names) for spec in plan.tools}
    imports = Imports(names)
    for tool in tools.values():
        imports.tool(tool)
    models = _models(plan, imports)
    constants = [constant for step in plan.steps for constant in step_constants(plan, step, imports)]
    steps, variables = step_views(plan, tools, names)
    lanes = [_lane(lane, steps) for lane in plan.lanes]
    shared: dict[str, object] = {
        "plan": plan,
        "format": format,
        "tools": list(tools.values()),
        "steps": steps,
        "written": undeclared_keys(plan),
        "logs_debug": logs_debug(plan),
        "final": variables.snapshot(plan.final),
        "step_names": _tuple([step.function for step in steps]),
        "trace": _trace(steps),
    }
    functions: list[str] = []
    lines: list[tuple[int, int, str]] = []
    for lane in lanes:
        functions.append(_render("functions", shared, lane=lane))
        body, lines = _unmarked(_render("body", shared, lane=lane))
        functions.append("\n\n" + body)
    fields = output_fields(plan)
    tail = _render("flow", shared, lines=lines, lanes=lanes, models=models, **_facts(plan, tools, fields))
    code = "".join([*functions, tail])
    head_code = " ".join(["expect_format", *["bind_tool"] * bool(tools), *constants])
    used = _used(f"{head_code}\n{code}", facade)
    typing = joined(", ", _used(code, _TYPING))
    head = _render("head", shared, imports=imports, constants=constants, facade=used, typing=typing)
    return Artifact(head + code, imports.allowed())


_TYPING = ("TYPE_CHECKING", "Any", "TypedDict")


def _facts(plan: Plan, tools: dict[str, ToolNames], fields: list[OutputField]) -> dict[str, object]:
    calls = [compose("{}: {}", literal(name), literal(str(tool.call))) for name, tool in tools.items()]
    return {
        "hashes": {tool.name: tool.schema_hash for tool in plan.tools},
        "calls": compose("{{{}}}", joined(", ", calls)),
        "output_fields": fields,
        "output_type": Code("Output" if fields else "Outputs"),
    }


def _models(plan: Plan, imports: Imports) -> dict[str, Code]:
    """Expressions for the flow's schemas."""
    refs = {"input": plan.input_ref, "output": plan.output_ref, "context": plan.context_ref}
    return {role: literal(None) if ref is None else imports.reference(ref, "model") for role, ref in refs.items()}


def _lane(lane: Lane, steps: list[StepView]) -> LaneView:
    asynchronous = lane == "async"
    suffix = Code("_async" if asynchronous else "")
    return LaneView(
        name=lane,
        def_=Code("async def" if asynchronous else "def"),
        await_=Code("await " if asynchronous else ""),
        suffix=suffix,
        steps_type=Code("StepsAsync" if asynchronous else "Steps"),
        pause=compose("pause{}", suffix),
        field=Code(f"{lane}_lane"),
        body=compose("body{}", suffix),
        functions=_tuple([compose("{}{}", step.function, suffix) for step in steps]),
    )


def _tuple(parts: list[Code]) -> Code:
    """The inside of a tuple display."""
    return compose("{},", parts[0]) if len(parts) == 1 else joined(", ", parts)


def _trace(steps: list[StepView]) -> Code:
    return joined(", ", [compose("{}, {}", step.out, step.end) for step in steps])


def _unmarked(body: str) -> tuple[str, list[tuple[int, int, str]]]:
    """The body without its marks, and (line from the ``def``, step, phase) for each line that had one."""
    kept, lines = [], []
    for number, line in enumerate(body.split("\n")):
        mark = _MARK.search(line)
        if mark:
            lines.append((number, int(mark[1]), mark[2]))
        kept.append(_MARK.sub("", line))
    return "\n".join(kept), lines


def _used(code: str, among: tuple[str, ...]) -> list[Code]:
    words = set(_WORD.findall(_TEXT_OR_COMMENT.sub("", code)))
    return [Code(name) for name in among if name in words]


def _render(template: str, shared: dict[str, object], **more: object) -> str:
    return _environment().get_template(f"module/{template}.py.j2").render(shared, **more)


@cache
def _environment() -> Environment:
    return environment(templates_folder())


def environment(folder: Path) -> Environment:
    """A template environment behind the type gate: whatever is written must be `Code`."""
    made = Environment(
        loader=FileSystemLoader(folder),
        finalize=gate,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    made.filters["literal"] = literal
    return made
