"""The lines that merge a step's outputs into the context: collisions under the flow's policy, then new values."""

from __future__ import annotations

from cwc.emit.code import Code, compose, joined, literal
from cwc.emit.expressions import Locals, base_name, out_name
from cwc.plan.model import Plan, Policy, StepPlan
from cwc.plan.values import Collision, Write

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


def merge_lines(plan: Plan, step: StepPlan, variables: Locals) -> list[Code]:
    if step.folded is not None:
        whole = variables.snapshot(step.folded)
        name = base_name(step.folded.base + 1)
        who = compose("{}, {}", literal(step.index), literal(step.label_name))
        return [compose("{} = {}({}, {}, {})", name, _MERGE[plan.policy], who, whole, out_name(step.index))]
    lines = [_checked_output(step, write) for write in step.writes if write.checked]
    lines += _collision_lines(plan.policy, step, variables)
    lines += [
        compose("{} = {}", variables.name(write.value), variables.definition(write.value))
        for write in step.writes
        if variables.is_used(write.value)
    ]
    return lines


def undeclared_keys(plan: Plan) -> tuple[str, ...]:
    """The keys that the flow writes and that a caller may have passed without being asked to, sorted."""
    steps = [step for step in plan.steps if step.folded is None]
    return tuple(sorted({write.key for step in steps for write in step.writes if write.collision == "undeclared"}))


def logs_debug(plan: Plan) -> bool:
    """Whether the body asks once if overwriting is logged."""
    steps = [step for step in plan.steps if step.folded is None]
    return plan.policy == "overwrite" and any(write.collision != "never" for step in steps for write in step.writes)


def _checked_output(step: StepPlan, write: Write) -> Code:
    return compose("output({}, {})", out_name(step.index), literal(write.output_key))


def _collision_lines(policy: Policy, step: StepPlan, variables: Locals) -> list[Code]:
    colliding = [write for write in step.writes if write.collision != "never"]
    kinds = {write.collision for write in colliding}
    if not kinds:
        return []
    if kinds == {"always"} and policy == "warn":
        return [_warning(step, write) for write in colliding]
    guard = _guard(policy, kinds, colliding, variables)
    guarded = kinds == {"maybe"} and len(colliding) == 1 and policy != "overwrite"
    known = guard == _UNDECLARED
    tests = [literal(True) if guarded else _test(write, variables, known=known) for write in colliding]
    call = compose(
        "{}({}, {}, {{{}}})",
        _COLLIDE[policy],
        literal(step.index),
        literal(step.label_name),
        joined(
            ", ", [compose("{}: {}", literal(write.key), test) for write, test in zip(colliding, tests, strict=True)]
        ),
    )
    if policy == "warn" and kinds == {"always", "undeclared"}:
        sure = [_warning(step, write) for write in colliding if write.collision == "always"]
        return [compose("if {}:", guard), _indented(call), Code("else:"), *map(_indented, sure)]
    return [compose("if {}:", guard), _indented(call)] if guard else [call]


def _guard(policy: Policy, kinds: set[Collision], colliding: list[Write], variables: Locals) -> Code:
    """The test before a call that looks at each key: nothing where the call is needed anyway."""
    if policy == "overwrite":
        return Code("debug and undeclared") if kinds == {"undeclared"} else Code("debug")
    if "maybe" not in kinds:
        return _UNDECLARED
    if len(colliding) == 1:
        return variables.meets(colliding[0])
    return Code("")


def _test(write: Write, variables: Locals, *, known: bool) -> Code:
    """Whether a write collides; ``known`` says that the caller is known to have passed undeclared keys."""
    match write.collision:
        case "always":
            return literal(True)
        case "maybe":
            return variables.meets(write)
        case _:
            met = [compose("{} in initial", literal(write.key))]
            if not known:
                met.insert(0, _UNDECLARED)
            if write.optional:
                met.append(compose("{} in {}", literal(write.output_key), out_name(variables.step_of(write))))
            return joined(" and ", met)


def _warning(step: StepPlan, write: Write) -> Code:
    message = f"Step {step.index} ({step.label_name}): context key '{write.key}' overwritten"
    return compose("warn_overwritten({})", literal(message))


def _indented(line: Code) -> Code:
    return compose("    {}", line)
