"""Hand-written modules against the contract: the closure of the named files, every rule over it, chains to findings."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from cwc.contract.closure.arguments import tell_parameters
from cwc.contract.closure.dynamic import dynamic_imports
from cwc.contract.closure.evaluate import Evaluator, Exhausted
from cwc.contract.closure.inspect import Inspector
from cwc.contract.closure.reached import Closure, EdgesOf, reach
from cwc.contract.closure.reaching import IMPORTS, Ban, reaching
from cwc.contract.closure.scopes import ImportSite, View
from cwc.contract.closure.suppressions import allowances
from cwc.contract.closure.violation import Violation
from cwc.contract.closure.weighing import weighed
from cwc.contract.closure.world import World
from cwc.contract.configuration import ContractConfig
from cwc.contract.rules.table import table

# Each level of an expression is a handful of calls here; CPython's own parser stops at about this depth.
RECURSION = 5_000
LEAST_STEPS, STEPS = 300_000, 20
"""A module that takes more steps than these, and so many for each node of the closure, is refused."""


@dataclass(slots=True)
class Checked:
    """What a check found, by file in the order of the closure."""

    closure: Closure
    violations: list[Violation] = field(default_factory=list)


def check_closure(
    named: Sequence[Path],
    world: World,
    config: ContractConfig,
    tools: frozenset[Path],
    today: date,
    is_generated: Callable[[Path], bool] = lambda file: False,
) -> Checked:
    """Hold the named files and all that they reach to the rules.

    ``today`` decides which comments have expired. Generated modules are followed, and held to their own contract
    elsewhere.
    """
    with _deeper():
        return _checked(named, world, config, tools, today, is_generated)


@contextmanager
def _deeper() -> Iterator[None]:
    """Room for expressions as deep as people write them; what is deeper still cannot be checked, and is reported."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _checked(
    named: Sequence[Path],
    world: World,
    config: ContractConfig,
    tools: frozenset[Path],
    today: date,
    is_generated: Callable[[Path], bool],
) -> Checked:
    evaluator = Evaluator(world)
    edges = EdgesOf(world, config, tools)
    closure = reach(named, world, config, edges)
    views = [view for file in closure.order if (view := world.view(file)) is not None and file not in tools]
    evaluator.budget = _steps(world)
    tell_parameters(evaluator, views)
    evaluator.budget = _steps(world)
    closure = _with_dynamic(named, world, config, edges, evaluator, closure)
    inspector = Inspector(evaluator, table(), config, tools)
    checked = Checked(closure)
    steps = _steps(world)
    for file in closure.order:
        if file not in tools and not is_generated(file):
            found = _violations(file, world, inspector, steps)
            view = world.view(file)
            comments = allowances(view.text) if view is not None else []
            checked.violations.extend(weighed(file, world.relative(file), found, comments, config, today))
    checked.violations.extend(_reaching(checked, world))
    return checked


def _reaching(checked: Checked, world: World) -> Iterator[Violation]:
    bans: dict[Path, list[Ban]] = {}
    for one in checked.violations:
        if one.code in IMPORTS and one.subject and one.weight != "note":
            bans.setdefault(one.file, []).append(Ban(one.file, one.subject, one.line))
    for found in reaching(checked.closure, bans):
        edge = found.way[0]
        names = [world.name(edge.importer), *(world.name(each.imported) for each in found.way), found.ban.module]
        message = f"`{found.ban.module}` is reached: {' -> '.join(names)} (line {found.ban.line})"
        place = edge.line, edge.column, edge.end_line, edge.end_column
        yield Violation("DET110", edge.importer, message, *place, way=found.way)


def _with_dynamic(
    named: Sequence[Path], world: World, config: ContractConfig, edges: EdgesOf, evaluator: Evaluator, closure: Closure
) -> Closure:
    """The closure again, with what literal imports by call lead to."""
    done: set[Path] = set()
    while True:
        fresh = [file for file in closure.order if file not in done]
        if not fresh:
            return closure
        done.update(fresh)
        more = False
        for file in fresh:
            view = world.view(file)
            sites = [] if view is None or file in edges.tools else _dynamic(evaluator, view)
            if view is not None and sites:
                view.imports.extend(sites)
                more = True
        if not more:
            return closure
        closure = reach(named, world, config, edges)


def _steps(world: World) -> int:
    """How many steps the search for facts may take: some for each node of what is known."""
    return LEAST_STEPS + STEPS * sum(len(view.parents) for view in world.views.values() if view is not None)


def _dynamic(evaluator: Evaluator, view: View) -> list[ImportSite]:
    try:
        return list(dynamic_imports(evaluator, view))
    except (RecursionError, Exhausted):
        evaluator.give_up(view)
        return []


def _violations(file: Path, world: World, inspector: Inspector, steps: int) -> list[Violation]:
    view = world.view(file)
    broken = world.broken.get(file)
    if broken is not None:
        line = max(broken.line, 1)
        return [
            Violation(
                "DET905", file, f"it cannot be checked: {broken.reason}", line, broken.column, line, broken.column
            )
        ]
    if view is None:
        return []
    evaluator = inspector.evaluator
    evaluator.budget = steps
    try:
        raw = inspector.inspect(view)
    except (RecursionError, Exhausted):
        evaluator.give_up(view)
        raw = []
    if file in evaluator.unfinished:
        message = "it cannot be checked: it is nested too deeply, or hangs on itself in too many ways"
        return [Violation("DET905", file, message, 1, 1, 1, 1)]
    lines = _lines(view)
    found = []
    for each in raw:
        node = each.found.node
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        end_line = getattr(node, "end_lineno", None) or line
        end_column = getattr(node, "end_col_offset", None) or column
        found.append(
            Violation(
                each.rule.definition.code,
                file,
                each.found.message,
                line,
                _column(lines, line, column),
                end_line,
                _column(lines, end_line, end_column),
                each.found.weight or each.rule.weight,
                each.found.subject,
            )
        )
    return sorted(found, key=lambda one: (one.line, one.column, one.code))


def _lines(view: View) -> list[str]:
    """Lines as Python counts them."""
    return view.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _column(lines: list[str], line: int, offset: int) -> int:
    """A column in characters, from 1, of an offset in UTF-8 bytes."""
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "ignore")) + 1
