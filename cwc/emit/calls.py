"""A step's call of its tool in each lane, and what stands around it: contracts, retries, a fallback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cwc.emit.code import Code, compose, literal
from cwc.emit.names import Names
from cwc.plan.direct import direct_types
from cwc.plan.interface import FlowSpec
from cwc.plan.model import Fallback, Lane, StepPlan
from cwc.plan.tools import ToolSpec


@dataclass(frozen=True, slots=True)
class ToolNames:
    """The module-level names of one tool: its handle, input validator, callable, and output validator.

    ``at_once`` is what outputs are given to first, ``refused`` what that raises for those which it leaves to ``give``.
    """

    spec: ToolSpec
    handle: Code
    take: Code
    call: Code
    give: Code
    at_once: Code
    refused: Code


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of one step in one lane, as expressions that give validated outputs.

    ``raw`` gives what the tool returned, ``tool``, where calling it is all there is to the step.
    """

    primary: Code
    fallback: Code | None
    raw: Code | None = None
    tool: ToolNames | None = None


@dataclass(frozen=True, slots=True)
class Handling:
    """What a step function does around its call; None where a feature is not used."""

    policy: Code | None
    attempts: Code
    accepts: Code | None
    promises: Code | None
    passed: Code
    fell_back: Code | None
    skipped: Code
    decides: bool

    def promise(self, outputs: Code) -> Code:
        """Outputs as the step returns them: checked by its output contract, with the decision on its tool."""
        if self.promises:
            outputs = compose("{}({})", self.promises, outputs)
        return _with_decision(outputs, decides=self.decides)


def _with_decision(outputs: Code, *, decides: bool) -> Code:
    return compose("decided(pick, {})", outputs) if decides else outputs


def tool_names(spec: ToolSpec, names: Names) -> ToolNames:
    parts = ("tool", "in", "fn", "out", "twin", "refused")
    return ToolNames(spec, *(names.allocate(spec.name, prefix=part) for part in parts))


DirectKey = tuple[str, tuple[tuple[str, str], ...]]
"""A tool, and the types of the inputs that it is called with."""


@dataclass(frozen=True, slots=True)
class Handles:
    """The module-level names of what the steps of a flow run: tools and flows, by name, and direct calls of tools."""

    tools: dict[str, ToolNames]
    flows: dict[str, Code]
    direct: dict[DirectKey, Code] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a step function passes on: the mapping that its tool's model validates, or that a flow begins with.

    ``direct``: a call of the tool's function without validation; ``tests``: whether it is that of the same.
    """

    mapping: Code
    direct: Code | None = None
    tests: Code | None = None


def direct_key(step: StepPlan, lanes: Sequence[Lane]) -> DirectKey | None:
    """What tells the direct call of a step in any of some lanes; None where there is none."""
    types, tool = direct_types(step), step.tool
    if types is None or not isinstance(tool, ToolSpec) or not any(runs_in_place(tool, lane) for lane in lanes):
        return None
    return tool.name, tuple(types.items())


def calls(step: StepPlan, handles: Handles, lane: Lane, given: Inputs) -> Calls:
    inputs = given.mapping
    if isinstance(step.tool, FlowSpec):
        run = Code("await run_flow_async" if lane == "async" else "run_flow")
        return Calls(compose("{}({}, {})", run, handles.flows[step.tool.name], inputs), None)
    tools, fallback = handles.tools, None
    if isinstance(step.on_error, Fallback):
        fallback = _validated(tools[step.on_error.tool.name], lane, inputs)
    tool = tools[step.tool.name]
    own = _validated(tool, lane, inputs, given)
    if not (step.candidates or step.retry or step.on_error or step.output_contract):
        return Calls(own, None, _returned(tool, lane, inputs, given), tool)
    for candidate in reversed(step.candidates):
        if candidate != step.tool:
            chosen = _validated(tools[candidate.name], lane, inputs)
            own = compose("{} if pick.tool == {} else {}", chosen, literal(candidate.name), own)
    return Calls(own, fallback)


def handling(step: StepPlan) -> Handling:
    handled = step.retry is not None or step.on_error is not None
    retries = step.retry.max_retries if step.retry else 0
    fell_back = None
    if isinstance(step.on_error, Fallback):
        fell_back = compose("fell_back(trial, {}, outputs)", literal(step.on_error.tool.name))
    return Handling(
        policy=_policy(step) if handled else None,
        attempts=compose("range(1, {})", literal(retries + 2)),
        accepts=Code(f"accepts_{step.index}") if step.input_contract else None,
        promises=Code(f"promises_{step.index}") if step.output_contract else None,
        passed=Code("outputs if trial is None else passed(trial, outputs)" if step.retry else "outputs"),
        fell_back=fell_back,
        skipped=_with_decision(Code("skipped(trial)"), decides=bool(step.candidates)),
        decides=bool(step.candidates),
    )


def _policy(step: StepPlan) -> Code:
    name = Code(f"POLICY_{step.index}")
    return compose("policy_of({}, pick)", name) if step.candidates else name


def _validated(tool: ToolNames, lane: Lane, inputs: Code, given: Inputs | None = None) -> Code:
    return compose("{}({})", tool.give, _returned(tool, lane, inputs, given))


def _returned(tool: ToolNames, lane: Lane, inputs: Code, given: Inputs | None) -> Code:
    raw = _raw(tool, lane, compose("{}({})", tool.take, inputs))
    if given is not None and given.direct is not None and given.tests is not None and runs_in_place(tool.spec, lane):
        called = compose("await {}" if tool.spec.is_async else "{}", given.direct)
        raw = compose("{} if {} else {}", called, given.tests, raw)
    if tool.spec.max_output_size is not None:
        raw = compose("sized({}, {}, {})", literal(tool.spec.name), literal(tool.spec.max_output_size), raw)
    return raw


def runs_in_place(tool: ToolSpec, lane: Lane) -> bool:
    """Whether a step function of a lane calls the tool itself, in no thread, loop or timeout of its own."""
    if tool.timeout_seconds is not None:
        return False
    return lane == "async" if tool.is_async else lane == "sync" or not tool.blocking


def _raw(tool: ToolNames, lane: Lane, inputs: Code) -> Code:
    """The call itself: each colour of tool, with and without a timeout, in each lane."""
    limit = tool.spec.timeout_seconds
    if limit is None:
        return _untimed(tool, lane, inputs)
    call = [literal(tool.spec.name), literal(float(limit)), tool.call, inputs]
    match tool.spec.is_async, lane:
        case True, "async":
            return compose("await within_async({}, {}, {}, {})", *call)
        case True, _:
            return compose("finish(within_async, {}, {}, {}, {})", *call)
        case _, "async":
            return compose("await within_async({}, {}, in_thread, {}, {})", *call)
        case _:
            return compose("within({}, {}, {}, {})", *call)


def _untimed(tool: ToolNames, lane: Lane, inputs: Code) -> Code:
    if tool.spec.is_async:
        return compose("await {}({})" if lane == "async" else "finish({}, {})", tool.call, inputs)
    if lane == "async" and tool.spec.blocking:
        return compose("await in_thread({}, {})", tool.call, inputs)
    return compose("{}({})", tool.call, inputs)
