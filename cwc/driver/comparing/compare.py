"""Two plans → what has changed between them, for people who have to agree to the change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cwc.driver.comparing.changes import AREAS, Change, Comparison, Version, changes_of
from cwc.driver.comparing.facts import (
    Table,
    effects_of,
    final_types,
    flow_facts,
    handling_of,
    lanes_of,
    metadata_of,
    safety_of,
    step_facts,
    types_of,
    wiring_of,
)
from cwc.driver.comparing.matching import match_steps
from cwc.driver.views.marks import marks_of
from cwc.plan.model import Plan, StepPlan

FLOW = "the flow"


def compare(old: Version, new: Version) -> Comparison:
    """All that differs between two versions of a flow; where lines stand, and comments, does not count."""
    changes = [*_of_flow(old.plan, new.plan), *_of_findings(old, new)]
    changes += changes_of("flow", FLOW, metadata_of(old.document), metadata_of(new.document))
    changes += changes_of("effects", FLOW, safety_of(old.document), safety_of(new.document))
    for before, now in match_steps(old.plan, new.plan):
        changes += _of_step(before, now, old.plan, new.plan)
    return Comparison(old, new, tuple(sorted(changes, key=lambda change: AREAS.index(change.area))))


def _of_flow(old: Plan, new: Plan) -> Iterator[Change]:
    yield from changes_of("flow", FLOW, flow_facts(old), flow_facts(new))
    before, now = final_types(old), final_types(new)
    common = before.keys() & now.keys()
    yield from changes_of("types", FLOW, _only(before, common), _only(now, common))
    yield from changes_of("lanes", FLOW, lanes_of(old), lanes_of(new))
    yield from changes_of("effects", FLOW, effects_of(old), effects_of(new))


def _of_step(before: StepPlan | None, now: StepPlan | None, old: Plan, new: Plan) -> Iterator[Change]:
    subject = _subject(before, now)
    if before is None or now is None:
        step = now or before
        assert step is not None
        runs = step_facts(step, new if now else old)["runs"]
        yield Change("steps", subject, "runs", None if now else runs, runs if now else None)
    else:
        yield from changes_of("steps", subject, step_facts(before, old), step_facts(now, new))
        yield from changes_of("wiring", subject, wiring_of(before, old), wiring_of(now, new))
        types = types_of(before, old), types_of(now, new)
        common = types[0].keys() & types[1].keys()
        yield from changes_of("types", subject, _only(types[0], common), _only(types[1], common))
        yield from changes_of("effects", subject, handling_of(before), handling_of(now))
    for area, kind in (("collisions", "collision"), ("residuals", "residual")):
        marks = _marks(before, old, kind), _marks(now, new, kind)
        yield from changes_of("collisions" if area == "collisions" else "residuals", subject, *marks)


def _marks(step: StepPlan | None, plan: Plan, kind: str) -> Table:
    return {} if step is None else {mark.text: "yes" for mark in marks_of(step, plan) if mark.kind == kind}


def _of_findings(old: Version, new: Version) -> Iterator[Change]:
    """What is said of the one file and not of the other; places do not count, but how often does."""
    tables = [Counter(f"{found.code} {found.slug}: {found.message}" for found in side.findings) for side in (old, new)]
    before, now = ({text: _times(count) for text, count in table.items()} for table in tables)
    yield from changes_of("findings", FLOW, before, now)


def _times(count: int) -> str:
    return "yes" if count == 1 else f"{count} times"


def _subject(before: StepPlan | None, now: StepPlan | None) -> str:
    step = now or before
    assert step is not None
    if step.id is not None:
        return f"step {step.id}"
    return f"step {step.index} {step.label_name}"


def _only(table: Table, names: object) -> Table:
    return {name: value for name, value in table.items() if name in names}  # type: ignore[operator]
