"""One lane of a generated flow: its body, and the step functions that the body runs."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

Functions = tuple[Callable[..., Any], ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane of a flow: its body, the step functions that the body runs, and the table of the body's lines.

    ``lines`` says for a line, counted from the body's ``def``, which step it belongs to and what it does for it.
    """

    body: Callable[..., Any]
    functions: Functions
    lines: Mapping[int, tuple[int, str]]

    def over(self, functions: Mapping[str, Callable[..., Any] | None]) -> Functions:
        """The generated step functions, with other callables, or none, under the module-level names of tools."""
        if not functions:
            return self.functions
        generated = [step for step in self.functions if isinstance(step, types.FunctionType)]
        return tuple(
            types.FunctionType(step.__code__, {**step.__globals__, **functions}, step.__name__) for step in generated
        )

    def running(self, functions: Functions) -> Self:
        """This lane with other step functions."""
        return replace(self, functions=functions)
