"""All that generated modules may import. What stands here is held stable by the format number.

All of it is light: what only some runs need (asyncio, threads, models of records) is imported by the first of them.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from time import perf_counter_ns as clock
from typing import NoReturn

from pydantic import BaseModel

from cwc.runtime.attempts import Policy, contract, exhausted, failed, fallback_failed, fell_back, passed, skipped
from cwc.runtime.collisions import (
    debug_collisions,
    logs_debug,
    merge_debug,
    merge_error,
    merge_warn,
    refuse_collisions,
    warn_collisions,
    warn_overwritten,
)
from cwc.runtime.decisions.deciding import decide, decided, decides, policy_of
from cwc.runtime.decisions.picks import Pick
from cwc.runtime.errors import FormatVersionError
from cwc.runtime.flow import Flow
from cwc.runtime.lanes import Lane
from cwc.runtime.lookups import (
    apart,
    apart_in,
    at_pointer,
    detached,
    output,
    renamed,
    require,
    require_key,
    separate,
    union,
    without_absent,
)
from cwc.runtime.predicates import ELLIPSIS, complex_of, item, key_of, unusable
from cwc.runtime.scope import concurrency
from cwc.runtime.steps import ABSENT, PASSED_BY, AllSteps, Constant, Done, Key, Outputs, Ran, Step, Steps, StepsAsync
from cwc.runtime.subflows import run_flow, run_flow_async
from cwc.runtime.tools.binding import bind_tool, sized
from cwc.runtime.tools.direct import direct_call
from cwc.runtime.waiting.waits import (
    dataflow,
    finish,
    given_by,
    in_thread,
    pause,
    pause_async,
    settled,
    together,
    within,
    within_async,
)

FORMAT = 2
"""The format of generated modules that this runtime runs."""


def expect_format(format: int) -> None:
    """Raise FormatVersionError if a module was generated for another runtime."""
    if format != FORMAT:
        raise FormatVersionError(format, FORMAT)


def __getattr__(name: str) -> NoReturn:
    # A module of another format may ask for what is not here: say which command mends it.
    if name.startswith("__"):
        raise AttributeError(name)
    raise FormatVersionError(None, FORMAT)


__all__ = [
    "ABSENT",
    "ELLIPSIS",
    "FORMAT",
    "PASSED_BY",
    "AllSteps",
    "BaseModel",
    "Constant",
    "Done",
    "Flow",
    "Key",
    "Lane",
    "Outputs",
    "Pick",
    "Policy",
    "Ran",
    "Step",
    "Steps",
    "StepsAsync",
    "apart",
    "apart_in",
    "at_pointer",
    "bind_tool",
    "clock",
    "complex_of",
    "concurrency",
    "contract",
    "dataflow",
    "date",
    "datetime",
    "debug_collisions",
    "decide",
    "decided",
    "decides",
    "detached",
    "direct_call",
    "exhausted",
    "expect_format",
    "failed",
    "fallback_failed",
    "fell_back",
    "finish",
    "given_by",
    "in_thread",
    "item",
    "key_of",
    "logs_debug",
    "merge_debug",
    "merge_error",
    "merge_warn",
    "output",
    "passed",
    "pause",
    "pause_async",
    "policy_of",
    "refuse_collisions",
    "renamed",
    "require",
    "require_key",
    "run_flow",
    "run_flow_async",
    "separate",
    "settled",
    "sized",
    "skipped",
    "time",
    "timedelta",
    "timezone",
    "together",
    "union",
    "unusable",
    "warn_collisions",
    "warn_overwritten",
    "within",
    "within_async",
    "without_absent",
]  # fmt: skip
