"""Context keys as values: each is written once, and knows who wrote it and whether it is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from cwc.diagnostics.model import Label, Pointer

Presence = Literal["sure", "maybe"]
Collision = Literal["never", "undeclared", "maybe", "always"]
"""Whether a write meets its key in the context.

``undeclared``: only if the caller passed a key that the flow does not declare, which one test at entry tells.
"""


@dataclass(frozen=True, slots=True)
class InBase:
    """The value stands under its key in a base context: number 0 is the caller's, later ones end open steps.

    ``was`` is the value that went into a later base, where no unknown key can have taken its place.
    """

    base: int
    was: Value | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class FromStep:
    """The value is an output of a step. ``previous`` is what the key holds where the step did not write it."""

    step: int
    output_key: str
    previous: Value | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """One version of one context key: written once, read by name afterwards."""

    key: str
    version: int
    presence: Presence
    origin: InBase | FromStep
    writer: Label | None = None

    def __str__(self) -> str:
        return f"{self.key!r}.{self.version}{'?' if self.presence == 'maybe' else ''}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole context at one point: a base, and the values that were written over it, in key order of writing."""

    base: int
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Write:
    """One context key that a step writes.

    ``optional``: the step may end without giving ``output_key``; ``checked``: it may end with other outputs, which is
    an error of the run. ``prior`` is the value that the write may meet.
    """

    key: str
    output_key: str
    value: Value
    collision: Collision
    prior: Value | None
    optional: bool
    checked: bool
    pointer: Pointer
