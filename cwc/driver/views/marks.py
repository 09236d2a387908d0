"""What a drawing says of a step beside its name: what happens when it fails, and what is left to the run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cwc.plan.model import Fallback, Hole, Plan, Read, Skip, StepPlan
from cwc.plan.values import Value, Write


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to look at: a key that is written again, a test left to the run, or a name that leads nowhere."""

    kind: Literal["collision", "residual", "error"]
    text: str


def facts_of(step: StepPlan) -> Iterator[str]:
    """What a step does around its call."""
    if step.candidates:
        yield f"chooses among {', '.join(tool.name for tool in step.candidates)}"
    if step.arguments is None:
        yield "takes the whole context"
    if step.retry is not None and step.retry.max_retries:
        yield f"tries up to {step.retry.max_retries + 1} times"
    match step.on_error:
        case Skip():
            yield "is skipped when it fails"
        case Fallback(tool):
            yield f"falls back to {tool.name}"
    for contract, what in ((step.input_contract, "inputs"), (step.output_contract, "outputs")):
        if contract is not None:
            yield f"checks its {what} against {contract.model.name}"


def marks_of(step: StepPlan, plan: Plan) -> Iterator[Mark]:
    """Collisions and residual tests of a step, and the names in it that lead nowhere."""
    for tool in step.tools:
        if isinstance(tool, Hole):
            yield Mark("error", f"{tool.name} cannot be run")
    yield from _of_reads(step)
    for write in step.writes:
        yield from _of_write(write)
    if step.gives_others:
        yield Mark("residual", "may write keys that the build does not know")
    for overlap in step.overlaps:
        if overlap.kind != "undeclared":
            verb = "writes" if overlap.kind == "always" else "may write"
            what = "a key" if overlap.key is None else overlap.key
            yield Mark("collision", f"{verb} {what} as {plan.step(overlap.earlier).title} does")


def _of_reads(step: StepPlan) -> Iterator[Mark]:
    for argument in step.arguments or ():
        match argument.source:
            case Read(Hole(key)):
                yield Mark("error", f"{key} is never produced")
            case Read(Value(presence="maybe") as value):
                yield Mark("residual", f"{value.key} may be missing")
            case _:
                pass


def _of_write(write: Write) -> Iterator[Mark]:
    if write.collision in ("always", "maybe"):
        yield Mark("collision", f"{'overwrites' if write.collision == 'always' else 'may overwrite'} {write.key}")
    if write.checked:
        yield Mark("residual", f"may end without {write.output_key}")
