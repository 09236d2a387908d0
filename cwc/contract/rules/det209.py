"""DET209: waiting, and giving up after a time."""

from __future__ import annotations

from cwc.contract.rules.rule import Rule, banned, defined

RULE = Rule(
    definition=defined("DET209", "sleep_or_timeout", "warning", "Something waits, or gives up after a time"),
    instead="leave retries and timeouts to the flow: `retry` and the tool's `timeout_seconds`",
    members=banned("""
        time.sleep asyncio.sleep asyncio.timeout asyncio.timeout_at asyncio.wait_for
        asyncio.AbstractEventLoop.call_later
        asyncio.AbstractEventLoop.call_at anyio.sleep anyio.sleep_until anyio.move_on_after anyio.fail_after
        anyio.sleep_forever trio.sleep
        trio.sleep_until trio.move_on_after trio.fail_after tenacity.* backoff.* gevent.sleep eventlet.sleep
        async_timeout.*
        curio.sleep
    """),
)  # fmt: skip
