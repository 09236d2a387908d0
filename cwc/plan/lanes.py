"""Which lanes a flow has: what keeps it out of the async lane, and what the project asked for (SEMANTICS A 3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cwc.diagnostics.model import Diagnostic, Report, define
from cwc.language.document import Document
from cwc.plan.constructs import STEPS, Construct, described, own_constructs
from cwc.plan.interface import FlowSpec
from cwc.plan.model import Lane, Level, StepPlan

ASYNC_UNSUPPORTED = define(
    "CWC320", "async_lane_unsupported", "error", "A construct keeps a flow out of the async lane"
)

TOLD = 5
"""How many steps one note names."""

BOTH: tuple[Lane, ...] = ("sync", "async")
LANES: Mapping[str, tuple[Lane, ...]] = {"sync": ("sync",), "async": ("async",), "both": BOTH}


def refused_of(
    document: Document, constructs: Sequence[Construct], levels: Sequence[Level], allowed: Sequence[str]
) -> tuple[Construct, ...]:
    """Those of a flow's constructs that keep it out of the async lane: its own by what is allowed for it, and those of
    the flows that it runs by what is allowed for them."""
    own = set(own_constructs(document))
    theirs = {each for _, spec in _composed(levels) for each in spec.refused}
    return tuple(each for each in constructs if (each.kind not in allowed if each in own else each in theirs))


def _composed(levels: Sequence[Level]) -> Iterator[tuple[StepPlan, FlowSpec]]:
    for step in (step for level in levels for step in level.steps):
        if isinstance(step.tool, FlowSpec):
            yield step, step.tool


def lanes_of(
    document: Document, refused: Sequence[Construct], levels: Sequence[Level], asked: str, report: Report
) -> tuple[Lane, ...]:
    """The lanes to build of a flow in which ``refused`` are the constructs that no async lane can be built with.

    ``asked`` is sync, async, both, or auto for every lane that the flow can have. Where the async lane was asked for,
    each construct is an error; where it was left to the flow, one note tells of all.
    """
    if not refused or asked == "sync":
        return _shared(LANES.get(asked, BOTH), document, levels, asked, report)
    for told in (refused,) if asked == "auto" else ((each,) for each in refused):
        first = told[0]
        why = described(told, document.flow.name)
        why[TOLD:] = [f"{len(why) - TOLD} more"] if len(why) > TOLD else []
        kinds = " and ".join(repr(kind) for kind in dict.fromkeys(each.kind for each in told))
        report.add(
            Diagnostic(
                definition=ASYNC_UNSUPPORTED,
                message=f"flow {document.flow.name!r} has no async lane: {'; '.join(why)}",
                primary=first.label,
                general=(f'build it with lane = "sync", or list {kinds} in async_constructs of [tool.cwc]',),
                flow=document.flow.name,
                step_index=first.step_index,
                field=first.field,
                severity="note" if asked == "auto" else "error",
            )
        )
    return ("sync",)


def _shared(
    lanes: tuple[Lane, ...], document: Document, levels: Sequence[Level], asked: str, report: Report
) -> tuple[Lane, ...]:
    """Those of the lanes that the flows that steps run have too; which lanes those have is for the project to say."""
    lost = [(lane, step, spec.name) for step, spec in _composed(levels) for lane in lanes if lane not in spec.lanes]
    kept = tuple(lane for lane in lanes if lane not in {lane for lane, _, _ in lost})
    for lane, step, name in lost:
        report.add(
            Diagnostic(
                definition=ASYNC_UNSUPPORTED,
                message=f"flow {document.flow.name!r} has no {lane} lane: step {step.index} runs the flow "
                f"{name!r}, which has none",
                primary=document.label(STEPS / step.position / "flow_name"),
                general=("give both flows that lane in [tool.cwc.flow]",),
                flow=document.flow.name,
                step_index=step.index,
                field="flow_name",
                severity="note" if asked == "auto" and kept else "error",
            )
        )
    return kept or ("sync",)


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
