"""What comes of compiling a build set, and what is said where nothing comes of a flow although no error is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cwc.diagnostics.model import Diagnostic, Label, Pointer, Report, SeveritySettings, define
from cwc.language import Document
from cwc.plan.interface import FlowSpec
from cwc.plan.interfaces import interface_of
from cwc.plan.model import Plan

if TYPE_CHECKING:
    from cwc.emit.render import Artifact

LOWERED = define(
    "CWC804", "lowered_error", "error", "A flow cannot be built although its errors were lowered", fixed=True
)


@dataclass(frozen=True, slots=True)
class CompiledFlow:
    """A flow of the build set: its document, and its plan and module as far as it came.

    ``sound``: a module can be made of it. It is there if modules were asked for.
    """

    document: Document
    plan: Plan
    file: str
    sound: bool
    artifact: Artifact | None = None

    @property
    def interface(self) -> FlowSpec:
        """What flows that run this one need to know of it."""
        return interface_of(self.plan, self.file.removesuffix(".py"))


@dataclass(frozen=True, slots=True)
class Compiled:
    """A build set compiled. ``unread`` are the paths of flow files that no document could be made of."""

    flows: tuple[CompiledFlow, ...]
    unread: tuple[str, ...]
    report: Report


def has_errors(path: str, report: Report, severities: SeveritySettings) -> bool:
    """Whether something in a file is an error, as a project weighs it."""
    return any(severities.of(diagnostic) == "error" for diagnostic in _said_of(path, report))


def report_lowered(compiled: Compiled, severities: SeveritySettings, *, incomplete: bool) -> None:
    """Report the flows that are not sound and have no error either: what is wrong with them was lowered.

    ``incomplete``: tools could not be loaded or told apart, which is an error already, and nothing more is said where
    it is all.
    """
    lost = {flow.document.path: flow.plan.name for flow in compiled.flows if not flow.sound}
    for path in (*lost, *compiled.unread):
        if has_errors(path, compiled.report, severities):
            continue
        known = [found for found in _said_of(path, compiled.report) if _weight(found) == "error"]
        if incomplete and not known:
            continue
        codes = ", ".join(sorted({f"{found.code} {found.slug}" for found in known}))
        named = Pointer(("name",)) if path in lost else None
        compiled.report.add(
            Diagnostic(
                definition=LOWERED,
                message=f"nothing can be built from {path!r}, whatever the severity of {codes or 'what is wrong'}",
                primary=Label(path, named),
                help=("mend what is wrong, or take the flow out of the build",),
                flow=lost.get(path),
            )
        )


def _said_of(path: str, report: Report) -> Iterator[Diagnostic]:
    return (found for found in report if found.primary is not None and found.primary.path == path)


def _weight(diagnostic: Diagnostic) -> str:
    return diagnostic.severity or diagnostic.definition.severity
