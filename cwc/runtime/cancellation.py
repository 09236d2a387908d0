"""Stopping a run between its steps: by a deadline, or by a token that somebody else holds."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from cwc.runtime.raised import Stopping
from cwc.runtime.steps import Step


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


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run and those inside of it may be stopped by. ``deadline`` is in seconds, as ``time.time()``."""

    deadline: float | None
    tokens: tuple[CancellationToken, ...]

    def stopping(self) -> Stopping | None:
        """What to raise if the run has to stop now."""
        late = self.deadline is not None and time.time() >= self.deadline
        told = bool(self.tokens) and any(token.is_cancelled for token in self.tokens)
        return Stopping(deadline_exceeded=late, token_cancelled=told) if late or told else None


class Stops:
    """Where one run is asked whether it has to stop: before each step, or each level, which is asked once."""

    __slots__ = ("_is_linear", "_levels", "_limits", "_steps")

    def __init__(self, limits: Limits, steps: Sequence[Step]) -> None:
        self._limits, self._steps = limits, steps
        self._is_linear = not steps or steps[0].level is None
        self._levels: dict[int, Stopping | None] = {}

    def before(self, index: int) -> Stopping | None:
        """What to raise instead of beginning a step."""
        level = self._steps[index].level
        if level is None:
            return self._limits.stopping()
        # The first of a level to come here decides for all of them.
        if level not in self._levels:
            self._levels[level] = self._limits.stopping()
        why = self._levels[level]
        if why is None:
            return None
        return Stopping(deadline_exceeded=why.deadline_exceeded, token_cancelled=why.token_cancelled)

    def check(self, index: int) -> None:
        """Raise Stopping if a step must not begin."""
        why = self._limits.stopping() if self._is_linear else self.before(index)
        if why is not None:
            raise why
