"""What the contract finds in a module, and the error that stops a build over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cwc.diagnostics.model import Definition, define

UNDECLARED_IMPORT = define("DET106", "undeclared_import", "error", "A module imports what it may not")
STAR_IMPORT = define("DET107", "star_import", "error", "A module imports every name of another")
LATE_IMPORT = define("DET108", "late_import", "error", "An import stands elsewhere than at the top of its module")
NOT_IN_GRAMMAR = define("DET701", "node_not_in_grammar", "error", "Generated code holds what no template produces")
UNKNOWN_NAME = define("DET702", "unknown_name", "error", "Generated code uses a name that is not known, or hides one")
UNKNOWN_CALL = define("DET703", "unknown_call_target", "error", "Generated code calls or reaches into what it may not")
NOT_ASCII = define("DET704", "non_ascii_identifier", "error", "An identifier is not ASCII")
UNPARSABLE = define("DET905", "unparsable", "error", "A module cannot be read as Python")


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation: what, and where, with line and column from 1."""

    definition: Definition
    message: str
    path: str
    line: int
    column: int

    @property
    def code(self) -> str:
        return self.definition.code

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.code} {self.message}"


class ContractError(Exception):
    """Code that was just generated breaks the contract: a bug in cwc, so nothing of it is written."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("generated code breaks the determinism contract:\n" + "\n".join(map(str, findings)))
        self.findings = tuple(findings)
