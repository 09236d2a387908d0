"""The abstract context step by step, for people who want to see why."""

from __future__ import annotations

from collections.abc import Iterator

from cwc.diagnostics.model import Report
from cwc.plan.context import AbstractContext
from cwc.plan.model import Plan

_PRESENCE = {"sure": "is there", "maybe": "may be there"}
_UNKNOWN = {
    "never": "no other key can be there",
    "undeclared": "the caller may have passed other keys",
    "maybe": "a step before this one may have written any other key",
}


def explain_context(plan: Plan, report: Report) -> str:
    """Each key at each point of the flow: whether it is there, and who wrote it. ``report`` knows the places."""
    return "\n".join(_lines(plan, report)) + "\n"


def _lines(plan: Plan, report: Report) -> Iterator[str]:
    yield f"flow {plan.name!r} ({plan.path}), on collision: {plan.policy}"
    for step in plan.steps:
        yield f"\nbefore {step.title} (line {step.line})"
        yield from _context(step.before, report)
        for write in step.writes:
            if write.collision != "never":
                how = {"always": "always", "maybe": "maybe"}.get(write.collision, "if the caller passed that key")
                yield f"  -> writes {write.key!r}, which overwrites: {how}"
    yield "\nat the end"
    yield from _context(plan.final_context, report)


def _context(context: AbstractContext, report: Report) -> Iterator[str]:
    width = max((len(repr(key)) for key in context.values), default=0)
    for key, value in context.values.items():
        place = report.place(value.writer)
        writer = f", from line {place.line}" if place else ""
        yield f"  {key!r:{width}} {_PRESENCE[value.presence]}{writer}"
    yield f"  {'nothing is known of other keys' if context.blind else _UNKNOWN[context.unknown_keys]}"
