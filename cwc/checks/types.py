"""Does every input take the values that reach it? SEMANTICS A 5, for tools, the flows that steps run, and fallbacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from cwc.checks.finding import StepFinding
from cwc.diagnostics.model import Definition, Label, Report, Severity, define
from cwc.plan.flow_types import type_of
from cwc.plan.interface import FlowSpec
from cwc.plan.model import Fallback, Plan, Read, StepPlan
from cwc.plan.tools import ModelSpec, ToolSpec
from cwc.plan.types.model import Type
from cwc.plan.types.relation import Relation, relate
from cwc.plan.types.words import describe
from cwc.plan.values import Value

MISMATCH = define("CWC440", "type_mismatch", "error", "An input does not take the type of its value", by_types=True)
NARROWING = define("CWC441", "type_narrowing", "warning", "An input takes a part of its value's type", by_types=True)
COERCION = define("CWC442", "implicit_coercion", "warning", "An input changes the class of its value", by_types=True)
FALLBACK_MISMATCH = define(
    "CWC423", "fallback_type_mismatch", "error", "A fallback's input does not take the type of its value"
)


_HELP = "give it a value of the type it takes, or let a step between them convert the value"


def check_types(plan: Plan, report: Report) -> None:
    for step in plan.steps:
        for taker in _takers(step):
            for passed in _passed(plan, step, taker):
                TypeFinding(StepFinding(plan, report, step, taker.tool), taker).check(passed)


@dataclass(frozen=True, slots=True)
class Passed:
    """What reaches an input: what the flow file calls it, its type, and the place that says so."""

    target: str
    shown: str
    type: Type
    place: Label
    writer: Label | None


@dataclass(frozen=True, slots=True)
class Taker:
    """What takes values: its name in messages, its model, what a mismatch is called, and how much that weighs.

    ``tool`` is the name of a tool.
    """

    title: str
    model: ModelSpec
    tool: str | None = None
    mismatch: Definition = MISMATCH
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class TypeFinding:
    """Says what becomes of values in the inputs of one taker."""

    finding: StepFinding
    taker: Taker

    def check(self, passed: Passed) -> None:
        """Report unless the input takes every value as it is."""
        input = self.taker.model.input_type(passed.target)
        relation = relate(passed.type, input)
        match relation.verdict:
            case "mismatch":
                self._add(self.taker.mismatch, "does not take", passed, input, relation, self.taker.severity)
            case "narrows":
                self._add(NARROWING, "takes only a part of", passed, input, relation, None)
            case "coerces":
                self._add(COERCION, "changes the class of", passed, input, relation, None)
            case _:
                pass

    def _add(
        self,
        definition: Definition,
        verb: str,
        passed: Passed,
        input: Type,
        relation: Relation,
        severity: Severity | None,
    ) -> None:
        given, taken = describe(passed.type), describe(input)
        message = f"{self.taker.title} {verb} `{given}` in {passed.target!r}, which is `{taken}`"
        refused = () if definition is COERCION or str(relation) == f"`{given}`" else (f"it would refuse {relation}",)
        related = () if passed.writer is None else (replace(passed.writer, message=f"`{given}` comes from here"),)
        self.finding.add(
            definition,
            message,
            replace(passed.place, message=f"{passed.shown} is `{given}`"),
            field=passed.target,
            related=related,
            help=refused,
            general=(_HELP,) if definition is not COERCION else (),
            severity=severity,
        )


def _takers(step: StepPlan) -> Iterator[Taker]:
    """What takes the inputs of a step. A call that always fails is no error of a step that goes on all the same."""
    for tool in step.own_tools:
        if isinstance(tool, ToolSpec):
            severity: Severity = "error" if step.on_error is None else "warning"
            yield Taker(f"tool {tool.name!r}", tool.input, tool.name, severity=severity)
    if isinstance(step.on_error, Fallback) and isinstance(step.on_error.tool, ToolSpec):
        fallback = step.on_error.tool
        yield Taker(f"fallback {fallback.name!r}", fallback.input, fallback.name, FALLBACK_MISMATCH)
    if isinstance(step.tool, FlowSpec) and step.tool.input_model is not None:
        yield Taker(f"flow {step.tool.name!r}", step.tool.input_model)


def _passed(plan: Plan, step: StepPlan, taker: Taker) -> Iterator[Passed]:
    """The values of the context that a step passes: those that it maps, or those that have the names of inputs."""
    if step.arguments is None:
        at = plan.label(step.pointer / ("flow_name" if isinstance(step.tool, FlowSpec) else "tool_name"))
        for spec in taker.model.fields:
            found = [value for key in spec.keys if (value := step.at_call.get(key)) is not None]
            for value in found if len(found) == 1 else ():
                yield Passed(value.key, repr(value.key), type_of(plan, value)[0], at, value.writer)
    for argument in step.arguments or ():
        match argument.source:
            case Read(Value() as value, tokens):
                place = plan.label(argument.pointer)
                yield Passed(
                    argument.target, repr(argument.lookup), type_of(plan, value, tokens)[0], place, value.writer
                )
            case _:
                pass
