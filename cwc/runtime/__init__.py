"""What generated modules and tool authors import; public names are loaded when they are first used (PEP 562)."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cwc.runtime.cancellation import CancellationToken
    from cwc.runtime.checkpoints import Checkpointer, InMemoryCheckpointer
    from cwc.runtime.chunks import ToolChunk
    from cwc.runtime.current import current_step
    from cwc.runtime.decisions import DecisionCallback as DecisionCallback
    from cwc.runtime.decisions import DecisionPolicy as DecisionPolicy
    from cwc.runtime.error_base import CwcError
    from cwc.runtime.events import FlowEnd, FlowEvent, FlowStart, StepChunk, StepEnd, StepEvent, StepStart
    from cwc.runtime.observers import Observer
    from cwc.runtime.redaction import redacted
    from cwc.runtime.registry import FlowRegistry
    from cwc.runtime.results import ExecutionResult
    from cwc.runtime.sqlite_checkpoints import SqliteCheckpointer
    from cwc.runtime.sqlite_step_cache import SqliteStepCache
    from cwc.runtime.step_cache import InMemoryStepCache, StepCache, StepCacheKey
    from cwc.runtime.step_context import CurrentStep
    from cwc.runtime.verification import Difference, Verification, verify, verify_async

_MODULES = {
    "cancellation": ("CancellationToken",),
    "checkpoints": ("Checkpointer", "InMemoryCheckpointer"),
    "chunks": ("ToolChunk",),
    "error_base": ("CwcError",),
    "current": ("current_step",),
    "decisions": ("DecisionCallback", "DecisionPolicy"),
    "events": ("FlowEnd", "FlowEvent", "FlowStart", "StepChunk", "StepEnd", "StepEvent", "StepStart"),
    "observers": ("Observer",),
    "redaction": ("redacted",),
    "registry": ("FlowRegistry",),
    "results": ("ExecutionResult",),
    "sqlite_checkpoints": ("SqliteCheckpointer",),
    "sqlite_step_cache": ("SqliteStepCache",),
    "step_cache": ("InMemoryStepCache", "StepCache", "StepCacheKey"),
    "step_context": ("CurrentStep",),
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
