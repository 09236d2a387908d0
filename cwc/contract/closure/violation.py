"""A finding in hand-written code as plain values, apart from trees and rules."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cwc.contract.closure.reached import Edge
from cwc.diagnostics.model import Severity


@dataclass(frozen=True, slots=True)
class Violation:
    """A finding as plain values: code and text, and where, with lines and columns from 1 (ends exclusive)."""

    code: str
    file: Path
    message: str
    line: int
    column: int
    end_line: int
    end_column: int
    weight: Severity | None = None
    subject: str = ""
    way: tuple[Edge, ...] | None = None
