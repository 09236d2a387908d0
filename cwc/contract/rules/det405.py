"""DET405: threads."""

from __future__ import annotations

from cwc.contract.rules.rule import Rule, banned, defined, fine

RULE = Rule(
    definition=defined("DET405", "threads", "error", "Threads run code in an order that nobody knows"),
    instead="leave concurrency to the flow: independent steps of a level run together",
    weight="warning",
    members={
        **banned("""
            threading.* _thread.* concurrent.futures.ThreadPoolExecutor concurrent.futures.Executor
            concurrent.futures.Future
            asyncio.to_thread asyncio.AbstractEventLoop.run_in_executor asyncio.run_coroutine_threadsafe
            asyncio.AbstractEventLoop.call_soon_threadsafe anyio.to_thread.* trio.to_thread.* greenlet.* gevent.*
            eventlet.*
            asgiref.sync.sync_to_async joblib.Parallel joblib.delayed
        """),
        **fine("threading.Lock threading.RLock threading.local threading.TIMEOUT_MAX"),
    },
)
