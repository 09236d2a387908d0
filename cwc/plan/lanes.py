"""Which lanes a flow has: what keeps it out of the async lane, and what the project asked for (SEMANTICS A 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cwc.diagnostics.model import Diagnostic, Report, define
from cwc.language.document import Document
from cwc.plan.constructs import Construct, own_constructs
from cwc.plan.interface import FlowSpec
from cwc.plan.model import Lane, Level

ASYNC_UNSUPPORTED = define(
    "CWC320", "async_lane_unsupported", "error", "A construct keeps a flow out of the async lane"
)

BOTH: tuple[Lane, ...] = ("sync", "async")
LANES: Mapping[str, tuple[Lane, ...]] = {"sync": ("sync",), "async": ("async",), "both": BOTH}


def lanes_of(document: Document, refused: Sequence[Construct], asked: str, report: Report) -> tuple[Lane, ...]:
    """The lanes to build of a flow in which ``refused`` are the constructs that no async lane can be built with.

    ``asked`` is sync, async, both, or auto for every lane that the flow can have. Each construct is reported: as errors
    where the async lane was asked for, and as notes where it was left to the flow.
    """
    if not refused or asked == "sync":
        return LANES.get(asked, BOTH)
    for construct in refused:
        report.add(
            Diagnostic(
                definition=ASYNC_UNSUPPORTED,
                message=f"flow {document.flow.name!r} has no async lane: {construct.described(document.flow.name)}",
                primary=construct.label,
                help=(f'build it with lane = "sync", or list {construct.kind!r} in async_constructs of [tool.cwc]',),
                flow=document.flow.name,
                step_index=construct.step_index,
                field=construct.field,
                severity="note" if asked == "auto" else "error",
            )
        )
    return ("sync",)


def all_constructs(document: Document, levels: Sequence[Level]) -> tuple[Construct, ...]:
    """The constructs of a flow, and behind each composed flow the constructs of that one."""
    children: dict[int, tuple[Construct, ...]] = {}
    for step in (step for level in levels for step in level.steps):
        if isinstance(step.tool, FlowSpec):
            children[step.position] = step.tool.constructs
    found: dict[Construct, None] = {}
    for construct in own_constructs(document):
        found[construct] = None
        if construct.kind == "subflows":
            found.update(dict.fromkeys(children.get(construct.step_index, ())))
    return tuple(found)
