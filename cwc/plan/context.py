"""The abstract context: which keys are present at a point of a flow, surely or perhaps, and who wrote them.

A run's context is a dict that grows; here each key is a `Value` that is written once. What the caller passed is base 0;
a level with outputs that can hold keys that the build does not know folds everything into a new base.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cwc.diagnostics.model import Label, Pointer
from cwc.plan.conditions import ALWAYS, Condition
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
class Known:
    """A key's latest value, the scenarios in which the key surely is there, and those in which it can be."""

    value: Value
    sure: int
    possible: int


@dataclass(frozen=True, slots=True)
class AbstractContext:
    """What is known at one point. Each transfer function returns the context after it.

    ``here`` says in which scenarios that point is reached, ``scenarios`` are all there are. ``base`` is the number of
    the base that unknown keys are read from; ``unknown_keys`` says how such a key can be there: not at all, as a key of
    the caller's that the flow does not declare, or as an output of an open step. ``hidden`` are the keys
    that may be there although nothing is known of them: any (None) after a step that cannot be read; those that some
    step writes where the order of the steps makes no sense.
    """

    known: Mapping[str, Known]
    versions: Mapping[str, int]
    written: tuple[str, ...] = ()
    base: int = 0
    unknown_keys: Collision = "undeclared"
    hidden: frozenset[str] | None = frozenset()
    here: Condition = ALWAYS
    scenarios: int = 1

    @classmethod
    def at_entry(
        cls, declared: Mapping[str, tuple[Presence, Label]], *, extras: bool, scenarios: int = 1
    ) -> AbstractContext:
        """The context before the first step. ``extras``: the caller may pass keys that are not declared."""
        known = {
            key: Known(Value(key, 1, presence, InBase(0), label), scenarios if presence == "sure" else 0, scenarios)
            for key, (presence, label) in declared.items()
        }
        unknown: Collision = "undeclared" if extras else "never"
        here = Condition(scenarios, scenarios)
        return cls(known, dict.fromkeys(known, 1), unknown_keys=unknown, here=here, scenarios=scenarios)

    @property
    def values(self) -> dict[str, Value]:
        """The keys that can be there, and what is known of each."""
        found = {key: self.get(key) for key in self.known}
        return {key: value for key, value in found.items() if value is not None}

    @property
    def is_conditional(self) -> bool:
        """Whether there are runs that pass this point by."""
        return self.here.must != self.scenarios

    def get(self, key: str) -> Value | None:
        """What is known of a key here, or None where nothing declares or writes it before."""
        known = self.known.get(key)
        if known is None or not known.possible & self.here.may:
            return None
        return _seen(known.value, "maybe" if self.here.may & ~known.sure else "sure")

    def snapshot(self) -> Snapshot:
        values = self.values
        return Snapshot(self.base, tuple(values[key] for key in self.written if key in values))

    def at(self, here: Condition) -> AbstractContext:
        """The same context, seen from a point that is reached under another condition."""
        # Most flows have no branches, and making a context anew takes as long as all else that is done for a step.
        return self if here == self.here else replace(self, here=here)

    def assume_input(self, key: str, label: Label) -> AbstractContext:
        """Take a key that nothing writes for an input that every caller passes."""
        if key in self.known:
            return self
        value = Value(key, self.versions.get(key, 0) + 1, "sure", InBase(self.base), label)
        return self._with(Known(value, self.scenarios, self.scenarios))

    def after_reading(self, value: Value) -> AbstractContext:
        """A key that was read is there from then on: had it been missing, the run would have ended."""
        known = self.known.get(value.key)
        if known is None:
            return self._with(Known(value, self.here.must, self.scenarios))
        if known.value.version != value.version:
            return self
        sure, possible = known.sure | self.here.must, known.possible | self.here.may
        if sure == known.sure and possible == known.possible:
            return self
        return self._with(Known(known.value, sure, possible))

    def after_step(
        self, step: int, given: Sequence[Given], path: str, met: AbstractContext | None = None
    ) -> tuple[AbstractContext, tuple[Write, ...]]:
        """A step that writes the keys it declares. ``met`` is the context that its writes meet, where it is another."""
        met = met or self
        writes = tuple(self._write(step, entry, path, met) for entry in given)
        known, versions, written = dict(self.known), dict(self.versions), dict.fromkeys(self.written)
        for write, entry in zip(writes, given, strict=True):
            before = known.get(write.key)
            sure = (before.sure if before else 0) | (0 if entry.optional else self.here.must)
            known[write.key] = Known(write.value, sure, (before.possible if before else 0) | self.here.may)
            versions[write.key] = write.value.version
            written[write.key] = None
        return replace(self, known=known, versions=versions, written=tuple(written)), writes

    def folded(self, unknown_keys: Collision, *, others: bool) -> AbstractContext:
        """Everything known is folded into a new base, in which other keys can be as ``unknown_keys`` says.

        ``others``: what is folded in may have written any key, known ones included.
        """
        base = self.base + 1
        known = {
            key: replace(entry, value=self._in_base(entry, base, self.versions[key] + 1, others))
            for key, entry in self.known.items()
        }
        versions = {**self.versions, **{key: entry.value.version for key, entry in known.items()}}
        return replace(self, known=known, versions=versions, written=(), base=base, unknown_keys=unknown_keys)

    def after_hole(self) -> AbstractContext:
        """A step of which nothing is known."""
        return self.hiding(None)

    def hiding(self, keys: frozenset[str] | None) -> AbstractContext:
        """The same context, in which these keys may be there too; None: any."""
        if self.hidden is None or (keys is not None and keys <= self.hidden):
            return self
        return replace(self, hidden=None if keys is None else self.hidden | keys)

    @property
    def blind(self) -> bool:
        """Whether nothing can be said of any missing key."""
        return self.hidden is None

    def hides(self, *keys: str) -> bool:
        """Whether one of the keys may be there although nothing is known of it."""
        return self.hidden is None or not self.hidden.isdisjoint(keys)

    def unknown(self, key: str) -> Value | None:
        """A key that nothing is known to give here, as it may be there all the same; None where it cannot.

        Where a step that does not run together with this point writes it, its value tells what stands behind that.
        """
        if self.unknown_keys == "never":
            return None
        return _seen(self.known[key].value, "maybe") if key in self.known else self._of_base(key)

    def _of_base(self, key: str) -> Value | None:
        """A key as it may stand in the base context, below all that steps write."""
        if self.unknown_keys == "never":
            return None
        return Value(key, self.versions.get(key, 0) + 1, "maybe", InBase(self.base))

    def reserving(self, value: Value) -> AbstractContext:
        """The same context, in which no later value gets the version of one that was made for a predicate."""
        return replace(self, versions={**self.versions, value.key: max(value.version, self.versions.get(value.key, 0))})

    def _with(self, known: Known) -> AbstractContext:
        value = known.value
        versions = {**self.versions, value.key: max(value.version, self.versions.get(value.key, 0))}
        return replace(self, known={**self.known, value.key: known}, versions=versions)

    def _in_base(self, known: Known, base: int, version: int, others: bool) -> Value:
        presence: Presence = "sure" if known.sure == self.scenarios else "maybe"
        origin = InBase(base, None if others else known.value)
        return Value(known.value.key, version, presence, origin, known.value.writer)

    def _write(self, step: int, entry: Given, path: str, met: AbstractContext) -> Write:
        optional = entry.optional or self.is_conditional
        own = self.known.get(entry.key)
        behind = own.value if own else self._of_base(entry.key)
        previous = behind if optional else None
        sure = (own.sure if own else 0) | (0 if entry.optional else self.here.must)
        value = Value(
            entry.key,
            max(previous.version if previous else 0, self.versions.get(entry.key, 0)) + 1,
            "sure" if sure == self.scenarios else "maybe",
            FromStep(step, entry.output_key, previous),
            Label(path, entry.pointer),
        )
        prior = met.at(self.here).get(entry.key)
        if prior is None:
            collision, prior = met.unknown_keys, met._of_base(entry.key)
        else:
            collision = "always" if prior.presence == "sure" and not optional else "maybe"
        return Write(entry.key, entry.output_key, value, collision, prior, optional, entry.checked, entry.pointer)


def _seen(value: Value, presence: Presence) -> Value:
    return value if value.presence == presence else replace(value, presence=presence)
