"""A plan as text, for people and golden tests: one line a fact, in a fixed order."""

from __future__ import annotations

from collections.abc import Iterator

from cwc.plan.model import Argument, Constant, Hole, Plan, Read, StepPlan
from cwc.plan.values import FromStep, InBase, Snapshot, Value


def dump_plan(plan: Plan) -> str:
    """The whole plan; values are ``'key'.version``, with ``?`` where the key may be missing."""
    return "\n".join(_lines(plan)) + "\n"


def _lines(plan: Plan) -> Iterator[str]:
    yield f"flow {plan.name!r} {plan.version!r} on collision: {plan.policy}"
    yield f"  lanes: {', '.join(plan.lanes)}; determinism: {plan.determinism_level}; status: {plan.status}"
    for role, model in (("input", plan.input_model), ("output", plan.output_model), ("context", plan.context_model)):
        if model is not None:
            yield f"  {role} schema: {model.name}"
    undeclared = {key for key, _ in plan.undeclared_inputs}
    for key in plan.required_inputs:
        yield f"  input {key!r}" + (" (undeclared)" if key in undeclared else "")
    if plan.extras:
        yield "  further input keys may be passed"
    for step in plan.steps:
        yield from _step(step)
    yield f"end {_snapshot(plan.final)}"


def _step(step: StepPlan) -> Iterator[str]:
    tool = f"no tool {step.tool.name!r}" if isinstance(step.tool, Hole) else f"tool {step.tool.name!r}"
    yield f"step {step.name!r} line {step.line}: {tool}"
    if step.arguments is None:
        yield f"  takes {_snapshot(step.at_call.snapshot())}"
    for argument in step.arguments or ():
        yield f"  {argument.target!r} <- {_source(argument)}"
    for write in step.writes:
        yield f"  {write.output_key!r} -> {write.value} collides: {write.collision}{_previous(write.value)}"
    if step.folded is not None:
        yield f"  opens base {step.folded.base + 1} over {_snapshot(step.folded)}"


def _previous(value: Value) -> str:
    match value.origin:
        case FromStep(previous=Value() as previous):
            return f", else {previous}"
        case _:
            return ""


def _source(argument: Argument) -> str:
    match argument.source:
        case Constant(value):
            return f"constant {value!r}"
        case Read(Hole(key)):
            return f"nothing ({key!r})"
        case Read(Value() as value, tokens):
            where = f" of base {value.origin.base}" if isinstance(value.origin, InBase) else ""
            return f"{value}{where}" + "".join(f"/{token}" for token in tokens)
        case _:
            raise AssertionError(argument)


def _snapshot(snapshot: Snapshot) -> str:
    return f"base {snapshot.base} + [{', '.join(map(str, snapshot.values))}]"
