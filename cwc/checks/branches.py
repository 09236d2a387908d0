"""Can every step of a flow with branches be reached, and does every branch depend on something?"""

from __future__ import annotations

from collections.abc import Mapping

from cwc.checks.finding import StepFinding
from cwc.diagnostics.model import Pointer, Report, define
from cwc.plan.flow_types import Piece, pieces_of
from cwc.plan.model import Branch, Choice, Plan, StepPlan
from cwc.plan.types import model as types_model
from cwc.plan.types.model import UNKNOWN, Type, union_of
from cwc.plan.types.predicates import Outcomes, told_by
from cwc.plan.types.predicates import outcomes as outcomes_of
from cwc.plan.types.words import describe
from cwc.plan.values import Value

UNREACHABLE = define("CWC314", "unreachable_step", "warning", "A step runs in no case")
NEVER = define("CWC315", "branch_never_taken", "warning", "A branch is taken in no case")
ALWAYS = define("CWC316", "branch_always_taken", "note", "A branch is taken whenever it is come to")
TYPE_ERROR = define("CWC317", "predicate_type_error", "error", "A predicate compares what does not compare")


def check_branches(plan: Plan, report: Report) -> None:
    for step in plan.steps:
        finding = StepFinding(plan, report, step)
        if not step.condition.may and plan.sound:
            finding.add(
                UNREACHABLE,
                f"{step.title} never runs: whatever the branches before it choose, they pass it by",
                finding.label(step.pointer),
                help=("let a branch lead to it, or take away what it depends on",),
            )
        if step.choice is not None:
            _check_choice(step, step.choice, finding)


def _check_choice(step: StepPlan, choice: Choice, finding: StepFinding) -> None:
    """Branches are looked at in their order, so each is told of by what stands before it."""
    settled: Pointer | None = None
    seen: dict[str, Pointer] = {}
    for branch in sorted((*choice.branches, *choice.lost), key=lambda branch: branch.number):
        predicate = branch.predicate
        types = _types(finding.plan, branch, choice)
        outcomes = told_by(predicate.outcome) or outcomes_of(predicate.tree, types)
        if "fails" in outcomes and settled is None:
            _report_failing(branch, types, outcomes, finding, is_first=branch.number == 0)
        if settled is not None:
            _report_never(branch.pointer, "the branch before it is always taken", settled, finding)
        elif outcomes == {"false"}:
            _report_never(branch.pointer, _why(predicate.outcome, types, "false"), None, finding)
        elif predicate.text in seen:
            _report_never(branch.pointer, "a branch before it has the same predicate", seen[predicate.text], finding)
        elif outcomes == {"true"}:
            settled = branch.pointer
            message = (
                f"{step.title} always takes this branch when it comes to it: {_why(predicate.outcome, types, 'true')}"
            )
            help = () if choice.default is not None else ("name its target in default_next instead",)
            finding.add(ALWAYS, message, finding.label(branch.pointer), help=help)
        seen.setdefault(predicate.text, branch.pointer)
    default = step.pointer / "default_next"
    if settled is not None and choice.default is not None:
        _report_never(default, "a branch before it is always taken", settled, finding)


def _why(outcome: bool | None, types: Mapping[str, Type], word: str) -> str:
    """Why a predicate always comes to the same: by itself, or by the types of what it reads."""
    return f"its predicate is always {word}" + ("" if outcome is not None else f", for {_shown(types)}")


def _shown(types: Mapping[str, Type]) -> str:
    return " and ".join(f"{name!r} is `{describe(type_)}`" for name, type_ in types.items())


def _types(plan: Plan, branch: Branch, choice: Choice) -> dict[str, Type]:
    """The types of the keys that a predicate reads. What a caller passes is not converted, so that it can be of another
    class than the input schema says: of that, only texts that are among some known ones are known."""
    reads = {name: choice.reads.get(name) for name in branch.predicate.names}
    return {
        name: union_of([_compared(piece) for piece in pieces_of(plan, value)]) if isinstance(value, Value) else UNKNOWN
        for name, value in reads.items()
    }


def _compared(piece: Piece) -> Type:
    is_text = isinstance(piece.type, types_model.Choice) and all(type(value) is str for value in piece.type.values)
    return piece.type if not piece.passed or is_text else UNKNOWN


def _report_failing(
    branch: Branch, types: Mapping[str, Type], outcomes: Outcomes, finding: StepFinding, *, is_first: bool
) -> None:
    """An error where each run that comes here fails, and else a warning."""
    always = outcomes == {"fails"}
    verb = "always" if always else "can"
    finding.add(
        TYPE_ERROR,
        f"this predicate {verb} fail{'s' * always}, for {_shown(types)}; the step then fails with "
        "PredicateEvaluationError",
        finding.label(branch.pointer),
        severity="error" if always and is_first else "warning",
    )


def _report_never(at: Pointer, why: str, because: Pointer | None, finding: StepFinding) -> None:
    related = () if because is None else (finding.label(because, "this one"),)
    message = f"this branch is never taken: {why}"
    finding.add(NEVER, message, finding.label(at), related=related, help=("take it away, or correct the predicate",))
