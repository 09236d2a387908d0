"""Which keys can the steps of a flow write at all, in whatever order they run?"""

from __future__ import annotations

from cwc.diagnostics.model import Pointer
from cwc.language.document import Document, Step
from cwc.language.steps import FALLBACK
from cwc.plan.interface import FlowSpec
from cwc.plan.tools import Toolbox


def writable_keys(document: Document, toolbox: Toolbox) -> frozenset[str] | None:
    """The keys that some step of a flow may write; None where one of them may write any."""
    found: set[str] = set()
    for at, step in enumerate(document.flow.steps):
        keys = None if step is None else _written(step, toolbox)
        lost = document.lost_keys(Pointer(("steps", at, "output_mapping")))
        if keys is None or lost is None:
            return None
        found |= keys | lost
    return frozenset(found)


def _written(step: Step, toolbox: Toolbox) -> set[str] | None:
    if step.output_mapping is not None:
        return set(step.output_mapping)
    if step.flow_name is not None:
        flow = toolbox.flows.get(step.flow_name)
        known = isinstance(flow, FlowSpec) and not flow.others
        return {*flow.given, *step.input_mapping} if known and isinstance(flow, FlowSpec) else None
    names = [step.tool_name or "", *(step.decision_candidates or ()), step.on_error.removeprefix(FALLBACK)]
    tools = [toolbox.tools[name].output for name in names if name in toolbox.tools]
    if step.tool_name not in toolbox.tools or any(model.open_output or model.opaque_output for model in tools):
        return None
    return {key for model in tools for key in model.dump_keys}
