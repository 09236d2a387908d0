"""May a step's tool be called again after a call that failed?"""

from __future__ import annotations

from cwc.checks.finding import StepFinding
from cwc.diagnostics.model import Report, define
from cwc.plan.model import Plan
from cwc.plan.tools import ToolSpec

UNSAFE_RETRY = define("CWC501", "unsafe_retry", "warning", "A step calls a tool again that may not be called twice")


def check_effects(plan: Plan, report: Report) -> None:
    """SEMANTICS B 3.4: a tool that is not safe to retry, or that is neither idempotent nor only reads."""
    for step in plan.steps:
        for tool in step.own_tools if step.retry is not None and step.retry.max_retries else ():
            if not isinstance(tool, ToolSpec):
                continue
            if tool.safe_to_retry is False:
                reason = "it says that it is not safe to retry"
            elif tool.idempotent is False and tool.read_only is False:
                reason = "it changes something, and not only once"
            else:
                continue
            finding = StepFinding(plan, report, step)
            finding.add(
                UNSAFE_RETRY,
                f"the step calls tool {tool.name!r} again when it fails: {reason}",
                finding.label(step.pointer / "retry"),
                help=("leave out `retry`, or let the tool say that it can be called again",),
            )
