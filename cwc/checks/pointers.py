"""Can a JSON pointer into a context value be followed? Decided by the declared type of the value."""

from __future__ import annotations

from cwc.checks.finding import StepFinding
from cwc.diagnostics.model import Report, define
from cwc.plan.flow_types import type_of
from cwc.plan.model import Plan, Read
from cwc.plan.values import InBase, Value

DEAD_POINTER = define("CWC415", "dead_pointer", "error", "A pointer leads into a value that has no such place")
OPEN_POINTER = define("CWC416", "maybe_missing_pointer", "note", "A pointer may lead nowhere at run time")

_PASSED = "read as it was passed, which may be an object, or have no such place"


def check_pointers(plan: Plan, report: Report) -> None:
    for step in plan.steps:
        finding = StepFinding(plan, report, step)
        for argument in step.arguments or ():
            match argument.source:
                case Read(Value() as value, tokens) if tokens:
                    _, reach = type_of(plan, value, tokens)
                    if reach == "never":
                        finding.add(
                            DEAD_POINTER,
                            f"the value of {value.key!r} has no place {'/' + '/'.join(tokens)!r}",
                            finding.label(argument.pointer, "the step then fails with InputMappingError"),
                            field=argument.target,
                        )
                    elif reach == "maybe":
                        finding.add(
                            OPEN_POINTER,
                            f"the value of {value.key!r} may have no place {'/' + '/'.join(tokens)!r}; "
                            "the step then fails with InputMappingError",
                            finding.label(argument.pointer, _PASSED if value.origin == InBase(0) else ""),
                            field=argument.target,
                        )
                case _:
                    pass
