"""One lane of a generated flow: its body, and the step functions that the body runs."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import Any

Functions = tuple[Callable[..., Any], ...]
Lines = Mapping[int, tuple[int, str]]
"""Which step a line of a body belongs to, and what it does for it."""


class Lane:
    """One lane of a flow: its body, the step functions that the body runs, and the table of the body's lines.

    ``table`` has a line for each line of the body that can fail: its number, counted from the ``def``, the step that it
    belongs to, and what it does for it.
    """

    __slots__ = ("_lines", "body", "functions", "table")

    def __init__(self, body: Callable[..., Any], functions: Functions, table: str) -> None:
        self.body, self.functions, self.table = body, functions, table
        self._lines: Lines | None = None

    @property
    def lines(self) -> Lines:
        """The table, by line. It is read when a run has failed."""
        if self._lines is None:
            entries = [entry.split() for entry in self.table.split("\n") if entry]
            self._lines = {int(line): (int(step), phase) for line, step, phase in entries}
        return self._lines

    @property
    def parts(self) -> Parts:
        return self.body, self.functions, self

    def over(self, functions: Mapping[str, Callable[..., Any] | None]) -> Lane:
        """This lane with other callables, or none, under the module-level names of tools."""
        if not functions:
            return self
        # Steps that share a function share the other one too.
        others: dict[Callable[..., Any], Callable[..., Any]] = {
            step: types.FunctionType(step.__code__, {**step.__globals__, **functions}, step.__name__)
            for step in self.functions
            if isinstance(step, types.FunctionType)
        }
        return self.running(tuple(others[step] for step in self.functions))

    def running(self, functions: Functions) -> Lane:
        """This lane with other step functions."""
        return Lane(self.body, functions, self.table)


Parts = tuple[Callable[..., Any], Functions, Lane]
"""The body of a lane, the step functions that it runs, and the lane."""
