"""How a check reports: the flow and step that a finding is about are filled in once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cwc.diagnostics.model import Definition, Diagnostic, Edit, Label, Pointer, Report, Severity
from cwc.plan.model import Plan, StepPlan
from cwc.syntax.correcting import corrected


@dataclass(frozen=True, slots=True)
class StepFinding:
    """Reports findings about a step, or about the flow as a whole where there is none.

    ``tool`` is the name of the tool that they are about, where that is another than the step's own.
    """

    plan: Plan
    report: Report
    step: StepPlan | None = None
    tool: str | None = None

    def label(self, pointer: Pointer, message: str = "") -> Label:
        return self.plan.label(pointer, message)

    def corrected(self, at: Pointer, old: str, known: Iterable[str]) -> tuple[Edit, ...]:
        """The edit that puts the known word that surely was meant in a misspelt one's place."""
        return corrected(self.report, self.label(at), old, known)

    def add(
        self,
        definition: Definition,
        message: str,
        primary: Label,
        *,
        field: str | None = None,
        related: tuple[Label, ...] = (),
        help: tuple[str, ...] = (),
        general: tuple[str, ...] = (),
        fix: tuple[Edit, ...] = (),
        severity: Severity | None = None,
    ) -> None:
        if self.step is not None and self.step.never_runs and (severity or definition.severity) == "error":
            severity, message = "warning", f"{message}; but the step never runs"
        self.report.add(
            Diagnostic(
                definition=definition,
                message=message,
                primary=primary,
                related=related,
                help=help,
                general=general,
                fix=fix,
                flow=self.plan.name,
                step_index=self.step.position if self.step else None,
                tool=self.tool or (self.step.tool.name if self.step else None),
                field=field,
                severity=severity,
            )
        )
