"""Plan → graph: nodes for the input, the steps and the end, and edges with the keys and conditions that lead on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from cwc.diagnostics.model import Pointer
from cwc.driver.views.marks import Mark, facts_of, marks_of
from cwc.driver.views.writers import writers_of
from cwc.plan.interface import FlowSpec
from cwc.plan.model import Hole, Plan, Read, StepPlan
from cwc.plan.tools import ToolSpec
from cwc.plan.values import Value

INPUT, END = "n_input", "n_end"
ELSE = "else"


@dataclass(frozen=True, slots=True)
class Key:
    """A context key on an edge, with the pointer tokens that are followed in it. ``maybe``: it may be missing."""

    name: str
    maybe: bool = False

    def __str__(self) -> str:
        return f"{self.name}?" if self.maybe else self.name


@dataclass(frozen=True, slots=True)
class Edge:
    """What leads from one node to another: keys, conditions under which the target is chosen, or only the order."""

    source: str
    target: str
    keys: tuple[Key, ...] = ()
    conditions: tuple[str, ...] = ()

    @property
    def kind(self) -> Literal["data", "branch", "order"]:
        return "branch" if self.conditions else "data" if self.keys else "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One step, or what is before or behind all of them.

    ``name`` is the step's id or position, ``runs`` what it runs; ``keys`` are those that it gives to the context.
    ``conditional``: there are runs that pass it by.
    """

    id: str
    kind: Literal["input", "tool", "flow", "hole", "end"]
    name: str
    runs: str = ""
    keys: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    conditional: bool = False
    step: StepPlan | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """A flow as a graph. ``rows`` are the input, the steps level by level, and the end."""

    plan: Plan
    rows: tuple[tuple[Node, ...], ...]
    edges: tuple[Edge, ...]

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(node for row in self.rows for node in row)

    def into(self, node: Node) -> list[Edge]:
        return [edge for edge in self.edges if edge.target == node.id]

    def out_of(self, node: Node) -> list[Edge]:
        return [edge for edge in self.edges if edge.source == node.id]


def graph_of(plan: Plan) -> Graph:
    """The graph of a plan, of one with holes as far as it goes."""
    levels = [tuple(_node(step, plan) for step in level.steps) for level in plan.levels if level.steps]
    first = Node(id=INPUT, kind="input", name="input", keys=_inputs(plan))
    last = Node(id=END, kind="end", name="end", keys=_outputs(plan))
    drawing = _Drawing(plan)
    for step in plan.steps:
        drawing.add_step(step)
    drawing.add_end([node.id for row in levels for node in row])
    order = {id: number for number, id in enumerate([INPUT, *(node.id for row in levels for node in row), END])}
    edges = sorted(drawing.edges.values(), key=lambda link: (order[link.target], order[link.source]))
    made = tuple(Edge(link.source, link.target, tuple(link.keys), tuple(link.conditions)) for link in edges)
    return Graph(plan, ((first,), *levels, (last,)), made)


@dataclass(slots=True)
class _Link:
    """An edge in the making; keys are told once."""

    source: str
    target: str
    keys: dict[Key, None] = field(default_factory=dict)
    conditions: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Drawing:
    plan: Plan
    edges: dict[tuple[str, str], _Link] = field(default_factory=dict)

    def link(self, source: str, target: str) -> _Link:
        return self.edges.setdefault((source, target), _Link(source, target))

    def sources(self, value: Value, reader: StepPlan | None) -> list[str]:
        """The nodes that the value of a key can come from."""
        return [INPUT if step is None else _id(step.index) for step in writers_of(self.plan, value, reader)]

    def add_step(self, step: StepPlan) -> None:
        id = _id(step.index)
        for value, tokens in _reads(step):
            for source in self.sources(value, step):
                if source != id:
                    name = value.key + str(Pointer(tokens))
                    self.link(source, id).keys[Key(name, value.presence == "maybe")] = None
        for earlier in step.depends_on:
            self.link(_id(earlier), id)
        if step.choice is not None:
            for number, branch in enumerate(step.choice.branches, 1):
                text = branch.predicate.text
                self.link(id, _id(branch.target)).conditions.append(f"{number}: {text}")
            if step.choice.default is not None:
                self.link(id, _id(step.choice.default)).conditions.append(ELSE)

    def add_end(self, steps: list[str]) -> None:
        """The end follows the writers of what the flow shall end with, and the steps that nothing else follows."""
        model, final = self.plan.output_model, self.plan.final_context
        for spec in model.fields if model is not None else ():
            for value in filter(None, map(final.get, spec.keys)):
                for source in self.sources(value, None):
                    self.link(source, END).keys[Key(value.key, value.presence == "maybe")] = None
        followed = {source for source, _ in self.edges}
        for id in steps:
            if id not in followed:
                self.link(id, END)
        targets = {target for _, target in self.edges}
        for id in steps:
            if id not in targets:
                self.link(INPUT, id)
        if not steps:
            self.link(INPUT, END)


def _id(index: int) -> str:
    return f"s{index}"


def _node(step: StepPlan, plan: Plan) -> Node:
    match step.tool:
        case Hole():
            kind, runs = "hole", step.tool.name
        case FlowSpec():
            kind, runs = "flow", f"flow {step.tool.name} {step.tool.version}"
        case _:
            kind, runs = "tool", step.tool.name
    return Node(
        id=_id(step.index),
        kind=kind,  # type: ignore[arg-type]
        name=str(step.index) if step.id is None else step.id,
        runs=runs,
        keys=tuple(dict.fromkeys(write.key for write in step.writes)),
        facts=tuple(facts_of(step)),
        marks=tuple(marks_of(step, plan)),
        conditional=step.before.is_conditional,
        step=step,
    )


def _inputs(plan: Plan) -> tuple[str, ...]:
    declared = plan.input_model.fields if plan.input_model is not None else ()
    optional = (
        spec.keys[0] for spec in declared if spec.keys and not any(key in plan.required_inputs for key in spec.keys)
    )
    return (*plan.required_inputs, *(f"{key}?" for key in optional), *(("...",) if plan.extras else ()))


def _outputs(plan: Plan) -> tuple[str, ...]:
    values = plan.final_context.values
    return tuple(str(Key(key, value.presence == "maybe")) for key, value in values.items())


def _reads(step: StepPlan) -> Iterator[tuple[Value, tuple[str, ...]]]:
    """The values that a step reads, with the pointer tokens that it follows in each."""
    for argument in step.arguments or ():
        if isinstance(argument.source, Read) and isinstance(argument.source.value, Value):
            yield argument.source.value, argument.source.tokens
    if step.arguments is None:
        yield from ((value, ()) for value in _taken(step))
    for value in step.choice.reads.values() if step.choice is not None else ():
        if isinstance(value, Value):
            yield value, ()


def _taken(step: StepPlan) -> Iterator[Value]:
    """What a step finds in the whole context: the keys that its tools or its flow ask for."""
    if isinstance(step.tool, FlowSpec):
        keys: tuple[str, ...] = tuple(dict.fromkeys((*step.tool.required, *step.tool.inputs)))
    else:
        tools = [tool for tool in step.tools if isinstance(tool, ToolSpec)]
        keys = tuple(dict.fromkeys(key for tool in tools for spec in tool.input.fields for key in spec.keys))
    return filter(None, map(step.at_call.get, keys))
