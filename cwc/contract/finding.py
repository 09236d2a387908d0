"""What the contract finds in a module, and the error that stops a build over it."""

from __future__ import annotations

from dataclasses import dataclass

from cwc.diagnostics.model import Definition, define

UNDECLARED_IMPORT = define("DET106", "undeclared_import", "error", "A module imports what it may not")
STAR_IMPORT = define("DET107", "star_import", "error", "A module imports every name of another")
LATE_IMPORT = define("DET108", "late_import", "error", "An import stands elsewhere than at the top of its module")
NODE = define("DET701", "node_not_in_grammar", "error", "Generated code holds what no template produces")
NAME = define("DET702", "unknown_name", "error", "Generated code uses a name that it does not define")
CALL = define("DET703", "unknown_call_target", "error", "Generated code calls what it may not")
IDENTIFIER = define("DET704", "non_ascii_identifier", "error", "An identifier is not ASCII")
UNPARSABLE = define("DET905", "unparsable", "error", "A module is not valid Python")


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation: what, and where, with line and column from 1."""

    definition: Definition
    message: str
    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.definition.code} {self.message}"


class ContractError(Exception):
    """Code that was just generated breaks the contract: a bug in cwc, so nothing of it is written."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("generated code breaks the determinism contract:\n" + "\n".join(map(str, findings)))
        self.findings = findings
