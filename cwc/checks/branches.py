"""Can every step of a flow with branches be reached?"""

from __future__ import annotations

from cwc.checks.finding import StepFinding
from cwc.diagnostics.model import Report, define
from cwc.plan.model import Plan

UNREACHABLE = define("CWC314", "unreachable_step", "warning", "A step runs in no case")


def check_branches(plan: Plan, report: Report) -> None:
    for step in plan.steps:
        if not step.condition.may and not plan.holes:
            finding = StepFinding(plan, report, step)
            finding.add(
                UNREACHABLE,
                f"{step.title} never runs: whatever the branches before it choose, they pass it by",
                finding.label(step.pointer),
                help=("let a branch lead to it, or take away what it depends on",),
            )
