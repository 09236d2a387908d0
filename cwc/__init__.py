"""cwc compiles declarative tool flows to straight-line Python modules.

Importing cwc imports nothing heavy: the public names are loaded when they are first used (PEP 562).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cwc.driver.memory import CompileError, compile_flow
    from cwc.runtime.tools.making import Tool, tool

__version__ = "0.1.0"
__all__ = ["CompileError", "Tool", "__version__", "compile_flow", "tool"]

_HOMES = {
    "CompileError": "cwc.driver.memory",
    "Tool": "cwc.runtime.tools.making",
    "compile_flow": "cwc.driver.memory",
    "tool": "cwc.runtime.tools.making",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'cwc' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
