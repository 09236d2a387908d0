"""What a tool can ask about the step that calls it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cwc.runtime.asked import STEP
from cwc.runtime.steps import Outputs, Step

if TYPE_CHECKING:
    from cwc.runtime.around import Around, Ask


@dataclass(frozen=True, slots=True)
class CurrentStep:
    """The step that a tool is called by.

    ``run_id`` is the trace id of the outermost run and ``name`` the step's name in that: ``0:child/1:double``.
    ``attempt`` counts the calls of the step, from 1; a fallback has the number of the last one. ``deadline`` is that of
    the run, as ``time.time()``, or None. ``resources`` is what the caller passed to the run.
    """

    run_id: str
    name: str
    attempt: int = 1
    deadline: float | None = None
    resources: Any = None

    @property
    def idempotency_key(self) -> str:
        """The same for all calls of this step in this run, also when it is resumed: ``run_id:name``."""
        return f"{self.run_id}:{self.name}"


def telling(run_id: str, path: str, deadline: float | None, resources: Any) -> Around:
    """A service that makes the step known to its tool, in threads and tasks that the tool starts as well."""

    def around(step: Step, values: tuple[Any, ...]) -> Generator[Ask | None, Any, Outputs]:
        token = STEP.set(CurrentStep(run_id, step.name_in(path), 1, deadline, resources))
        try:
            outputs: Outputs = yield None
        finally:
            STEP.reset(token)
        return outputs

    return around
