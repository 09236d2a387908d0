"""Can the flow be scheduled as the project asks?"""

from __future__ import annotations

from cwc.checks.finding import StepFinding
from cwc.diagnostics.model import Pointer, Report, define
from cwc.plan.dataflow import obstacle
from cwc.plan.model import Plan

BY_LEVELS = define("CWC321", "scheduled_by_levels", "note", "A flow cannot be run as a dataflow")


def check_scheduling(plan: Plan, report: Report) -> None:
    """A flow that cannot be run as a dataflow gives the same results level by level."""
    reason = obstacle(plan)
    if plan.schedule == "dataflow" and plan.is_dag and "async" in plan.lanes and reason is not None:
        finding = StepFinding(plan, report)
        finding.add(BY_LEVELS, f"the steps run level by level: {reason}", finding.label(Pointer(("steps",)).at_key()))
