"""Changes between two versions of a flow, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from cwc.diagnostics.model import Diagnostic
from cwc.language import Document
from cwc.plan.model import Plan

Area = Literal["flow", "steps", "wiring", "types", "collisions", "residuals", "lanes", "effects", "findings"]
AREAS: tuple[Area, ...] = (
    "flow",
    "steps",
    "wiring",
    "types",
    "collisions",
    "residuals",
    "lanes",
    "effects",
    "findings",
)
Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change: of what (``subject`` is a step, a key, a setting), and what was there before and is there now.

    ``old`` is None for what was added, ``new`` for what was removed.
    """

    area: Area
    subject: str
    what: str
    old: str | None
    new: str | None

    @property
    def kind(self) -> Kind:
        return "added" if self.old is None else "removed" if self.new is None else "changed"


@dataclass(frozen=True, slots=True)
class Version:
    """One side of a comparison: the flow as written and as it will run, and what is to be said of its file."""

    document: Document
    plan: Plan
    findings: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions and the changes between them, by area and in the order of the flow."""

    old: Version
    new: Version
    changes: tuple[Change, ...]

    def of(self, area: Area) -> list[Change]:
        return [change for change in self.changes if change.area == area]


def changes_of(area: Area, subject: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    """What differs between two tables of named facts, in the order of the new one and then of the old."""
    for name in dict.fromkeys((*new, *old)):
        before, now = old.get(name), new.get(name)
        if before != now:
            yield Change(area, subject, name, before, now)
