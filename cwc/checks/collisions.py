"""Which writes meet a key that is in the context already, under the flow's policy."""

from __future__ import annotations

from dataclasses import replace

from cwc.checks.finding import StepFinding
from cwc.diagnostics.model import Label, Report, Severity, define
from cwc.plan.model import Overlap, Plan, StepPlan
from cwc.plan.values import Write

COLLISION = define("CWC410", "context_collision", "warning", "A step overwrites a context key")
SIBLINGS = define("CWC411", "sibling_conflict", "error", "Two steps of one level write the same context key")


def check_collisions(plan: Plan, report: Report) -> None:
    for step in plan.steps:
        for overlap in step.overlaps:
            if overlap.kind != "undeclared":
                _report_overlap(step, overlap, StepFinding(plan, report, step))
    if plan.policy == "overwrite":
        return
    for step in plan.steps:
        for write in step.writes:
            if write.collision in ("always", "maybe"):
                _report(step, write, StepFinding(plan, report, step))


def _report(step: StepPlan, write: Write, finding: StepFinding) -> None:
    first = write.prior.writer if write.prior else None
    related: tuple[Label, ...] = (replace(first, message="first written here"),) if first else ()
    verb = "may overwrite" if write.collision == "maybe" else "overwrites"
    finding.add(
        COLLISION,
        f"{step.title} {verb} context key {write.key!r}",
        finding.label(write.pointer),
        field=write.key,
        related=related,
        help=("give the output another name in output_mapping, or set on_context_collision: overwrite",),
        severity=_severity(write, finding.plan),
    )


def _report_overlap(step: StepPlan, overlap: Overlap, finding: StepFinding) -> None:
    """Two steps of a level that write one key fail the later one, whatever the policy (SEMANTICS B 9.6)."""
    other = finding.plan.step(overlap.earlier)
    verb = "both write" if overlap.kind == "always" else "may both write"
    what = "a key that the build does not know" if overlap.key is None else f"context key {overlap.key!r}"
    help = "let one of them depend on the other, or give its output another name in output_mapping"
    finding.add(
        SIBLINGS,
        f"{other.title} and {step.title} run in one level and {verb} {what}",
        finding.label(overlap.pointer),
        field=overlap.key,
        related=(finding.label(overlap.other, "the other step of the level"),),
        help=(help,),
        severity="error" if overlap.kind == "always" else "note",
    )


def _severity(write: Write, plan: Plan) -> Severity:
    """What may happen is left to a test at run time; what must happen is an error where the flow forbids it."""
    if write.collision == "maybe":
        return "note"
    return "error" if plan.policy == "error" else "warning"
