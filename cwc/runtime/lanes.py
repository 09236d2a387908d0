"""One lane of a generated flow: its body, and the step functions that the body runs."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import Any

Functions = tuple[Callable[..., Any], ...]
Lines = Mapping[int, tuple[int, str]]
Parts = tuple[Callable[..., Any], Functions, Lines]
"""The body of a lane, the step functions that it runs, and its table of lines."""


class Lane:
    """One lane of a flow: its body, the step functions that the body runs, and the table of the body's lines.

    ``lines`` says for a line, counted from the body's ``def``, which step it belongs to and what it does for it.
    """

    __slots__ = ("body", "functions", "lines")

    def __init__(self, body: Callable[..., Any], functions: Functions, lines: Lines) -> None:
        self.body, self.functions, self.lines = body, functions, lines

    @property
    def parts(self) -> Parts:
        return self.body, self.functions, self.lines

    def over(self, functions: Mapping[str, Callable[..., Any] | None]) -> Lane:
        """This lane with other callables, or none, under the module-level names of tools."""
        if not functions:
            return self
        generated = [step for step in self.functions if isinstance(step, types.FunctionType)]
        return self.running(
            tuple(
                types.FunctionType(step.__code__, {**step.__globals__, **functions}, step.__name__)
                for step in generated
            )
        )

    def running(self, functions: Functions) -> Lane:
        """This lane with other step functions."""
        return Lane(self.body, functions, self.lines)
