"""What generated modules and tool authors import; public names are loaded when they are first used (PEP 562)."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cwc.runtime.registry import FlowRegistry

_HOMES = {
    "FlowRegistry": "cwc.runtime.registry",
}
__all__ = ["FlowRegistry"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
