"""What generated code calls where a step's tool is chosen while the flow runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cwc.runtime.decisions.picks import Pick
from cwc.runtime.scope import SCOPE
from cwc.runtime.steps import Outputs, Told

if TYPE_CHECKING:
    from cwc.runtime.attempts import Policy


def decides() -> bool:
    """Whether this run has somebody who decides, or had before it was gone on with."""
    scope = SCOPE.get()
    if scope.decision_callback is not None:
        return True
    services = scope.services
    return services is not None and services.journal is not None and services.journal.has_decisions(services.path)


def decide(pick: Pick, context: Outputs) -> Pick:
    """Ask the run's callback for the tool of a step, unless that is recorded already.

    Raises DecisionFailed, Stopping, and Abort with DecisionBudgetExceededError (SEMANTICS B 13) or what recording it
    raises.
    """
    scope = SCOPE.get()
    services = scope.services
    journal = None if services is None else services.journal
    path = "" if services is None else services.path
    recorded = None if journal is None else journal.decision(path, pick.index)
    if recorded is None and scope.decision_callback is None:
        return pick
    from cwc.runtime.decisions.policy import chosen

    return chosen(scope, pick, context, recorded)


def decided(pick: Pick, outputs: Outputs) -> Outputs:
    """Outputs of a step whose tool was decided on."""
    if pick.chosen is None:
        return outputs
    facts = outputs.facts if isinstance(outputs, Told) else {}
    return Told(outputs, **facts, **pick.facts())


def policy_of(policy: Policy, pick: Pick) -> Policy:
    """A step's policy, for the tool that was chosen."""
    return policy if pick.chosen is None else policy.of(pick.tool)
