"""What holds for one run and the runs inside of it, for the step functions and helpers that ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cwc.runtime.errors import CwcError

if TYPE_CHECKING:
    from cwc.runtime.registry import FlowRegistry
    from cwc.runtime.services import Services


class Abort(Exception):
    """An error that ends a whole run, and those around it, instead of failing a step."""

    def __init__(self, error: CwcError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(slots=True)
class Scope:
    """The settings of a run. ``limit`` is how many steps may run at once.

    ``inherited_limit`` is the limit that the caller chose, None where each flow has its own. ``decisions`` counts those
    made so far. ``services`` are those that runs inside of this one are under, None if there are none.
    ``registry`` knows the states of the flows that steps run.
    """

    flow_name: str
    trace_id: str | None
    dynamic_params: Mapping[str, Any] | None
    limit: int
    inherited_limit: int | None
    decision_callback: Any
    decision_policy: Any
    services: Services | None = None
    decisions: int = 0
    registry: FlowRegistry | None = None


SCOPE: ContextVar[Scope] = ContextVar("cwc_scope")


def concurrency() -> int:
    """How many steps of this run may run at once."""
    return SCOPE.get().limit
