"""Constructs of the flow language that this version of cwc reads but does not compile."""

from __future__ import annotations

from cwc.diagnostics.model import Diagnostic, Pointer, Report, define
from cwc.language.document import DAGFlow, Document, Step

NOT_SUPPORTED = define("CWC390", "not_supported", "error", "This version of cwc does not compile a construct")


def report_unsupported(document: Document, report: Report) -> bool:
    """Report every construct that cannot be compiled; True if there was one."""
    found = [(Pointer(("type",)), "a flow of type 'DAGFlow'")] if isinstance(document.flow, DAGFlow) else []
    for index, step in enumerate(document.flow.steps):
        if step is not None:
            found += [(Pointer(("steps", index, field)), what) for field, what in _constructs(step)]
    for pointer, what in found:
        report.add(
            Diagnostic(
                definition=NOT_SUPPORTED,
                message=f"{what} is not compiled by this version of cwc",
                primary=document.label(pointer.at_key()),
                flow=document.flow.name,
            )
        )
    return bool(found)


def _constructs(step: Step) -> list[tuple[str, str]]:
    used = {
        "flow_name": (step.flow_name is not None, "a composed flow"),
        "decision_candidates": (step.decision_candidates is not None, "a decision"),
    }
    return [(field, what) for field, (present, what) in used.items() if present]
