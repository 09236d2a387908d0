"""What threads hand back to an event loop: it is woken once for all that has arrived, not once for each."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from weakref import WeakKeyDictionary

from cwc.runtime.waiting.threads import Outcome


class Arrivals:
    """Outcomes on their way to the futures of one event loop."""

    __slots__ = ("arrived", "is_told")

    def __init__(self) -> None:
        self.arrived: deque[tuple[asyncio.Future[Outcome], Outcome]] = deque()
        self.is_told = False

    def deliver(self, future: asyncio.Future[Outcome], outcome: Outcome) -> None:
        """Give an outcome to a future, from another thread than its loop's."""
        self.arrived.append((future, outcome))
        if self.is_told:
            return
        self.is_told = True
        # A loop that was closed meanwhile has nobody waiting any more.
        with contextlib.suppress(RuntimeError):
            future.get_loop().call_soon_threadsafe(self.settle)

    def settle(self) -> None:
        # First, so that what arrives from now on wakes the loop again.
        self.is_told = False
        while self.arrived:
            future, outcome = self.arrived.popleft()
            if not future.done():
                future.set_result(outcome)


_ARRIVALS: WeakKeyDictionary[asyncio.AbstractEventLoop, Arrivals] = WeakKeyDictionary()


def arrivals_of(loop: asyncio.AbstractEventLoop) -> Arrivals:
    """Those of a running event loop; asked for in its thread."""
    found = _ARRIVALS.get(loop)
    if found is None:
        found = _ARRIVALS[loop] = Arrivals()
    return found
