"""The constructs that a flow has no async lane with, unless the project asks for them there (SEMANTICS A 3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from cwc.diagnostics.model import Label, Pointer
from cwc.language.document import DAGStep, Document

Kind = Literal["subflows", "branches", "decisions"]
"""As the project configuration names them, in ``async_constructs``."""

STEPS = Pointer(("steps",))


@dataclass(frozen=True, slots=True)
class Construct:
    """One construct of one step. ``flow`` is the flow that it stands in; ``line`` its line there."""

    kind: Kind
    flow: str
    step: str
    field: str
    label: Label
    line: int
    step_index: int

    def __str__(self) -> str:
        return (
            f"{self.label.path}:{self.line}: step {self.step_index} {self.step!r} of flow {self.flow!r}: {self.field}"
        )


def described(constructs: Iterable[Construct], root: str) -> list[str]:
    """What each step has, for a reader who looks at the flow ``root``."""
    fields: dict[str, dict[str, None]] = {}
    for each in constructs:
        where = "" if each.flow == root else f" of the flow {each.flow!r}, which it runs,"
        fields.setdefault(f"step {each.step!r}{where}", {})[repr(each.field)] = None
    return [f"{step} has {', '.join(names)}" for step, names in fields.items()]


def own_constructs(document: Document) -> Iterator[Construct]:
    """Those of a document, in the order of the file."""
    for position, step in enumerate(document.flow.steps):
        if step is None:
            continue
        found: list[tuple[Kind, str, bool]] = [
            ("subflows", "flow_name", step.flow_name is not None),
            ("decisions", "decision_candidates", step.decision_candidates is not None),
        ]
        if isinstance(step, DAGStep):
            found.append(("branches", "branches", bool(step.branches)))
            found.append(("branches", "default_next", step.default_next is not None))
        name = step.step_id if isinstance(step, DAGStep) else step.tool_name or step.flow_name or ""
        for kind, field, is_used in found:
            if is_used:
                pointer = STEPS / position / field
                label = document.label(pointer.at_key())
                yield Construct(kind, document.flow.name, name, field, label, document.line(pointer.at_key()), position)
