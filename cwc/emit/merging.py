"""What becomes of outputs: new values of context keys after a step, and collisions where a level is merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cwc.emit.code import Code, compose, joined, literal
from cwc.emit.expressions import Locals, base_name, out_name
from cwc.plan.model import Level, Overlap, Plan, Policy, StepPlan
from cwc.plan.values import Collision, Snapshot, Write

_COLLIDE: dict[Policy, Code] = {
    "overwrite": Code("debug_collisions"),
    "warn": Code("warn_collisions"),
    "error": Code("refuse_collisions"),
}
_MERGE: dict[Policy, Code] = {
    "overwrite": Code("merge_debug"),
    "warn": Code("merge_warn"),
    "error": Code("merge_error"),
}
_UNDECLARED = Code("undeclared")
_SEVERITY: tuple[Collision, ...] = ("never", "undeclared", "maybe", "always")


@dataclass(frozen=True, slots=True)
class _Clash:
    """A key that a level writes, and how its writes may meet it. At most one of them happens in a run."""

    key: str
    writes: tuple[Write, ...]

    @property
    def collision(self) -> Collision:
        return max((write.collision for write in self.writes), key=_SEVERITY.index)


def checked_lines(step: StepPlan) -> list[Code]:
    """Tests that the outputs of a step hold what its mapping names, where that is not sure."""
    return [
        compose("output({}, {})", out_name(step.index), literal(write.output_key))
        for write in step.writes
        if write.checked
    ]


def value_lines(step: StepPlan, variables: Locals, *, folded: bool) -> list[Code]:
    """The step's outputs as values of context keys, those that somebody reads by name."""
    values = [write.value for write in step.writes if not folded or variables.is_read_in_level(write.value)]
    values += step.choice.own if step.choice else ()
    return [
        compose("{} = {}", variables.name(value), variables.definition(value))
        for value in values
        if variables.is_used(value)
    ]


def overlap_lines(plan: Plan, step: StepPlan) -> list[Code]:
    """Tests that no step before it in its level has written what the step writes."""
    lines = []
    whole = [overlap for overlap in step.overlaps if overlap.key is None]
    for overlap in whole:
        lines.append(compose("apart({}, {})", _mapped(plan.step(overlap.earlier)), _mapped(step)))
    covered = {overlap.earlier for overlap in whole}
    by_key: dict[str, list[Overlap]] = {}
    for overlap in step.overlaps:
        if overlap.key is not None and overlap.earlier not in covered:
            by_key.setdefault(overlap.key, []).append(overlap)
    tests = [
        compose("{}: {}", literal(key), joined(" or ", [_both_write(plan, step, overlap) for overlap in overlaps]))
        for key, overlaps in by_key.items()
    ]
    return [*lines, compose("apart_in({{{}}})", joined(", ", tests))] if tests else lines


def merge_lines(plan: Plan, level: Level, variables: Locals) -> list[Code]:
    """The merge of a level into the context, under the flow's policy."""
    who = compose("{}, {}", literal(level.index), literal(level.name))
    if level.folded is not None:
        whole = variables.snapshot(level.folded)
        name = base_name(level.folded.base + 1)
        return [compose("{} = {}({}, {}, {})", name, _MERGE[plan.policy], who, whole, _union(level))]
    return list(_collision_lines(plan.policy, level, who, variables))


def final_lines(final: Snapshot, variables: Locals) -> list[Code]:
    """The context at the end, made by copying and writing keys, which takes half the time of a display of it."""
    if any(value.presence == "maybe" for value in final.values):
        return [compose("final = {}", variables.snapshot(final))]
    written = [compose("final[{}] = {}", literal(value.key), variables.name(value)) for value in final.values]
    return [compose("final = {}.copy()", base_name(final.base)), *written]


def undeclared_keys(plan: Plan) -> tuple[str, ...]:
    """The keys that the flow writes and that a caller may have passed without being asked to, sorted."""
    return tuple(sorted({write.key for write in _merged_by_key(plan) if write.collision == "undeclared"}))


def logs_debug(plan: Plan) -> bool:
    """Whether the body asks once if overwriting is logged."""
    return plan.policy == "overwrite" and any(write.collision != "never" for write in _merged_by_key(plan))


def _merged_by_key(plan: Plan) -> Iterator[Write]:
    for level in plan.levels:
        if level.folded is None:
            for step in level.steps:
                yield from step.writes


def _union(level: Level) -> Code:
    """All that the steps of a level write, as one mapping."""
    parts = [_mapped(step) for step in level.steps if step.writes or step.opens]
    if len(parts) == 1:
        return parts[0]
    return compose("union({})", joined(", ", parts))


def _mapped(step: StepPlan) -> Code:
    """What a step writes, as a mapping: its outputs, or those that it maps."""
    if step.output_mapping is None:
        return out_name(step.index)
    return compose("renamed({}, {})", out_name(step.index), literal(dict(step.output_mapping)))


def _both_write(plan: Plan, step: StepPlan, overlap: Overlap) -> Code:
    tests = []
    for each in (plan.step(overlap.earlier), step):
        (write,) = (write for write in each.writes if write.key == overlap.key)
        if write.optional:
            tests.append(compose("{} in {}", literal(write.output_key), out_name(each.index)))
    return joined(" and ", tests)


def _collision_lines(policy: Policy, level: Level, who: Code, variables: Locals) -> Iterator[Code]:
    clashes = _clashes(level)
    kinds = {clash.collision for clash in clashes}
    if not kinds:
        return
    if kinds == {"always"} and policy == "warn":
        yield from (_warning(level, clash) for clash in clashes)
        return
    guard = _guard(policy, kinds, clashes, variables)
    guarded = kinds == {"maybe"} and len(clashes) == 1 and policy != "overwrite"
    known = guard == _UNDECLARED
    tests = [literal(True) if guarded else _test(clash, variables, known=known) for clash in clashes]
    met = joined(", ", [compose("{}: {}", literal(c.key), test) for c, test in zip(clashes, tests, strict=True)])
    call = compose("{}({}, {{{}}})", _COLLIDE[policy], who, met)
    if not guard:
        yield call
        return
    yield compose("if {}:", guard)
    yield _indented(call)
    if policy == "warn" and kinds == {"always", "undeclared"}:
        yield Code("else:")
        yield from (_indented(_warning(level, clash)) for clash in clashes if clash.collision == "always")


def _clashes(level: Level) -> list[_Clash]:
    by_key: dict[str, list[Write]] = {}
    for step in level.steps:
        for write in step.writes:
            if write.collision != "never":
                by_key.setdefault(write.key, []).append(write)
    return [_Clash(key, tuple(writes)) for key, writes in by_key.items()]


def _guard(policy: Policy, kinds: set[Collision], clashes: list[_Clash], variables: Locals) -> Code:
    """The test before a call that looks at each key: nothing where the call is needed anyway."""
    if policy == "overwrite":
        return Code("debug and undeclared") if kinds == {"undeclared"} else Code("debug")
    if "maybe" not in kinds:
        return _UNDECLARED
    if len(clashes) == 1:
        return _test(clashes[0], variables, known=False)
    return Code("")


def _test(clash: _Clash, variables: Locals, *, known: bool) -> Code:
    """Whether a key is met; ``known`` says that the caller is known to have passed undeclared keys."""
    tests = [_write_test(write, variables, known=known) for write in clash.writes]
    return tests[0] if len(tests) == 1 else joined(" or ", tests)


def _write_test(write: Write, variables: Locals, *, known: bool) -> Code:
    match write.collision:
        case "always":
            return literal(True)
        case "maybe":
            return variables.meets(write)
        case _:
            return variables.meets_undeclared(write, [] if known else [_UNDECLARED])


def _warning(level: Level, clash: _Clash) -> Code:
    message = f"Step {level.index} ({level.name}): context key '{clash.key}' overwritten"
    return compose("warn_overwritten({})", literal(message))


def _indented(line: Code) -> Code:
    return compose("    {}", line)
