"""A plan as text, for people and golden tests: one line a fact, in a fixed order."""

from __future__ import annotations

from collections.abc import Iterator

from cwc.plan.interface import FlowSpec
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
    for level in plan.levels:
        if plan.is_dag:
            yield f"level {level.index}"
        for step in level.steps:
            yield from _step(step)
        if level.folded is not None:
            yield f"  opens base {level.folded.base + 1} over {_snapshot(level.folded)}"
    yield f"end {_snapshot(plan.final)}"


def _step(step: StepPlan) -> Iterator[str]:
    yield f"step {step.name!r} line {step.line}: {_target(step)}"
    if step.candidates:
        yield f"  or one of {', '.join(repr(tool.name) for tool in step.candidates)}"
    if step.liveness is not None:
        yield f"  unless {step.liveness.choosers} choose another; needs one of {step.liveness.needs_one_of}"
    if step.arguments is None:
        yield f"  takes {_snapshot(step.at_call.snapshot())}"
    for argument in step.arguments or ():
        yield f"  {argument.target!r} <- {_source(argument)}"
    for write in step.writes:
        yield f"  {write.output_key!r} -> {write.value} collides: {write.collision}{_previous(write.value)}"
    for overlap in step.overlaps:
        keys = "keys" if overlap.key is None else repr(overlap.key)
        yield f"  {overlap.kind} writes {keys} as step {overlap.earlier}"
    if step.choice is not None:
        for branch in step.choice.branches:
            yield f"  chooses step {branch.target} if {branch.predicate.text!r}"
        if step.choice.default is not None:
            yield f"  else chooses step {step.choice.default}"


def _target(step: StepPlan) -> str:
    match step.tool:
        case Hole(name):
            return f"no tool {name!r}"
        case FlowSpec():
            return f"flow {step.tool.name!r} {step.tool.version}"
        case _:
            return f"tool {step.tool.name!r}"


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
