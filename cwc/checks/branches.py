"""Can every step of a flow with branches be reached, and does every branch depend on something?"""

from __future__ import annotations

from cwc.checks.finding import StepFinding
from cwc.diagnostics.model import Pointer, Report, define
from cwc.plan.model import Choice, Plan, StepPlan

UNREACHABLE = define("CWC314", "unreachable_step", "warning", "A step runs in no case")
NEVER = define("CWC315", "branch_never_taken", "warning", "A branch is taken in no case")
ALWAYS = define("CWC316", "branch_always_taken", "note", "A branch is taken whenever it is come to")


def check_branches(plan: Plan, report: Report) -> None:
    for step in plan.steps:
        finding = StepFinding(plan, report, step)
        if not step.condition.may and not plan.holes:
            finding.add(
                UNREACHABLE,
                f"{step.title} never runs: whatever the branches before it choose, they pass it by",
                finding.label(step.pointer),
                help=("let a branch lead to it, or take away what it depends on",),
            )
        if step.choice is not None:
            _check_choice(step, step.choice, finding)


def _check_choice(step: StepPlan, choice: Choice, finding: StepFinding) -> None:
    """Branches are looked at in their order, so each is told of by what stands before it."""
    settled: Pointer | None = None
    seen: dict[str, Pointer] = {}
    for branch in choice.branches:
        predicate = branch.predicate
        if settled is not None:
            _report_never(branch.pointer, "the branch before it is always taken", settled, finding)
        elif predicate.outcome is False:
            _report_never(branch.pointer, "its predicate is always false", None, finding)
        elif predicate.text in seen:
            _report_never(branch.pointer, "a branch before it has the same predicate", seen[predicate.text], finding)
        elif predicate.outcome is True:
            settled = branch.pointer
            message = f"{step.title} always takes this branch when it comes to it: its predicate is always true"
            help = () if choice.default is not None else ("name its target in default_next instead",)
            finding.add(ALWAYS, message, finding.label(branch.pointer), help=help)
        seen.setdefault(predicate.text, branch.pointer)
    default = step.pointer / "default_next"
    if settled is not None and choice.default is not None:
        _report_never(default, "a branch before it is always taken", settled, finding)


def _report_never(at: Pointer, why: str, because: Pointer | None, finding: StepFinding) -> None:
    related = () if because is None else (finding.label(because, "this one"),)
    message = f"this branch is never taken: {why}"
    finding.add(NEVER, message, finding.label(at), related=related, help=("take it away, or correct the predicate",))
