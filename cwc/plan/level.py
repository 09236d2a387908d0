"""Lowering one level: its steps see the context as it was before the level, and are merged into it together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cwc.diagnostics.model import Label, Pointer, Report
from cwc.language.document import Document, Step
from cwc.language.pointers import KeyLookup, LiteralValue, PointerLookup, read_mapping_value
from cwc.plan.choices import ChoiceLowering
from cwc.plan.conditions import Condition
from cwc.plan.context import AbstractContext
from cwc.plan.interface import FlowSpec
from cwc.plan.model import Argument, Constant, Fallback, Hole, Level, Read, Skip, StepPlan
from cwc.plan.names import Binding
from cwc.plan.order import Placed
from cwc.plan.outputs import OutputShape, output_shape, subflow_shape
from cwc.plan.sharing import isolates_all, must_detach
from cwc.plan.siblings import Siblings
from cwc.plan.tools import Toolbox, ToolSpec

STEPS = Pointer(("steps",))


@dataclass(frozen=True, slots=True)
class _Called:
    """A step whose names are bound and whose inputs are read: all of it but what it writes."""

    placed: Placed
    plan: StepPlan


class LevelLowering:
    """Lowers the levels of one flow in their order. ``undeclared`` are the keys that were taken for inputs."""

    def __init__(self, document: Document, toolbox: Toolbox, report: Report, *, open_input: bool) -> None:
        self.document, self.toolbox, self.report = document, toolbox, report
        self.open_input = open_input
        self.holes = False
        self.undeclared: dict[str, Label] = {}

    def level(self, number: int, placed: Sequence[Placed], start: AbstractContext) -> tuple[Level, AbstractContext]:
        """The plan of a level, and the context after it."""
        called: list[_Called] = []
        met = start
        for place in placed:
            step, met = self._call(place, start, met)
            if step is not None:
                called.append(step)
        running, plans = met, list[StepPlan]()
        siblings = Siblings()
        for step in called:
            plan, running = self._written(step, plans, running, met)
            if not step.placed.misplaced:
                overlaps = siblings.overlaps(plan)
                plan = replace(plan, overlaps=overlaps) if overlaps else plan
                siblings.add(plan)
            plans.append(plan)
        end = running.at(start.here)
        folded = None
        if any(step.opens for step in plans):
            folded = met.at(start.here).snapshot()
            others = any(step.gives_others for step in plans)
            end = end.folded("maybe" if others else end.unknown_keys, others=others)
        is_dag = any(place.id is not None for place in placed)
        name = f"DAG level {number}" if is_dag else plans[0].label_name if plans else ""
        return Level(index=number, name=name, steps=tuple(plans), folded=folded), end

    def _call(
        self, place: Placed, start: AbstractContext, met: AbstractContext
    ) -> tuple[_Called | None, AbstractContext]:
        step = place.step
        if step is None:
            self.holes = True
            return None, met.after_hole()
        binding = Binding(self.document, self.toolbox, self.report, place.position)
        tool = binding.target(step)
        holes, unread = self.holes, met
        on_error = None if isinstance(tool, FlowSpec) else binding.on_error(step.on_error)
        candidates = binding.candidates(step)
        seen = _seen_from(place, start)
        before = start.at(seen)
        at_call, met = before, met.at(seen)
        arguments: list[Argument] = []
        tools: list[ToolSpec | Hole] = [*([] if isinstance(tool, FlowSpec) else [tool]), *candidates]
        if isinstance(on_error, Fallback):
            tools.append(on_error.tool)
        found = [entry for entry in tools if isinstance(entry, ToolSpec)]
        for target, lookup in step.input_mapping.items():
            argument, at_call, met = self._argument(target, lookup, place, at_call, met)
            arguments.append(replace(argument, detach=must_detach(argument, found)))
        if not place.condition.may:
            # What a step reads that no run comes to is neither missed nor seen to be there.
            self.holes, met = holes, unread
        dynamic_params = tuple(self.document.flow.dynamic_params)
        shape = _shape(step, tool, tools, skips=isinstance(on_error, Skip), context=at_call, dynamic=dynamic_params)
        name = place.id if place.id is not None else f"{place.index}:{step.tool_name or step.flow_name}"
        is_tool = not isinstance(tool, FlowSpec)
        plan = StepPlan(
            index=place.index,
            position=place.position,
            level=place.level,
            name=name,
            id=place.id,
            tool=tool,
            pointer=STEPS / place.position,
            line=self.document.line(STEPS / place.position),
            arguments=tuple(arguments) if step.input_mapping else None,
            output_mapping=None if step.output_mapping is None else tuple(step.output_mapping.items()),
            condition=place.condition,
            before=before,
            at_call=at_call,
            writes=(),
            shape=shape,
            opens=bool(place.condition.may) and _opens(step, tool, shape, at_call),
            candidates=candidates,
            liveness=place.liveness,
            depends_on=place.depends_on,
            ignored=() if is_tool else _handling_of(step),
            detach_whole=is_tool and not all(isolates_all(entry.input) for entry in found),
            retry=binding.retry(step.retry) if is_tool else None,
            on_error=on_error,
            input_contract=binding.contract("input_contract", step.input_contract) if is_tool else None,
            output_contract=binding.contract("output_contract", step.output_contract) if is_tool else None,
        )
        self.holes |= binding.holes
        return _Called(place, plan), met

    def _argument(
        self, target: str, lookup: object, place: Placed, context: AbstractContext, met: AbstractContext
    ) -> tuple[Argument, AbstractContext, AbstractContext]:
        pointer = STEPS / place.position / "input_mapping" / target
        match read_mapping_value(lookup):
            case LiteralValue(value):
                return Argument(target, Constant(value), pointer, lookup), context, met
            case KeyLookup(key):
                tokens: tuple[str, ...] = ()
            case PointerLookup((key, *rest)):
                tokens = tuple(rest)
        value = context.get(key)
        if value is None and self.open_input and context.base == 0 and not context.hides(key):
            label = self.document.label(pointer)
            if not context.is_conditional and key not in context.known:
                self.undeclared.setdefault(key, label)
                context, met = context.assume_input(key, label), met.assume_input(key, label)
                value = context.get(key)
            else:
                value = context.unknown(key)
        if value is None and context.base > 0:
            value = context.unknown(key)
        if value is None:
            self.holes = True
            return Argument(target, Read(Hole(key), tokens), pointer, lookup), context, met
        return (
            Argument(target, Read(value, tokens), pointer, lookup),
            context.after_reading(value),
            met.after_reading(value),
        )

    def _written(
        self, step: _Called, earlier: list[StepPlan], running: AbstractContext, met: AbstractContext
    ) -> tuple[StepPlan, AbstractContext]:
        place, plan, shape = step.placed, step.plan, step.plan.shape
        seen = _seen_from(place, met)
        running, met = running.at(seen), met.at(seen)
        written = place.step
        assert written is not None
        if shape is None:
            return plan, running.after_hole()
        passed_by = running
        given = shape.given(plan.pointer)
        if written.output_mapping is not None:
            self.holes |= not plan.never_runs and any(map(shape.lacks, written.output_mapping.values()))
            given = shape.mapped(written.output_mapping, plan.pointer)
        running = running.hiding(self.document.lost_keys(plan.pointer / "output_mapping"))
        running, writes = running.after_step(plan.index, given, self.document.path, met)
        plan = replace(plan, writes=writes)
        choices = ChoiceLowering(self.document, self.report, place, open_input=self.open_input)
        choice, running = choices.choice(running, [each for each in (*earlier, plan) if each.gives_others])
        self.holes |= choices.holes
        if plan.never_runs:
            return replace(plan, writes=(), choice=choice), passed_by
        return replace(plan, choice=choice) if choice is not None else plan, running


def _shape(
    step: Step,
    tool: ToolSpec | FlowSpec | Hole,
    tools: Sequence[ToolSpec | Hole],
    *,
    skips: bool,
    context: AbstractContext,
    dynamic: tuple[str, ...],
) -> OutputShape | None:
    """What a step's outputs look like, or None where they are not known.

    Of a tool that is not there an output mapping tells the keys; other tools that are not are taken to give the same.
    """
    if isinstance(tool, FlowSpec):
        return subflow_shape(tool, tuple(step.input_mapping), context, dynamic)
    if isinstance(tool, ToolSpec):
        return output_shape([entry.output for entry in tools if isinstance(entry, ToolSpec)], skips=skips)
    if step.output_mapping is None:
        return None
    named = tuple(dict.fromkeys(step.output_mapping.values()))
    return OutputShape(named, frozenset(named), others=False, skips=skips)


def _opens(step: Step, tool: ToolSpec | FlowSpec | Hole, shape: OutputShape | None, context: AbstractContext) -> bool:
    """Whether a step may write keys that the build does not know, such as those that a flow gives back unasked."""
    if step.output_mapping is not None or shape is None:
        return False
    return shape.others or (isinstance(tool, FlowSpec) and context.unknown_keys != "never")


def _seen_from(place: Placed, context: AbstractContext) -> Condition:
    """The condition that a step's context is looked at under; a step that never runs is checked as if it did."""
    return place.condition if place.condition.may else Condition(context.scenarios, 0)


def _handling_of(step: Step) -> tuple[str, ...]:
    """The settings of a step that say what happens around a call (SEMANTICS A 7)."""
    used = {
        "retry": step.retry is not None,
        "on_error": step.on_error != "fail",
        "input_contract": step.input_contract is not None,
        "output_contract": step.output_contract is not None,
    }
    return tuple(field for field, is_used in used.items() if is_used)
