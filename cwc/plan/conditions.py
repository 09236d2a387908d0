"""When a step runs: as the set of scenarios, which are the ways in which a flow's branches can be decided.

Sets of scenarios are integers, one bit a scenario, so that an implication is a test of bits.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Condition:
    """In which scenarios something happens: ``may`` are those in which it can, ``must`` those in which it does."""

    may: int
    must: int

    def excludes(self, other: Condition) -> bool:
        """Whether the two never happen in one run."""
        return not self.may & other.may


ALWAYS = Condition(1, 1)
"""The one scenario of a flow without branches."""


@dataclass(frozen=True, slots=True)
class Liveness:
    """What decides whether a step runs, by step indices.

    It runs unless a step of ``choosers`` chose another one, or every step of ``needs_one_of`` was passed by; an empty
    ``needs_one_of`` asks for nothing, since one of the steps before always runs.
    """

    choosers: tuple[int, ...]
    needs_one_of: tuple[int, ...]
