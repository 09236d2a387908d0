"""Banned modules that a named module reaches through others: a finding where the way begins."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cwc.contract.closure.reached import Closure, Edge

IMPORTS = frozenset({"DET101", "DET102", "DET103", "DET104", "DET105"})
"""The rules that ban modules."""


@dataclass(frozen=True, slots=True)
class Ban:
    """A banned import: the file that has it, what is imported, and where it stands."""

    file: Path
    module: str
    line: int


@dataclass(frozen=True, slots=True)
class Reach:
    """A way from a named file to a banned module."""

    way: tuple[Edge, ...]
    ban: Ban


def reaching(closure: Closure, bans: Mapping[Path, Collection[Ban]]) -> Iterator[Reach]:
    """The shortest way from each named file that no other leads to, to each banned module that is not its own import.

    A module that others lead to is told with them, or by itself.
    """
    imported = {edge.imported for edges in closure.edges.values() for edge in edges}
    roots = [file for file in closure.named if file not in imported] or list(closure.named)
    for root in roots:
        seen: set[str] = {ban.module for ban in bans.get(root, ())}
        for way in _ways(root, closure):
            for ban in bans.get(way[-1].imported, ()):
                if ban.module not in seen:
                    seen.add(ban.module)
                    yield Reach(way, ban)


def _ways(root: Path, closure: Closure) -> Iterator[tuple[Edge, ...]]:
    """The shortest way to every file that a root reaches, nearest first."""
    first: dict[Path, tuple[Edge, ...]] = {root: ()}
    pending = deque([root])
    while pending:
        file = pending.popleft()
        if first[file]:
            yield first[file]
        for edge in closure.edges.get(file, ()):
            if edge.imported not in first:
                first[edge.imported] = (*first[file], edge)
                pending.append(edge.imported)
