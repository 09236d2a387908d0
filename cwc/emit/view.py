"""What the templates see of a plan: its own values, and the names and expressions that stand for them in code."""

from __future__ import annotations

from dataclasses import dataclass

from cwc.emit.calls import Calls, Handling, ToolNames, calls, handling
from cwc.emit.code import Code, compose, joined, literal
from cwc.emit.expressions import Locals, base_name, out_name, reads
from cwc.emit.merging import merge_lines
from cwc.emit.names import Names
from cwc.plan.model import Constant, Lane, Plan, Read, StepPlan
from cwc.plan.values import FromStep, Value

MODULE_NAMES = (
    "Any", "FLOW", "LINES", "Output", "STEPS", "TYPE_CHECKING", "TypedDict", "WRITTEN", "annotations", "body",
    "body_async", "run", "run_async", "stream", "stream_async", "resume", "resume_async",
)  # fmt: skip
LOCAL_NAMES = ("steps", "initial", "undeclared", "debug", "context", "trial", "attempt", "outputs", "error")


@dataclass(frozen=True, slots=True)
class StepView:
    """One step in both lanes: its function's signature and calls, and its lines in the body."""

    plan: StepPlan
    handling: Handling
    function: Code
    out: Code
    end: Code
    parameters: Code
    accepted: Code
    calls: dict[Lane, Calls]
    inputs: list[Code]
    values: Code
    outputs: list[Code]
    mapping: Code
    output_mapping: Code


def step_views(plan: Plan, tools: dict[str, ToolNames], names: Names) -> tuple[list[StepView], Locals]:
    """One view a step, and the locals that the body's last line needs."""
    scope = names.inner()
    variables = Locals(plan, scope)
    defined: set[tuple[str, int]] = set()
    views = [_step_view(plan, step, tools, variables, names, defined) for step in plan.steps]
    return views, variables


def _step_view(
    plan: Plan,
    step: StepPlan,
    tools: dict[str, ToolNames],
    variables: Locals,
    names: Names,
    defined: set[tuple[str, int]],
) -> StepView:
    parameters, accepted, mapping = _signature(step, names)
    return StepView(
        plan=step,
        handling=handling(step),
        function=Code(f"step_{step.index}"),
        out=out_name(step.index),
        end=Code(f"end_{step.index}"),
        parameters=parameters,
        accepted=accepted,
        calls={lane: calls(step, tools, lane, mapping) for lane in plan.lanes},
        inputs=_input_lines(step, variables, defined),
        values=_values(step, variables),
        outputs=merge_lines(plan, step, variables),
        mapping=_record_mapping(step),
        output_mapping=literal(None if step.output_mapping is None else dict(step.output_mapping)),
    )


def _signature(step: StepPlan, names: Names) -> tuple[Code, Code, Code]:
    """The parameters of a step function, its inputs as a mapping, and the mapping that its tool may have."""
    if step.arguments is None:
        context = Code("context")
        own = compose("detached({})", context) if step.detach_whole else context
        return compose("{}: Outputs", context), context, own
    scope = names.inner()
    parameters, shared, own_entries = [], [], []
    for argument in step.arguments:
        name, target = scope.allocate(argument.target), literal(argument.target)
        parameters.append(compose("{}: Any", name))
        shared.append(compose("{}: {}", target, name))
        own_entries.append(compose("{}: detached({})", target, name) if argument.detach else shared[-1])
    inputs = compose("{{{}}}", joined(", ", shared))
    return joined(", ", parameters), inputs, compose("{{{}}}", joined(", ", own_entries))


def _input_lines(step: StepPlan, variables: Locals, defined: set[tuple[str, int]]) -> list[Code]:
    """Read what the step needs into locals, with a test where a key may be missing."""
    lines = []
    for value in reads(step):
        identity = (value.key, value.version)
        if value.presence == "maybe":
            lines.append(_tested(value, variables))
        elif not isinstance(value.origin, FromStep) and identity not in defined:
            lines.append(compose("{} = {}", variables.name(value), variables.definition(value)))
        defined.add(identity)
    return lines


def _tested(value: Value, variables: Locals) -> Code:
    name, key = variables.name(value), literal(value.key)
    if isinstance(value.origin, FromStep):
        return compose("require({}, {})", name, key)
    return compose("{} = require_key({}, {})", name, base_name(value.origin.base), key)


def _values(step: StepPlan, variables: Locals) -> Code:
    if step.arguments is None:
        return variables.snapshot(step.at_call.snapshot())
    return joined(", ", [variables.argument(argument) for argument in step.arguments])


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
