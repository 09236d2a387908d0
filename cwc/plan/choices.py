"""Lowering a step's branches: predicates are parsed, and their names become values of the context."""

from __future__ import annotations

from collections.abc import Sequence

from cwc.diagnostics.model import Definition, Diagnostic, Label, Pointer, Report, Severity, define
from cwc.language.document import DAGStep, Document
from cwc.plan.context import AbstractContext
from cwc.plan.model import Branch, Choice, Hole, StepPlan
from cwc.plan.order import Placed
from cwc.plan.predicates import BadPredicate, Predicate, parse_predicate
from cwc.plan.values import FromStep, Value

INVALID_PREDICATE = define("CWC310", "invalid_predicate", "error", "A predicate can never be evaluated")
UNUSABLE_PART = define("CWC311", "unusable_predicate_part", "warning", "A part of a predicate can never be evaluated")
UNKNOWN_NAME = define(
    "CWC312", "unknown_predicate_name", "error", "A predicate reads a context key that is never there"
)
MAYBE_NAME = define("CWC313", "maybe_missing_predicate_name", "note", "A predicate reads a key that may be missing")


class ChoiceLowering:
    """Lowers the choice of one step. ``holes`` tells whether something in it makes no sense; it has been reported."""

    def __init__(self, document: Document, report: Report, place: Placed, *, open_input: bool) -> None:
        self.document, self.report, self.place, self.open_input = document, report, place, open_input
        self.holes = False

    def choice(self, context: AbstractContext, opened: Sequence[StepPlan]) -> tuple[Choice | None, AbstractContext]:
        """The step's choice, and the context after it. ``context`` is what the step sees once its outputs, and those of
        the steps before it in its level, are there; ``opened`` are those of these steps that may write any key."""
        step = self.place.step
        if not isinstance(step, DAGStep) or not step.branches:
            return None, context
        place, branches, lost = self.place, list[Branch](), list[Branch]()
        reads: dict[str, Value | Hole] = {}
        own: list[Value] = []
        *targets, default = place.targets
        for number, (branch, target) in enumerate(zip(step.branches, targets, strict=True)):
            pointer = Pointer(("steps", place.position, "branches", number, "predicate"))
            predicate = parse_predicate(branch.predicate)
            if isinstance(predicate, BadPredicate):
                self.holes = True
                self._add(INVALID_PREDICATE, predicate.message, pointer, *predicate.help)
                continue
            for message in dict.fromkeys(predicate.unusable.values()):
                self._add(UNUSABLE_PART, f"{message}; the step fails where it is reached", pointer)
            for name in predicate.names:
                if name not in reads:
                    reads[name] = self._read(name, predicate, pointer, context, opened, own, is_first=number == 0)
                value = reads[name]
                if isinstance(value, Value) and number == 0 and name in predicate.surely_read:
                    context = context.after_reading(value)
            if target is None:
                self.holes = True
                lost.append(Branch(predicate, place.index, pointer, number))
            else:
                branches.append(Branch(predicate, target, pointer, number))
        for value in own:
            context = context.reserving(value)
        return Choice(tuple(branches), default, reads, tuple(own), tuple(lost)), context

    def _read(
        self,
        name: str,
        predicate: Predicate,
        pointer: Pointer,
        context: AbstractContext,
        opened: Sequence[StepPlan],
        own: list[Value],
        *,
        is_first: bool,
    ) -> Value | Hole:
        value = context.get(name)
        if value is None and (self.open_input or context.base > 0):
            value = context.unknown(name)
        for step in opened:
            if all(write.key != name for write in step.writes):
                version = value.version + 1 if value else context.versions.get(name, 0) + 1
                value = Value(name, version, "maybe", FromStep(step.index, name, value))
                own.append(value)
        if value is None:
            self._missing(name, predicate, pointer, context, is_first=is_first)
            return Hole(name)
        if value.presence == "maybe":
            self._add(MAYBE_NAME, f"key {name!r} may be missing here; the step then fails", pointer, field=name)
        return value

    def _missing(
        self, name: str, predicate: Predicate, pointer: Pointer, context: AbstractContext, *, is_first: bool
    ) -> None:
        """An error where each run that comes here reads the name, and else a warning: the part may not be reached."""
        if context.hides(name):
            self.holes = True
            return
        certain = is_first and name in predicate.surely_read and self.place.condition.may != 0
        self.holes |= certain
        self._add(
            UNKNOWN_NAME,
            f"key {name!r} is never there",
            pointer,
            field=name,
            severity="error" if certain else "warning",
        )

    def _add(
        self,
        definition: Definition,
        message: str,
        pointer: Pointer,
        *help: str,
        field: str | None = None,
        severity: Severity | None = None,
    ) -> None:
        label: Label = self.document.label(pointer)
        self.report.add(
            Diagnostic(
                definition=definition,
                message=message,
                primary=label,
                help=help,
                flow=self.document.flow.name,
                step_index=self.place.position,
                field=field,
                severity=severity,
            )
        )
