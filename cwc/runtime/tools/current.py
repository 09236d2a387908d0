"""`current_step`. That this module is loaded says that a tool may ask: only then are plain runs ready to answer."""

from __future__ import annotations

from cwc.runtime.asked import ASKED, STEP
from cwc.runtime.tools.step_context import CurrentStep

ASKED.append(__name__)


def current_step() -> CurrentStep:
    """The step that calls this tool: its run, name, attempt, deadline and resources, and its idempotency key.

    Works in sync and async tools, and in the threads and tasks that they start with their context. Raises RuntimeError
    where no step is running.
    """
    step = STEP.get(None)
    if step is None:
        raise RuntimeError(
            "current_step() was called outside of a step's tool, or in a thread without its context variables, or was"
            " imported after the run had begun: import it at the top of the tool's module"
        )
    return step
