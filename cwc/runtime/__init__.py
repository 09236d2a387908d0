"""What generated modules and tool authors import; public names are loaded when they are first used (PEP 562)."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cwc.runtime.cancellation import CancellationToken
    from cwc.runtime.decisions.policy import DecisionCallback as DecisionCallback
    from cwc.runtime.decisions.policy import DecisionPolicy as DecisionPolicy
    from cwc.runtime.error_base import CwcError
    from cwc.runtime.events.kinds import FlowEnd, FlowEvent, FlowStart, StepChunk, StepEnd, StepEvent, StepStart
    from cwc.runtime.events.observers import Observer
    from cwc.runtime.events.redaction import redacted
    from cwc.runtime.registry.flows import FlowRegistry
    from cwc.runtime.results import ExecutionResult
    from cwc.runtime.stores.checkpoints import Checkpointer, InMemoryCheckpointer
    from cwc.runtime.stores.sqlite_checkpoints import SqliteCheckpointer
    from cwc.runtime.stores.sqlite_step_cache import SqliteStepCache
    from cwc.runtime.stores.step_cache import InMemoryStepCache, StepCache, StepCacheKey
    from cwc.runtime.tools.chunks import ToolChunk
    from cwc.runtime.tools.current import current_step
    from cwc.runtime.tools.step_context import CurrentStep
    from cwc.runtime.verification import Difference, Verification, verify, verify_async

_MODULES = {
    "cancellation": ("CancellationToken",),
    "stores.checkpoints": ("Checkpointer", "InMemoryCheckpointer"),
    "tools.chunks": ("ToolChunk",),
    "error_base": ("CwcError",),
    "tools.current": ("current_step",),
    "decisions.policy": ("DecisionCallback", "DecisionPolicy"),
    "events.kinds": ("FlowEnd", "FlowEvent", "FlowStart", "StepChunk", "StepEnd", "StepEvent", "StepStart"),
    "events.observers": ("Observer",),
    "events.redaction": ("redacted",),
    "registry.flows": ("FlowRegistry",),
    "results": ("ExecutionResult",),
    "stores.sqlite_checkpoints": ("SqliteCheckpointer",),
    "stores.sqlite_step_cache": ("SqliteStepCache",),
    "stores.step_cache": ("InMemoryStepCache", "StepCache", "StepCacheKey"),
    "tools.step_context": ("CurrentStep",),
    "verification": ("Difference", "Verification", "verify", "verify_async"),
}
_HOMES = {name: f"cwc.runtime.{module}" for module, names in _MODULES.items() for name in names}
__all__ = [
    "CancellationToken",
    "Checkpointer",
    "CurrentStep",
    "CwcError",
    "Difference",
    "ExecutionResult",
    "FlowEnd",
    "FlowEvent",
    "FlowRegistry",
    "FlowStart",
    "InMemoryCheckpointer",
    "InMemoryStepCache",
    "Observer",
    "SqliteCheckpointer",
    "SqliteStepCache",
    "StepCache",
    "StepCacheKey",
    "StepChunk",
    "StepEnd",
    "StepEvent",
    "StepStart",
    "ToolChunk",
    "Verification",
    "current_step",
    "redacted",
    "verify",
    "verify_async",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    # All error classes are found here too; where they stand is nobody's business.
    if name.endswith("Error") and hasattr(errors := importlib.import_module("cwc.runtime.errors"), name):
        return getattr(errors, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
