"""Stopping a run between its steps: by a deadline, or by a token that somebody else holds."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from cwc.runtime.around import Around, Ask
from cwc.runtime.steps import Outputs, Step


class CancellationToken:
    """Asks the runs that it was passed to, to stop before their next step. Any thread may cancel it, once and for all.

    A step that has begun comes to its end.
    """

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    @property
    def is_cancelled(self) -> bool:
        return self._event.is_set()


class Stopping(Exception):
    """A run is to stop before the step that raises this; becomes FlowCancelledError."""

    def __init__(self, *, deadline_exceeded: bool, token_cancelled: bool) -> None:
        super().__init__()
        self.deadline_exceeded, self.token_cancelled = deadline_exceeded, token_cancelled


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run and those inside of it may be stopped by. ``deadline`` is in seconds, as ``time.time()``."""

    deadline: float | None
    tokens: tuple[CancellationToken, ...]

    def stopping(self) -> Stopping | None:
        """What to raise if the run has to stop now."""
        late = self.deadline is not None and time.time() >= self.deadline
        told = any(token.is_cancelled for token in self.tokens)
        return Stopping(deadline_exceeded=late, token_cancelled=told) if late or told else None


def stopping(limits: Limits) -> Around:
    """A service that asks before each level of one run whether it has to stop; a level that has begun is not asked."""
    verdicts: dict[int, Stopping | None] = {}

    def before(step: Step, values: tuple[Any, ...]) -> Generator[Ask | None, Any, Outputs]:
        if step.level is None:
            verdict = limits.stopping()
        else:
            # The first of a level to come here decides for all of them.
            if step.level not in verdicts:
                verdicts[step.level] = limits.stopping()
            verdict = verdicts[step.level]
        if verdict is not None:
            raise Stopping(deadline_exceeded=verdict.deadline_exceeded, token_cancelled=verdict.token_cancelled)
        outputs: Outputs = yield None
        return outputs

    return before
