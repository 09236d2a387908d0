"""What step functions, services and bodies raise to end a step or a run: the runtime makes errors of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cwc.runtime.error_base import CwcError


class KeyMissing(Exception):
    """A key or pointer that an input is read from is not in the context; becomes InputMappingError."""


class OutputMissing(Exception):
    """A step ended without an output that its mapping names; becomes OutputMappingError."""


class Collision(Exception):
    """Writes meet keys that are there, under the policy ``error``; becomes ContextKeyCollisionError."""


class Siblings(Exception):
    """A step wrote keys that a step of its level has written; becomes FlowExecutionError of that step."""


class SubflowFailed(Exception):
    """A flow that a step ran ended in a failure; becomes FlowExecutionError of that step, with the result attached."""


class StepFailed(Exception):
    """A step ended in an error that it has more to say of than its class. ``facts`` are fields of its record."""

    def __init__(self, error: CwcError, facts: Mapping[str, Any]) -> None:
        super().__init__(str(error))
        self.error, self.facts = error, facts


class DecisionFailed(Exception):
    """A decision could not be made; becomes the error of its step, which has not begun."""

    def __init__(self, error: CwcError) -> None:
        super().__init__(str(error))
        self.error = error


class Stopping(Exception):
    """A run is to stop before the step that raises this; becomes FlowCancelledError."""

    def __init__(self, *, deadline_exceeded: bool, token_cancelled: bool) -> None:
        super().__init__()
        self.deadline_exceeded, self.token_cancelled = deadline_exceeded, token_cancelled


class Abort(Exception):
    """An error that ends a whole run, and those around it, instead of failing a step."""

    def __init__(self, error: CwcError) -> None:
        super().__init__(str(error))
        self.error = error
