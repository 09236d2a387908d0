"""A flow as one HTML page that needs nothing else: its drawing, its steps, and its tools with their schemas."""

from __future__ import annotations

import json
import reprlib
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from cwc._resources import templates_folder
from cwc.diagnostics.model import Pointer
from cwc.diagnostics.terminal import visible
from cwc.driver.views.graph import Graph
from cwc.driver.views.svg import draw_svg
from cwc.plan.constructs import described
from cwc.plan.flow_types import type_of, type_of_argument
from cwc.plan.model import Argument, Constant, Hole, Read
from cwc.plan.tools import ModelSpec
from cwc.plan.types.words import describe
from cwc.plan.values import Value


def draw_page(graph: Graph) -> str:
    """The page. It runs no script, loads nothing, and follows the colours that its reader's screen is set to."""
    return _template().render(
        graph=graph,
        plan=graph.plan,
        constructs=described(graph.plan.refused, graph.plan.name),
        steps=[node for node in graph.nodes if node.step is not None],
        names={node.id: node.name for node in graph.nodes},
        drawing=Markup(draw_svg(graph, linked=True)),
        source=_source,
        type_of_input=lambda argument: describe(type_of_argument(graph.plan, argument)),
        type_of_output=lambda write: describe(type_of(graph.plan, write.value)[0]),
        schema=_schema,
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(templates_folder() / "graph"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        keep_trailing_newline=True,
    )
    return environment.get_template("page.html.j2")


def _shown(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _source(argument: Argument) -> str:
    """Where an input of a step comes from."""
    match argument.source:
        case Constant(value):
            return f"the constant {reprlib.repr(value)}"
        case Read(Hole(key)):
            return f"{key}, which is never there"
        case Read(Value() as value, tokens):
            return f"{value.key}{Pointer(tokens)}" + ("?" if value.presence == "maybe" else "")
        case _:
            raise AssertionError(argument)


def _schema(model: ModelSpec) -> Markup:
    """The JSON Schema of a model, on many lines; its classes can have no schema, and then its fields are listed."""
    try:
        schema: object = model.model.model_json_schema()
    except Exception:
        schema = {spec.name: repr(spec.annotation) for spec in model.fields}
    lines = json.dumps(schema, indent=2, ensure_ascii=False, default=repr).split("\n")
    return Markup("\n").join(escape(visible(line)) for line in lines)
