"""What the templates see of a plan: its own values, and the names and expressions that stand for them in code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cwc.emit.branching import choice_lines, live_line, live_name
from cwc.emit.calls import Calls, Handles, Handling, Inputs, calls, direct_key, handling
from cwc.emit.code import Code, compose, joined, literal
from cwc.emit.expressions import Locals, base_name, out_name, reads
from cwc.emit.lines import Line, marked
from cwc.emit.merging import checked_lines, merge_lines, overlap_lines, value_lines
from cwc.emit.names import Names, plain_name
from cwc.plan.dataflow import behind, runs_as_dataflow, taken
from cwc.plan.interface import FlowSpec
from cwc.plan.model import Constant, Lane, Level, Plan, Read, StepPlan
from cwc.plan.values import FromStep, InBase, Value

MODULE_NAMES = (
    "Any", "FLOW", "LINES", "LINES_ASYNC", "NotRequired", "Output", "TYPE_CHECKING", "TypedDict", "WRITTEN",
    "all_steps", "annotations", "body", "body_async", "run", "run_async", "stream", "stream_async", "resume",
    "resume_async",
)  # fmt: skip
LOCAL_NAMES = (
    "steps", "initial", "final", "undeclared", "debug", "deciding", "done", "ended",
    "context", "raw", "trial", "attempt", "outputs", "error",
    "pick",
)  # fmt: skip

Defined = set[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class StepView:
    """One step in both lanes: its function's signature and calls, and its lines in the body.

    ``prepares``: before its function is called something is to be done that may fail, or need not be done.
    """

    plan: StepPlan
    handling: Handling
    function: Code
    out: Code
    end: Code
    live: Code | None
    parameters: Code
    accepted: Code
    calls: dict[Lane, Calls]
    inputs: list[Line]
    taken: list[Line]
    prepares: bool
    values: Code
    outputs: list[Line]
    record: Code

    @property
    def does(self) -> tuple[object, ...]:
        """What the function of the step does; equal for steps that one function serves."""
        calls = [(lane, call.primary, call.fallback, call.raw) for lane, call in self.calls.items()]
        return self.parameters, self.accepted, self.handling, *calls


@dataclass(frozen=True, slots=True)
class LevelView:
    """One level: what is read or decided before its steps, and how they are merged. ``is_wide``: it has several."""

    plan: Level
    steps: list[StepView]
    begin: list[Line]
    merge: list[Line]
    is_wide: bool


@dataclass(frozen=True, slots=True)
class FlowView:
    """The lines that a body begins with, one view a level, and the locals that the body's last lines need."""

    required: list[Line]
    levels: list[LevelView]
    variables: Locals


def flow_view(plan: Plan, handles: Handles, names: Names) -> FlowView:
    """What the template of bodies sees."""
    variables = Locals(plan, names.inner())
    views = _Views(plan, handles, names, variables)
    return FlowView(views.required(), views.levels(), variables)


class _Views:
    """The making of a flow's views. ``defined`` are the values that have a local at the point that was reached."""

    def __init__(self, plan: Plan, handles: Handles, names: Names, variables: Locals) -> None:
        self.plan, self.handles, self.names, self.variables = plan, handles, names, variables
        self.choosing = frozenset(step.index for step in plan.steps if step.choice is not None)
        self.defined: Defined = set()
        self.is_dataflow = runs_as_dataflow(plan)

    def required(self) -> list[Line]:
        """Read what every run has to be given, so that one that lacks some of it fails before its first step."""
        read: dict[str, Value] = {}
        for step in self.plan.steps:
            for value in reads(step):
                if value.presence == "sure" and value.origin == InBase(0):
                    read.setdefault(value.key, value)
        lines = []
        for key in self.plan.required_inputs:
            # What no schema declares is required because a step reads it that runs in every run.
            if key in read or self.plan.input_model is None:
                value = read[key]
                lines.append(compose("{} = {}", self.variables.name(value), self.variables.definition(value)))
                self.defined.add((key, value.version))
        return marked(lines, 0, "required")

    def levels(self) -> list[LevelView]:
        return [self._level(level) for level in self.plan.levels]

    def _level(self, level: Level) -> LevelView:
        is_wide = len(level.steps) > 1
        begin = [live_line(step, self.choosing) for step in level.steps if step.liveness is not None]
        if is_wide:
            begin += [line for step in level.steps if step.liveness is None for line in self._sure_inputs(step)]
        steps = [self._step(step, level, is_own=is_wide or step.liveness is not None) for step in level.steps]
        last = level.steps[-1].index if level.steps else 0
        merge = marked(merge_lines(self.plan, level, self.variables), last, "merge")
        return LevelView(level, steps, begin, merge, is_wide)

    def _step(self, step: StepPlan, level: Level, *, is_own: bool) -> StepView:
        """``is_own``: the lines that read the step's inputs may be in a scope of their own, or not run."""
        parameters, accepted, given = _signature(step, self.names, self.handles, self.plan.lanes)
        values = _values(step, self.variables)
        inputs = self._inputs(step, is_own=is_own)
        if step.candidates:
            pick = compose("pick_{}", literal(step.index))
            context = self.variables.snapshot(step.before.snapshot())
            template = "{} = decide(PICK_{}, {}) if deciding else PICK_{}"
            number = literal(step.index)
            inputs.insert(0, Line(compose(template, pick, number, context, number), step.index, "decision"))
            values = joined(", ", [pick, values] if values else [pick])
            parameters = joined(", ", [Code("pick: Pick"), *([parameters] if parameters else [])])
        return StepView(
            plan=step,
            handling=handling(step),
            function=Code(f"step_{step.index}"),
            out=out_name(step.index),
            end=Code(f"end_{step.index}"),
            live=None if step.liveness is None else live_name(step.index),
            parameters=parameters,
            accepted=accepted,
            calls={lane: calls(step, self.handles, lane, given) for lane in self.plan.lanes},
            inputs=inputs,
            taken=self._taken(step) if self.is_dataflow else [],
            prepares=bool(step.liveness is not None or inputs or _looks_into_values(step)),
            values=values,
            outputs=[
                *marked(checked_lines(step), step.index, "outputs"),
                *marked(overlap_lines(self.plan, step), step.index, "siblings"),
                *marked(value_lines(step, self.variables, folded=level.folded is not None), step.index, "outputs"),
                *choice_lines(step, self.variables),
            ],
            record=_record(step),
        )

    def _sure_inputs(self, step: StepPlan) -> list[Line]:
        """Read the keys that are there whatever happens, before the level begins."""
        lines = []
        for value in reads(step):
            if value.presence == "sure" and self._needs_definition(value):
                code = compose("{} = {}", self.variables.name(value), self.variables.definition(value))
                lines.append(Line(code, step.index, "inputs"))
                self.defined.add((value.key, value.version))
        return lines

    def _inputs(self, step: StepPlan, *, is_own: bool) -> list[Line]:
        """Read what the step needs into locals, with a test where a key may be missing."""
        lines = []
        for value in reads(step):
            if value.presence == "maybe":
                lines.append(_tested(step, value, self.variables))
            elif self._needs_definition(value):
                lines.append(compose("{} = {}", self.variables.name(value), self.variables.definition(value)))
            if not is_own:
                self.defined.add((value.key, value.version))
        return marked(lines, step.index, "inputs")

    def _taken(self, step: StepPlan) -> list[Line]:
        """Take what the step needs from the outputs of the steps that it waited for, and from the caller's input."""
        values = behind(taken(step))
        steps = sorted({value.origin.step for value in values if isinstance(value.origin, FromStep)})
        lines = [compose("{} = given_by(done, {})", out_name(index), literal(index)) for index in steps]
        for value in values:
            is_read = step.arguments is not None and value.key not in self.plan.required_inputs
            if isinstance(value.origin, FromStep) or is_read:
                lines.append(compose("{} = {}", self.variables.name(value), self.variables.definition(value)))
        tested = [value for value in reads(step) if value.presence == "maybe"]
        lines += [_tested(step, value, self.variables) for value in tested]
        return marked(lines, step.index, "inputs")

    def _needs_definition(self, value: Value) -> bool:
        return not isinstance(value.origin, FromStep) and (value.key, value.version) not in self.defined


def _signature(step: StepPlan, names: Names, handles: Handles, lanes: Sequence[Lane]) -> tuple[Code, Code, Inputs]:
    """The parameters of a step function, its inputs as a mapping, and what its tool may have of them."""
    if step.arguments is None:
        context = Code("context")
        own = compose("detached({})", context) if step.detach_whole else context
        return compose("{}: Outputs", context), context, Inputs(own)
    scope = names.inner()
    key = direct_key(step, lanes)
    call = None if key is None else handles.direct[key]
    types = {} if key is None else dict(key[1])
    parameters, shared, own_entries, tests = [], [], [], [] if call is None else [call]
    passed: dict[str, Code] = {}
    for argument in step.arguments:
        name, target = scope.allocate(argument.target), literal(argument.target)
        parameters.append(compose("{}: Any", name))
        shared.append(compose("{}: {}", target, name))
        copied = "{}: separate({})" if argument.unless_data else "{}: detached({})"
        own_entries.append(compose(copied, target, name) if argument.detach else shared[-1])
        if call is not None:
            passed[argument.target] = name
            tests.append(compose("type({}) is {}", name, plain_name(types[argument.target])))
    inputs = compose("{{{}}}", joined(", ", shared))
    mapping = compose("{{{}}}", joined(", ", own_entries))
    if call is None:
        return joined(", ", parameters), inputs, Inputs(mapping)
    direct = compose("{}({})", call, joined(", ", [passed[target] for target in types]))
    return joined(", ", parameters), inputs, Inputs(mapping, direct, joined(" and ", tests))


def _tested(step: StepPlan, value: Value, variables: Locals) -> Code:
    name, key, said = variables.name(value), literal(value.key), literal(_said(step, value))
    if isinstance(value.origin, FromStep):
        return compose("require({}, {})", name, said)
    keys = key if said == key else compose("{}, {}", key, said)
    return compose("{} = require_key({}, {})", name, base_name(value.origin.base), keys)


def _said(step: StepPlan, value: Value) -> str:
    """What an error calls a key: as much of a pointer as led nowhere, if it is a pointer that reads it first."""
    readers = (
        argument
        for argument in step.arguments or ()
        if isinstance(argument.source, Read) and argument.source.value == value
    )
    lookup = next(readers).lookup
    return f"/{value.key}" if isinstance(lookup, str) and lookup.startswith("/") else value.key


def _values(step: StepPlan, variables: Locals) -> Code:
    if step.arguments is None:
        return variables.snapshot(step.at_call.snapshot())
    return joined(", ", [variables.argument(argument) for argument in step.arguments])


def _looks_into_values(step: StepPlan) -> bool:
    """Whether a pointer leads into a value, where it may find nothing."""
    sources = [argument.source for argument in step.arguments or ()]
    return any(isinstance(source, Read) and source.tokens for source in sources)


def _record(step: StepPlan) -> Code:
    """What the runtime knows of a step: positional facts that every step has, and the others by name."""
    facts = [
        literal(step.index),
        literal(step.name),
        literal(step.label_name),
        _record_mapping(step),
        literal(None if step.output_mapping is None else dict(step.output_mapping)),
        literal(step.line),
    ]
    if step.id is not None:
        facts.append(compose("level={}", literal(step.level)))
    if isinstance(step.tool, FlowSpec):
        facts.append(compose("flow_name={}", literal(step.tool.name)))
    if step.choice is not None:
        predicates = tuple(branch.predicate.text for branch in step.choice.branches)
        facts.append(compose("predicates={}", literal(predicates)))
    return joined(", ", facts)


def _record_mapping(step: StepPlan) -> Code:
    """How the recorded inputs of a step are found again when somebody reads them."""
    if step.arguments is None:
        return literal(None)
    entries = []
    for argument in step.arguments:
        match argument.source:
            case Constant(value):
                source = compose("Constant({})", literal(value))
            case Read(read, tokens):
                assert isinstance(read, Value)
                source = compose("Key({})", joined(", ", [literal(part) for part in (read.key, *tokens)]))
        entries.append(compose("{}: {}", literal(argument.target), source))
    return compose("{{{}}}", joined(", ", entries))
