"""The check of one generated module: read it, walk it, and say where what was found stands."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import libcst as cst

from cwc.contract.finding import Finding
from cwc.contract.grammar.inspection import Violation
from cwc.contract.grammar.walk import violations
from cwc.contract.reading import unparsable
from cwc.contract.shape import definitions_in

_KEPT = 512
"""How many definitions are kept as trees."""


def findings(text: str, path: str, imports: frozenset[tuple[str, str]], facade: frozenset[str]) -> list[Finding]:
    """What is in a text that Python can parse, and that is not too deep for libcst."""
    try:
        module = cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        return [unparsable(error.message, error.raw_line, error.raw_column + 1, path)]
    found = violations(module.body, imports, facade)
    return _placed(module, found, path) if found else []


def is_clean(shape: str, imports: frozenset[tuple[str, str]], facade: frozenset[str]) -> bool:
    """Whether nothing is to be found in the texts of a shape; False also where only their own trees can tell.

    Parsing takes most of the time, and many modules have definitions in common.
    """
    try:
        trees = [tree for definition in definitions_in(shape) for tree in _trees(definition)]
    except cst.ParserSyntaxError:
        return False
    return not violations(trees, imports, facade)


@lru_cache(_KEPT)
def _trees(definition: str) -> Sequence[cst.CSTNode]:
    return cst.parse_module(definition).body


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
