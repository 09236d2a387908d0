"""The abstract context: which keys are present at a point of a flow, surely or perhaps, and who wrote them.

A run's context is a dict that grows; here each key is a `Value` that is written once. What the caller passed is base 0;
a step whose outputs can hold keys that the build does not know folds everything into a new base.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cwc.diagnostics.model import Label, Pointer
from cwc.plan.values import Collision, FromStep, InBase, Presence, Snapshot, Value, Write


@dataclass(frozen=True, slots=True)
class Given:
    """One key that a step gives to the context; ``optional`` and ``checked`` as in `Write`."""

    key: str
    output_key: str
    optional: bool
    checked: bool
    pointer: Pointer


@dataclass(frozen=True, slots=True)
class AbstractContext:
    """What is known at one point. Each transfer function returns the context after it.

    ``base`` is the number of the base that unknown keys are read from; ``unknown_keys`` says how such a key can be
    there: not at all, as a key of the caller's that the flow does not declare, or as an output of an open step.
    ``blind`` says that an unreadable step came before, so that nothing can be said of a missing key.
    """

    values: Mapping[str, Value]
    versions: Mapping[str, int]
    written: tuple[str, ...] = ()
    base: int = 0
    unknown_keys: Collision = "undeclared"
    blind: bool = False

    @classmethod
    def at_entry(cls, declared: Mapping[str, tuple[Presence, Label]], *, extras: bool) -> AbstractContext:
        """The context before the first step. ``extras``: the caller may pass keys that are not declared."""
        values = {key: Value(key, 1, presence, InBase(0), label) for key, (presence, label) in declared.items()}
        return cls(values, dict.fromkeys(values, 1), unknown_keys="undeclared" if extras else "never")

    def get(self, key: str) -> Value | None:
        """What is known of a key, or None where nothing declares or writes it."""
        return self.values.get(key)

    def snapshot(self) -> Snapshot:
        return Snapshot(self.base, tuple(self.values[key] for key in self.written))

    def assume_input(self, key: str, label: Label) -> AbstractContext:
        """Take a key that nothing writes for an input that every caller passes."""
        return self.after_reading(Value(key, self.versions.get(key, 0) + 1, "sure", InBase(self.base), label))

    def after_reading(self, value: Value) -> AbstractContext:
        """A key that was read is there from then on: had it been missing, the run would have ended."""
        if value.presence == "sure" and value.key in self.values:
            return self
        seen = replace(value, presence="sure")
        versions = {**self.versions, value.key: value.version}
        return replace(self, values={**self.values, value.key: seen}, versions=versions)

    def after_step(self, step: int, given: Iterable[Given], path: str) -> tuple[AbstractContext, tuple[Write, ...]]:
        """A step that writes exactly the keys it declares."""
        writes = tuple(self._write(step, entry, path) for entry in given)
        values, versions, written = dict(self.values), dict(self.versions), dict.fromkeys(self.written)
        for write in writes:
            values[write.key] = write.value
            versions[write.key] = write.value.version
            written[write.key] = None
        after = replace(self, values=values, versions=versions, written=tuple(written))
        return after, writes

    def after_open_step(
        self, step: int, given: Iterable[Given], path: str
    ) -> tuple[AbstractContext, tuple[Write, ...]]:
        """A step that may write any key: everything known is folded into a new base."""
        after, writes = self.after_step(step, given, path)
        base = self.base + 1
        values = {
            key: Value(key, after.versions[key] + 1, value.presence, InBase(base), value.writer)
            for key, value in after.values.items()
        }
        versions = {**after.versions, **{key: value.version for key, value in values.items()}}
        return AbstractContext(values, versions, (), base, "maybe", self.blind), writes

    def after_hole(self) -> AbstractContext:
        """A step of which nothing is known."""
        return replace(self, blind=True)

    def unknown(self, key: str) -> Value | None:
        """A key that nothing declares, as it may stand in the base context; None where it cannot."""
        if self.unknown_keys == "never":
            return None
        return Value(key, self.versions.get(key, 0) + 1, "maybe", InBase(self.base))

    def _write(self, step: int, entry: Given, path: str) -> Write:
        known = self.values.get(entry.key)
        prior = known or self.unknown(entry.key)
        previous = prior if entry.optional else None
        sure = not entry.optional or (known is not None and known.presence == "sure")
        value = Value(
            entry.key,
            (prior.version if previous and prior else self.versions.get(entry.key, 0)) + 1,
            "sure" if sure else "maybe",
            FromStep(step, entry.output_key, previous),
            Label(path, entry.pointer),
        )
        collision = self._collision(known, entry.optional)
        return Write(entry.key, entry.output_key, value, collision, prior, entry.optional, entry.checked, entry.pointer)

    def _collision(self, known: Value | None, optional: bool) -> Collision:
        if known is None:
            return self.unknown_keys
        return "always" if known.presence == "sure" and not optional else "maybe"
