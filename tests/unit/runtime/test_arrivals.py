"""What threads hand back to an event loop: nothing is lost, and the loop is woken once for what comes at once."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref
from collections.abc import Callable
from typing import Any

from cwc.runtime.waiting.arrivals import Arrivals, arrivals_of
from cwc.runtime.waiting.calls import in_thread
from cwc.runtime.waiting.threads import Outcome


def test_each_caller_gets_what_its_own_call_gave() -> None:
    def answer(number: int) -> int:
        if number % 7 == 0:
            raise LookupError(number)
        return number

    async def main() -> list[Any]:
        found: list[Any] = []
        for _ in range(10):
            found += await asyncio.gather(*(in_thread(answer, number) for number in range(50)), return_exceptions=True)
        return found

    found = asyncio.run(main())
    told = [outcome.args[0] if isinstance(outcome, LookupError) else outcome for outcome in found]
    assert told == [*range(50)] * 10
    assert [isinstance(outcome, LookupError) for outcome in found[:50]] == [number % 7 == 0 for number in range(50)]


def test_a_loop_is_woken_once_for_what_arrives_while_it_is_busy() -> None:
    async def main() -> int:
        loop, woken = asyncio.get_running_loop(), 0
        threadsafe = loop.call_soon_threadsafe

        def counted(callback: Callable[..., object], *values: Any) -> Any:
            nonlocal woken
            woken += 1
            return threadsafe(callback, *values)

        loop.call_soon_threadsafe = counted  # type: ignore[assignment]
        calls = [asyncio.ensure_future(in_thread(time.sleep, 0)) for _ in range(20)]
        await asyncio.sleep(0)
        while len(arrivals_of(loop).arrived) < 20:
            # All of this in one turn of the loop.
            time.sleep(0.001)
        await asyncio.gather(*calls)
        await in_thread(time.sleep, 0)
        return woken

    assert asyncio.run(main()) == 2


def test_what_comes_too_late_disturbs_nobody() -> None:
    async def main() -> tuple[Arrivals, asyncio.Future[Outcome]]:
        loop = asyncio.get_running_loop()
        cancelled: asyncio.Future[Outcome] = loop.create_future()
        cancelled.cancel()
        arrivals_of(loop).deliver(cancelled, (1, None))
        await in_thread(time.sleep, 0)
        return arrivals_of(loop), loop.create_future()

    arrivals, late = asyncio.run(main())
    arrivals.deliver(late, (1, None))
    assert not late.done()


def test_a_loop_is_not_kept() -> None:
    async def main() -> weakref.ref[asyncio.AbstractEventLoop]:
        await in_thread(time.sleep, 0)
        return weakref.ref(asyncio.get_running_loop())

    kept = asyncio.run(main())
    gc.collect()
    assert kept() is None
