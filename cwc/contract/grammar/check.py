"""The check of one generated module: read it, walk it, and say where what was found stands."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from cwc.contract.finding import Finding
from cwc.contract.grammar.inspection import Violation
from cwc.contract.grammar.reading import read
from cwc.contract.grammar.walk import violations


def findings(text: str, path: str, imports: frozenset[tuple[str, str]], facade: frozenset[str]) -> list[Finding]:
    """What `check_generated` gives."""
    module = read(text, path)
    if isinstance(module, Finding):
        return [module]
    found = violations(module, imports, facade)
    return _placed(module, found, path) if found else []


def _placed(module: cst.Module, found: Sequence[Violation], path: str) -> list[Finding]:
    """Findings with their places, which cost more to find than everything else together."""
    from libcst.metadata import MetadataWrapper, PositionProvider

    # The tree is fresh from the parser, so that no node stands in it twice and none need be copied.
    ranges = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    placed = []
    for violation in found:
        start = ranges[violation.node].start
        placed.append(Finding(violation.definition, violation.message, path, start.line, start.column + 1))
    return sorted(placed, key=lambda finding: (finding.line, finding.column, finding.code, finding.message))
