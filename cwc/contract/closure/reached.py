"""The closure: every module that the named ones reach by import, and the way that leads to each."""

from __future__ import annotations

import ast
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cwc.contract.closure.project import Found
from cwc.contract.closure.scopes import ImportSite, View
from cwc.contract.closure.suppressions import allowances
from cwc.contract.closure.world import World
from cwc.contract.configuration import ContractConfig


@dataclass(frozen=True, slots=True)
class Edge:
    """One import of a module of the repository: where it stands, and the file that it runs."""

    importer: Path
    imported: Path
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(slots=True)
class Closure:
    """Modules in the order in which they were reached, the edges between them, and how each was first reached."""

    named: tuple[Path, ...]
    order: list[Path] = field(default_factory=list)
    edges: dict[Path, list[Edge]] = field(default_factory=dict)
    first: dict[Path, Edge | None] = field(default_factory=dict)

    def way(self, file: Path) -> tuple[Edge, ...]:
        """The edges that lead from a named file to this one, first ones first."""
        way: list[Edge] = []
        edge = self.first.get(file)
        while edge is not None:
            way.append(edge)
            edge = self.first.get(edge.importer)
        return tuple(reversed(way))

    def root(self, file: Path) -> Path:
        way = self.way(file)
        return way[0].importer if way else file


def reach(named: Sequence[Path], world: World, config: ContractConfig, edges_of: EdgesOf) -> Closure:
    """Follow imports from the named files, nearest first."""
    closure = Closure(tuple(named))
    pending = deque(named)
    closure.first = dict.fromkeys(named)
    while pending:
        file = pending.popleft()
        closure.order.append(file)
        closure.edges[file] = list(edges_of(file))
        for edge in closure.edges[file]:
            if edge.imported not in closure.first:
                closure.first[edge.imported] = edge
                pending.append(edge.imported)
    return closure


class EdgesOf:
    """The edges of a file: its imports in the repository that are neither tools nor carved out."""

    def __init__(self, world: World, config: ContractConfig, tools: frozenset[Path]) -> None:
        self.world = world
        self.config = config
        self.tools = tools

    def __call__(self, file: Path) -> Iterator[Edge]:
        view = self.world.view(file)
        if view is None or file in self.tools:
            return
        seen: set[Path] = {file}
        allowed = {
            comment.line for comment in allowances(view.text) if comment.wrong is None and "DET110" in comment.codes
        }
        for parent in self.packages(file):
            if parent not in seen and parent not in self.tools and not self._is_carved(view, parent):
                seen.add(parent)
                yield Edge(file, parent, 1, 1, 1, 1)
        for site in view.imports:
            if site.node.lineno in allowed:
                continue
            found = self.world.find(site.imported, file)
            for target in self.targets(view, site, found):
                if target not in seen:
                    seen.add(target)
                    yield edge_at(file, target, site.node)

    def packages(self, file: Path) -> Iterator[Path]:
        """The packages that a module stands in: they run before it."""
        folder = os.path.dirname(str(file))
        if file.name == "__init__.py":
            folder = os.path.dirname(folder)
        while (package := self.world.locator.package(folder)) is not None:
            yield package
            folder = os.path.dirname(folder)

    def targets(self, view: View, site: ImportSite, found: Found | None) -> Iterable[Path]:
        """The files that an import runs. One that leads into a tool module runs its parents only."""
        if found is None:
            return ()
        return [file for file in found.files if file not in self.tools and not self._is_carved(view, file)]

    def _is_carved(self, view: View, file: Path) -> bool:
        if not self.config.carve_outs:
            return False
        name = self.world.name(file)
        return any(carved.covers(view.name, name) for carved in self.config.carve_outs)


def edge_at(importer: Path, imported: Path, node: ast.stmt | ast.expr) -> Edge:
    end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
    return Edge(importer, imported, node.lineno, node.col_offset + 1, end_line, end_column + 1)
