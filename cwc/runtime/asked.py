"""Which step is running, for tools that ask, and whether any of this process may ask."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cwc.runtime.tools.step_context import CurrentStep

ASKED: list[str] = []
"""Who may ask for the current step: empty until `cwc.runtime.tools.current` is loaded, which happens once a process."""

STEP: ContextVar[CurrentStep] = ContextVar("cwc_step")


def attempts(number: int) -> None:
    """The step that is running, if anybody is to know, is about to make its ``number``-th call."""
    step = STEP.get(None)
    if step is not None:
        # Another object: a call that is still running after its timeout keeps its own number.
        STEP.set(replace(step, attempt=number))
