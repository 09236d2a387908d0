"""What holds for one run and the runs inside of it, for the step functions and helpers that ask for it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cwc.runtime.cancellation import Stops
    from cwc.runtime.registry.flows import FlowRegistry
    from cwc.runtime.services import Services


class Scope:
    """The settings of a run. ``limit`` is how many steps may run at once.

    ``inherited_limit`` is the limit that the caller chose, None where each flow has its own. ``decisions`` counts those
    made so far. ``services`` are those that runs inside of this one are under, None if there are none, and ``stops`` is
    where this one is asked whether it has to stop.
    ``registry`` knows the states of the flows that steps run.
    """

    __slots__ = (
        "decision_callback", "decision_policy", "decisions", "dynamic_params", "flow_name", "inherited_limit", "limit",
        "registry", "services", "stops", "trace_id",
    )  # fmt: skip

    def __init__(
        self,
        flow_name: str,
        trace_id: str | None,
        dynamic_params: Mapping[str, Any] | None,
        limit: int,
        inherited_limit: int | None,
        decision_callback: Any,
        decision_policy: Any,
        registry: FlowRegistry | None,
    ) -> None:
        self.flow_name, self.trace_id, self.dynamic_params = flow_name, trace_id, dynamic_params
        self.limit, self.inherited_limit = limit, inherited_limit
        self.decision_callback, self.decision_policy = decision_callback, decision_policy
        self.registry = registry
        self.services: Services | None = None
        self.stops: Stops | None = None
        self.decisions = 0

    def under(self, services: Services) -> Scope:
        """This scope, for what runs under other services."""
        scope = copy.copy(self)
        scope.services = services
        return scope

    def enter(self) -> Token[Scope]:
        """Let it hold from now on, in this task or thread, until `leave`."""
        return SCOPE.set(self)

    def leave(self, token: Token[Scope]) -> None:
        SCOPE.reset(token)


SCOPE: ContextVar[Scope] = ContextVar("cwc_scope")


def concurrency() -> int:
    """How many steps of this run may run at once."""
    return SCOPE.get().limit
