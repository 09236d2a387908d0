"""The types of the values in a plan's context: of outputs as they are dumped, of inputs as callers pass them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cwc.plan.interface import FlowSpec
from cwc.plan.model import Argument, Constant, Hole, Plan, Read, StepPlan
from cwc.plan.tools import ToolSpec
from cwc.plan.types.constants import type_of_constant
from cwc.plan.types.model import UNKNOWN, Type, union_of
from cwc.plan.types.paths import Reach, descend, joined
from cwc.plan.values import FromStep, InBase, Value


@dataclass(frozen=True, slots=True)
class Piece:
    """One way that a value can have come about: its type then, and whether there is anything where a pointer leads.

    ``passed``: the caller of the flow gave it.
    """

    type: Type
    reach: Reach
    passed: bool = False


def pieces_of(plan: Plan, value: Value, tokens: tuple[str, ...] = ()) -> Iterator[Piece]:
    """All the ways that a value, or what stands in it at a pointer, can have come about."""
    seen: set[tuple[str, int, tuple[str, ...]]] = set()
    waiting = [(value, tokens)]
    while waiting:
        value, tokens = waiting.pop()
        if (value.key, value.version, tokens) in seen:
            continue
        seen.add((value.key, value.version, tokens))
        match value.origin:
            case InBase(0):
                yield Piece(*descend(_passed(plan, value.key), tokens, passed=True), passed=True)
            case InBase(was=Value() as was):
                waiting.append((was, tokens))
            case InBase():
                yield Piece(*descend(UNKNOWN, tokens))
            case FromStep(index, output_key, previous):
                step = plan.step(index)
                given, source = _given(plan, step, output_key)
                if given is not None:
                    yield Piece(*descend(given, tokens))
                if source is not None and isinstance(source.value, Value):
                    waiting.append((source.value, source.tokens + tokens))
                if previous is not None:
                    waiting.append((previous, tokens))


def _passed(plan: Plan, key: str) -> Type:
    is_declared = plan.input_model is not None and key not in plan.dynamic_params
    return plan.input_model.passed_type(key) if is_declared and plan.input_model else UNKNOWN


def _given(plan: Plan, step: StepPlan, key: str) -> tuple[Type | None, Read | None]:
    """What a step gives under a key: the type of what it makes, and where what it may give back as it is comes from."""
    if not isinstance(step.tool, FlowSpec):
        return output_type(step, key), None
    flow = step.tool
    if key in flow.gives and key not in flow.kept:
        return flow.gives[key], None
    made = [flow.gives[key]] if key in flow.gives else []
    source = _passed_on(step, key)
    if source is None or key in plan.dynamic_params or key in flow.dynamic_params:
        return UNKNOWN, None
    if isinstance(source, Constant):
        return union_of([*made, type_of_constant(source.value)]), None
    return (made[0] if made else None), source


def _passed_on(step: StepPlan, key: str) -> Read | Constant | None:
    """What a step passes under a key: what it maps, or what the whole context has there."""
    if step.arguments is None:
        value = step.at_call.get(key)
        return None if value is None else Read(value)
    return next((each.source for each in step.arguments if each.target == key), None)


def output_type(step: StepPlan, output_key: str) -> Type:
    """The type of one output of a step, whichever of its tools gives it."""
    tools = [tool.output for tool in step.tools if isinstance(tool, ToolSpec)]
    giving = [model for model in tools if output_key in model.dump_keys or model.opaque_output or model.open_output]
    if isinstance(step.tool, Hole) or not giving:
        return UNKNOWN
    return union_of([model.output_type(output_key) for model in giving])


def type_of(plan: Plan, value: Value, tokens: tuple[str, ...] = ()) -> tuple[Type, Reach]:
    """The type of what is read, and whether there is anything where its pointer leads."""
    return joined([(piece.type, piece.reach) for piece in pieces_of(plan, value, tokens)])


def type_of_argument(plan: Plan, argument: Argument) -> Type:
    """The type of what a step passes for one input."""
    match argument.source:
        case Constant(value):
            return type_of_constant(value)
        case Read(Value() as value, tokens):
            return type_of(plan, value, tokens)[0]
        case _:
            return UNKNOWN
