"""Plan → Python text: fills the templates, takes the line marks out of the body, and puts the pieces together."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from cwc._resources import templates_folder
from cwc.emit.calls import Handles, direct_key, handling, tool_names
from cwc.emit.code import Code, compose, gate, joined, literal
from cwc.emit.constants import direct_constants, step_constants
from cwc.emit.imports import Imports
from cwc.emit.lines import without_marks
from cwc.emit.merging import final_lines, logs_debug, undeclared_keys
from cwc.emit.names import Names
from cwc.emit.types import OutputField, output_fields
from cwc.emit.view import LOCAL_NAMES, MODULE_NAMES, StepView, flow_view
from cwc.plan.dataflow import runs_as_dataflow, waits_for
from cwc.plan.model import Lane, Plan
from cwc.plan.reachable import reachable

if TYPE_CHECKING:
    from jinja2 import Environment

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
    is_concurrent: bool
    def_: Code
    await_: Code
    suffix: Code
    steps_type: Code
    pause: Code
    field_: Code
    body: Code
    functions: Code
    lines: Code = field(default_factory=Code)


def emit(plan: Plan, format: int, facade: tuple[str, ...]) -> Artifact:
    """The module of a plan without holes, in a format, for a runtime that offers the names ``facade``.

    Raises GateError where something would be written unescaped.
    """
    plan = reachable(plan)
    names = Names((*facade, *MODULE_NAMES, *LOCAL_NAMES))
    imports = Imports(names)
    handles = _handles(plan, names, imports)
    models = _models(plan, imports)
    constants = direct_constants(handles)
    constants += [constant for step in plan.steps for constant in step_constants(plan, step, imports)]
    flow = flow_view(plan, handles, names)
    steps = [step for level in flow.levels for step in level.steps]
    shared: dict[str, object] = {
        "plan": plan,
        "format": format,
        "tools": list(handles.tools.values()),
        "required": flow.required,
        "levels": flow.levels,
        "steps": steps,
        "written": undeclared_keys(plan),
        "logs_debug": logs_debug(plan),
        "decides": any(step.candidates for step in plan.steps),
        "coroutines": _tuple([Code(f"at_{step.index}") for step in plan.steps]),
        "dataflow": literal(tuple(map(waits_for, plan.steps))) if runs_as_dataflow(plan) else None,
        "final": final_lines(plan.final, flow.variables),
        "step_names": _tuple([step.function for step in steps]),
        "trace": _trace(steps),
    }
    shared["functions"], served = _functions(steps)
    functions: list[str] = []
    tables: list[Table] = []
    lanes: list[LaneView] = []
    for name in plan.lanes:
        lane = _lane(name, served)
        functions.append(_render("functions", shared, lane=lane))
        body, lines = without_marks(_render("body", shared, lane=lane))
        functions.append("\n\n" + body)
        lanes.append(replace(lane, lines=_table(lines, tables)))
    fields = output_fields(plan)
    tail = _render("flow", shared, tables=tables, lanes=lanes, models=models, **_facts(plan, handles, fields, models))
    code = "".join([*functions, tail])
    head_code = " ".join(["expect_format", *["bind_tool"] * bool(handles.tools), *constants])
    words = _words(code)
    used = _used(words | _words(head_code), facade)
    typing = joined(", ", _used(words, _TYPING))
    head = _render("head", shared, imports=imports, constants=constants, facade=used, typing=typing)
    return Artifact(head + code, imports.allowed())


def _handles(plan: Plan, names: Names, imports: Imports) -> Handles:
    tools = {spec.name: tool_names(spec, names) for spec in plan.tools}
    for tool in tools.values():
        imports.tool(tool)
    flows = {spec.name: names.allocate(spec.name, prefix="flow") for spec in plan.flows}
    for spec in plan.flows:
        imports.flow(spec.module, flows[spec.name])
    keys = dict.fromkeys(key for step in plan.steps if (key := direct_key(step, plan.lanes)) is not None)
    return Handles(tools, flows, {key: names.allocate(key[0], prefix="call") for key in keys})


@dataclass(frozen=True, slots=True)
class Table:
    """A table from lines of a body to steps, shared by the lanes whose bodies have the same lines."""

    name: Code
    lines: list[tuple[int, int, str]]

    @property
    def entries(self) -> list[Code]:
        """An entry a line: the line from the ``def``, the step, and what is done for it."""
        return [compose("{} {} {}", literal(line), literal(step), Code(phase)) for line, step, phase in self.lines]


def _table(lines: list[tuple[int, int, str]], tables: list[Table]) -> Code:
    for table in tables:
        if table.lines == lines:
            return table.name
    tables.append(Table(Code("LINES_ASYNC" if tables else "LINES"), lines))
    return tables[-1].name


_TYPING = ("TYPE_CHECKING", "Any", "NotRequired", "TypedDict")


def _facts(plan: Plan, handles: Handles, fields: list[OutputField], models: dict[str, Code]) -> dict[str, object]:
    calls = [compose("{}: {}", literal(name), literal(str(tool.call))) for name, tool in handles.tools.items()]
    tools = [compose("{}: {}", literal(name), tool.handle) for name, tool in handles.tools.items()]
    return {
        "hashes": {tool.name: tool.schema_hash for tool in plan.tools},
        "calls": compose("{{{}}}", joined(", ", calls)),
        "handles": compose("{{{}}}", joined(", ", tools)),
        "direct": _direct(handles),
        "contracts": _contracts(plan),
        "unsupported": list(map(str, plan.refused)),
        "scoped": _scoped(plan),
        "output_fields": fields,
        "flow_types": _flow_types(fields, models["input"]),
    }


def _direct(handles: Handles) -> Code | None:
    """The module-level names of each tool's direct calls, by the tool."""
    by_tool: dict[str, list[str]] = {}
    for (tool, _), name in handles.direct.items():
        by_tool.setdefault(tool, []).append(name)
    return literal({tool: tuple(map(str, names)) for tool, names in by_tool.items()}) if by_tool else None


def _scoped(plan: Plan) -> tuple[Lane, ...]:
    """The lanes in which something asks for the settings of the run: how many steps may run, or what inner runs get."""
    if plan.flows or any(step.candidates for step in plan.steps):
        return plan.lanes
    is_wide = runs_as_dataflow(plan) or any(len(level.steps) > 1 for level in plan.levels)
    return tuple(lane for lane in plan.lanes if lane == "async" and is_wide)


def _flow_types(fields: list[OutputField], model: Code) -> Code:
    """The types of what a run gives and takes. A class within a class is not told: the name may be no type."""
    given = Code("Output" if fields else "Outputs")
    taken = model if model.startswith("model_") and "." not in model else Code("BaseModel")
    return compose("{}, {}", given, taken)


def _contracts(plan: Plan) -> Code | None:
    """The contracts of the steps that have some, for the services that check them: (input, output) by index."""
    entries = []
    for step in plan.steps:
        handled = handling(step)
        if handled.accepts or handled.promises:
            pair = [handled.accepts or literal(None), handled.promises or literal(None)]
            entries.append(compose("{}: ({})", literal(step.index), joined(", ", pair)))
    return compose("{{{}}}", joined(", ", entries)) if entries else None


def _models(plan: Plan, imports: Imports) -> dict[str, Code]:
    """Expressions for the flow's schemas."""
    refs = {"input": plan.input_ref, "output": plan.output_ref, "context": plan.context_ref}
    return {role: literal(None) if ref is None else imports.reference(ref, "model") for role, ref in refs.items()}


def _functions(steps: list[StepView]) -> tuple[list[tuple[StepView, Code]], list[Code]]:
    """The steps whose functions are written, each with the numbers of those that it serves too, and whose function each
    step has: steps that do the same share one.
    """
    served: dict[tuple[object, ...], list[StepView]] = {}
    for step in steps:
        served.setdefault(step.does, []).append(step)
    written = [(first, _numbers([step.plan.index for step in others])) for first, *others in served.values()]
    return written, [served[step.does][0].function for step in steps]


def _numbers(indices: list[int]) -> Code:
    """Ascending numbers for a comment, those that follow each other as a range: 1 to 3, 5."""
    ranges: list[list[int]] = []
    for index in indices:
        if ranges and index == ranges[-1][-1] + 1:
            ranges[-1].append(index)
        else:
            ranges.append([index])
    parts = []
    for numbers in ranges:
        ends = sorted({numbers[0], numbers[-1]})
        parts.append(joined(" to " if len(numbers) > 2 else ", ", [literal(end) for end in ends]))
    return joined(", ", parts)


def _lane(lane: Lane, functions: list[Code]) -> LaneView:
    asynchronous = lane == "async"
    suffix = Code("_async" if asynchronous else "")
    return LaneView(
        name=lane,
        is_concurrent=asynchronous,
        def_=Code("async def" if asynchronous else "def"),
        await_=Code("await " if asynchronous else ""),
        suffix=suffix,
        steps_type=Code("StepsAsync" if asynchronous else "Steps"),
        pause=compose("pause{}", suffix),
        field_=Code(f"{lane}_lane"),
        body=compose("body{}", suffix),
        functions=_tuple([compose("{}{}", function, suffix) for function in functions]),
    )


def _tuple(parts: list[Code]) -> Code:
    """The inside of a tuple display."""
    return compose("{},", parts[0]) if len(parts) == 1 else joined(", ", parts)


def _trace(steps: list[StepView]) -> Code:
    return joined(", ", [compose("{}, {}", step.out, step.end) for step in steps])


def _words(code: str) -> set[str]:
    return set(_WORD.findall(_TEXT_OR_COMMENT.sub("", code)))


def _used(words: set[str], among: tuple[str, ...]) -> list[Code]:
    return [Code(name) for name in among if name in words]


def _render(template: str, shared: dict[str, object], **more: object) -> str:
    return _environment().get_template(f"module/{template}.py.j2").render(shared, **more)


@cache
def _environment() -> Environment:
    return environment(templates_folder())


def environment(folder: Path) -> Environment:
    """A template environment behind the type gate: whatever is written must be `Code`."""
    # A flow with mistakes is checked without a template.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from cwc.emit.precompiled import Precompiled

    made = Environment(
        loader=FileSystemLoader(folder),
        bytecode_cache=Precompiled(),
        finalize=gate,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        autoescape=False,
    )
    made.filters["literal"] = literal
    return made
