"""Values of a plan as expressions over the locals of a generated body."""

from __future__ import annotations

from cwc.emit.code import Code, compose, joined, literal
from cwc.emit.names import Names
from cwc.plan.model import Argument, Constant, Plan, Read, StepPlan
from cwc.plan.values import FromStep, InBase, Snapshot, Value, Write

INITIAL = Code("initial")


def base_name(base: int) -> Code:
    """The local that holds a base context: the caller's, or the one that ended the n-th open step."""
    return INITIAL if base == 0 else Code(f"context_{base}")


def out_name(step: int) -> Code:
    return Code(f"out_{step}")


class Locals:
    """The locals of a body: one per value that is read by name."""

    def __init__(self, plan: Plan, names: Names) -> None:
        self._names = names
        self._by_value: dict[tuple[str, int], Code] = {}
        self._used = {(value.key, value.version) for value in _values_in_use(plan)}
        self._read_in_level = {(value.key, value.version) for value in _values_in_level(plan)}

    def is_used(self, value: Value) -> bool:
        return (value.key, value.version) in self._used

    def is_read_in_level(self, value: Value) -> bool:
        """Whether a predicate reads a value, which it does before the level that writes it is merged."""
        return (value.key, value.version) in self._read_in_level

    def name(self, value: Value) -> Code:
        known = self._by_value.get((value.key, value.version))
        if known is None:
            wanted = value.key if value.version == 1 else f"{value.key[:36]}_{value.version}"
            known = self._by_value[value.key, value.version] = self._names.allocate(wanted)
        return known

    def definition(self, value: Value) -> Code:
        """What the local of a value is set to."""
        match value.origin:
            case InBase(base):
                return in_base(base, value)
            case FromStep(step, output_key, previous):
                return self._output(step, output_key, previous, maybe=value.presence == "maybe")

    def _output(self, step: int, output_key: str, previous: Value | None, *, maybe: bool) -> Code:
        out, key = out_name(step), literal(output_key)
        if previous is not None:
            return compose("{}.get({}, {})", out, key, self.current(previous))
        return compose("{}.get({}, ABSENT)" if maybe else "{}[{}]", out, key)

    def current(self, value: Value) -> Code:
        """An expression for a value wherever it stands; ABSENT where the key may be missing and is."""
        if isinstance(value.origin, InBase):
            return in_base(value.origin.base, value)
        return self.name(value)

    def snapshot(self, snapshot: Snapshot) -> Code:
        """The whole context as a new dict."""
        entries = [compose("**{}", base_name(snapshot.base))]
        entries += [compose("{}: {}", literal(value.key), self.name(value)) for value in snapshot.values]
        whole = compose("{{{}}}", joined(", ", entries))
        if any(value.presence == "maybe" for value in snapshot.values):
            return compose("without_absent({})", whole)
        return whole

    def argument(self, argument: Argument) -> Code:
        match argument.source:
            case Constant(value):
                return literal(value)
            case Read(Value() as value, ()):
                return self.name(value)
            case Read(Value() as value, tokens):
                return compose("at_pointer({}, {}, {})", literal(value.key), self.name(value), literal(tokens))
            case _:
                raise ValueError(f"the input {argument.target!r} is a hole")

    def meets(self, write: Write) -> Code:
        """A test whether a write that may collide does."""
        tests: list[Code] = []
        prior = write.prior
        if prior is not None and prior.presence == "maybe":
            if isinstance(prior.origin, InBase):
                tests.append(compose("{} in {}", literal(write.key), base_name(prior.origin.base)))
            else:
                tests.append(compose("{} is not ABSENT", self.name(prior)))
        return joined(" and ", [*tests, *self._is_written(write)])

    def meets_undeclared(self, write: Write, tests: list[Code]) -> Code:
        """A test whether a write meets a key that the caller passed unasked; it begins with ``tests``."""
        assert write.prior is not None
        assert isinstance(write.prior.origin, InBase)
        met = compose("{} in {}", literal(write.key), base_name(write.prior.origin.base))
        return joined(" and ", [*tests, met, *self._is_written(write)])

    def _is_written(self, write: Write) -> list[Code]:
        if not write.optional:
            return []
        return [compose("{} in {}", literal(write.output_key), out_name(self.step_of(write)))]

    def known(self, value: Value) -> Code:
        """An expression for the value of a key that a predicate reads; it raises where the key is missing."""
        if value.presence == "sure":
            return self.current(value)
        maybe = self.current(value)
        return compose("key_of({}, {})", maybe, literal(value.key))

    @staticmethod
    def step_of(write: Write) -> int:
        assert isinstance(write.value.origin, FromStep)
        return write.value.origin.step


def in_base(base: int, value: Value) -> Code:
    template = "{}[{}]" if value.presence == "sure" else "{}.get({}, ABSENT)"
    return compose(template, base_name(base), literal(value.key))


def reads(step: StepPlan) -> list[Value]:
    """The context values that a step's inputs are taken from, in order, each once."""
    found: dict[tuple[str, int], Value] = {}
    for argument in step.arguments or ():
        if isinstance(argument.source, Read) and isinstance(argument.source.value, Value):
            value = argument.source.value
            found.setdefault((value.key, value.version), value)
    return list(found.values())


def _values_in_use(plan: Plan) -> list[Value]:
    used = [*plan.final.values, *_values_in_level(plan)]
    for level in plan.levels:
        if level.folded is not None:
            used += level.folded.values
    for step in plan.steps:
        used += reads(step)
        if step.arguments is None:
            used += step.at_call.snapshot().values
        if step.candidates:
            used += step.before.snapshot().values
        used += [write.prior for write in step.writes if write.collision == "maybe" and write.prior is not None]
    return [value for start in used for value in _with_previous(start)]


def _values_in_level(plan: Plan) -> list[Value]:
    """The values that predicates read, and those behind them."""
    choices = [step.choice for step in plan.steps if step.choice is not None]
    found = [read for choice in choices for read in choice.reads.values() if isinstance(read, Value)]
    return [value for start in found for value in _with_previous(start)]


def _with_previous(value: Value) -> list[Value]:
    chain = [value]
    while isinstance(value.origin, FromStep) and value.origin.previous is not None:
        value = value.origin.previous
        chain.append(value)
    return chain
