"""Are the tools still those that the flow file says it was written for? (SEMANTICS B 19)"""

from __future__ import annotations

from difflib import get_close_matches

from cwc.checks.finding import StepFinding
from cwc.diagnostics.model import Pointer, Report, define
from cwc.plan.model import Plan

DRIFT = define("CWC701", "tool_schema_drift", "warning", "A tool has not the schemas that the flow file says it has")
UNUSED = define("CWC702", "unused_tool_hash", "note", "A flow file knows the schemas of a tool that no step uses")


def check_snapshot(plan: Plan, report: Report) -> None:
    """Compare ``tool_schema_hashes`` with the tools in use; the flow is built with those either way."""
    finding = StepFinding(plan, report)
    tools = {tool.name: tool for tool in plan.tools}
    for name, digest in plan.tool_schema_hashes.items():
        tool = tools.get(name)
        place = Pointer(("tool_schema_hashes", name))
        if tool is None:
            close = get_close_matches(name, tools, n=1)
            help = f"did you mean {close[0]!r}?" if close else "remove it"
            message = f"no step uses the tool {name!r} that the snapshot lists"
            finding.add(UNUSED, message, plan.label(place.at_key()), field=name, help=(help,))
        elif tool.schema_hash != digest:
            message = (
                f"tool {name!r} has changed since the flow's snapshot was taken: its schemas are {tool.schema_hash}"
            )
            help = f"look at the flow again, then write {name}: {tool.schema_hash}"
            finding.add(DRIFT, message, plan.label(place, f"not {digest}"), field=name, help=(help,))
