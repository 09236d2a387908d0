"""Module-level constants that step functions use: retry policies and contracts."""

from __future__ import annotations

from cwc.emit.calls import Handles
from cwc.emit.code import Code, compose, joined, literal
from cwc.emit.imports import Imports
from cwc.plan.model import Plan, StepPlan


def direct_constants(handles: Handles) -> list[Code]:
    """The assignments that direct calls of tools need."""
    return [
        compose("{} = direct_call({}, {})", name, handles.tools[tool].handle, literal(dict(types)))
        for (tool, types), name in handles.direct.items()
    ]


def step_constants(plan: Plan, step: StepPlan, imports: Imports) -> list[Code]:
    """The assignments that one step needs."""
    lines = []
    number, tool = literal(step.index), literal(step.label_name)
    if step.retry is not None or step.on_error is not None:
        settings = joined(", ", [number, tool, *_retry_settings(plan, step, imports)])
        lines.append(compose("POLICY_{} = Policy({})", number, settings))
    for role, name, used in (
        ("input_contract", Code("accepts"), step.input_contract),
        ("output_contract", Code("promises"), step.output_contract),
    ):
        if used is not None:
            model = imports.reference(used.ref, "model")
            lines.append(compose("{}_{} = contract({}, {}, {}, {})", name, number, literal(role), number, tool, model))
    if step.candidates:
        names = literal(tuple(candidate.name for candidate in step.candidates))
        parts = joined(", ", [number, literal(step.id), tool, names])
        lines.append(compose("PICK_{} = Pick({})", number, parts))
    return lines


def _retry_settings(plan: Plan, step: StepPlan, imports: Imports) -> list[Code]:
    retry = step.retry
    if retry is None:
        return []
    errors = [imports.reference(ref, "error") for ref in retry.errors]
    return [
        compose("attempts={}", literal(retry.max_retries + 1)),
        compose("backoff={}", literal(float(retry.backoff))),
        compose("multiplier={}", literal(float(retry.multiplier))),
        compose("seed={}", literal(plan.digest if retry.jitter else None)),
        compose("errors=({},)", joined(", ", errors)),
    ]
