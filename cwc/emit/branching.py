"""Branches in the body: whether a step runs, and what it chooses once it has run."""

from __future__ import annotations

from collections.abc import Mapping

from cwc.emit.code import Code, compose, joined, literal
from cwc.emit.expressions import Locals
from cwc.emit.lines import Line
from cwc.emit.predicates import predicate_code
from cwc.plan.model import Choice, StepPlan
from cwc.plan.values import Value


def live_name(step: int) -> Code:
    return Code(f"live_{step}")


def choice_name(step: int) -> Code:
    return Code(f"choice_{step}")


def live_line(step: StepPlan, choosing: frozenset[int]) -> Line:
    """Decides whether a step runs. ``choosing`` are the steps that choose."""
    assert step.liveness is not None
    tests = [
        compose("{} in {}", choice_name(chooser), literal((None, step.index)))
        for chooser in step.liveness.choosers
        if chooser in choosing
    ]
    needed = [live_name(index) for index in step.liveness.needs_one_of]
    if len(needed) == 1:
        tests.append(needed[0])
    elif needed:
        tests.append(compose("({})" if tests else "{}", joined(" or ", needed)))
    return Line(compose("{} = {}", live_name(step.index), joined(" and ", tests)))


def choice_lines(step: StepPlan, variables: Locals) -> list[Line]:
    """What a step chooses: the index of a step, or None."""
    choice = step.choice
    if choice is None:
        return []
    name = choice_name(step.index)
    lines, depth = [Line(compose("{} = None", name))], 0
    if step.liveness is not None:
        lines.append(Line(compose("if {}:", live_name(step.index))))
        depth = 1
    return [*lines, *(line.deeper(depth) for line in _decision(step.index, choice, name, variables))]


def _decision(index: int, choice: Choice, name: Code, variables: Locals) -> list[Line]:
    lines: list[Line] = []
    names: Mapping[str, Code] = {
        key: variables.known(value) if isinstance(value, Value) else compose("key_of(ABSENT, {})", literal(key))
        for key, value in choice.reads.items()
    }
    for number, branch in enumerate(choice.branches):
        test = predicate_code(branch.predicate, names)
        head = compose("if {}:" if number == 0 else "elif {}:", test)
        lines.append(Line(head, index, f"branch_{number}"))
        lines.append(Line(compose("    {} = {}", name, literal(branch.target))))
    if choice.default is not None:
        lines.append(Line(Code("else:")))
        lines.append(Line(compose("    {} = {}", name, literal(choice.default))))
    return lines
