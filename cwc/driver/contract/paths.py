"""The contract over paths that a user names: which files those are, what is checked how, and the report of it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cwc.contract.closure.check import Checked, check_closure
from cwc.contract.closure.project import Locator, top_of
from cwc.contract.closure.reached import Edge
from cwc.contract.closure.scopes import Imported
from cwc.contract.closure.violation import Violation
from cwc.contract.closure.world import World
from cwc.contract.configuration import path_matches
from cwc.contract.rules.table import table
from cwc.diagnostics.model import Diagnostic, Label, Report, SeveritySettings, define
from cwc.driver.contract.baseline import (
    INVALID_BASELINE,
    Key,
    beyond_baseline,
    is_taken_up,
    read_baseline,
    stale,
    write_baseline,
)
from cwc.driver.contract.cache import Cache
from cwc.driver.contract.settings import ContractSettings, load_settings
from cwc.driver.files import NOT_FOUND, display_path, written_path
from cwc.driver.writing.generated import GeneratedFiles
from cwc.source import Source, Span

NO_PYTHON = define("CWC819", "no_python", "error", "There is no Python file to check", project=True)


@dataclass(frozen=True, slots=True)
class ContractOutcome:
    """What came of a check: how severe findings are, and how many files were looked at."""

    settings: SeveritySettings
    files: int = 0


def check_contract(
    paths: Sequence[Path],
    report: Report,
    *,
    config: Path | None = None,
    update: bool = False,
    cached: bool = False,
) -> ContractOutcome:
    """Hold the Python files at ``paths``, and all that they reach, to the contract.

    ``config`` is a file of settings to use instead of the project's; ``update`` writes the baseline anew. ``cached``:
    what an earlier check of the same files found counts, and what this one finds is kept, in the user's cache.
    """
    settings = load_settings(Path.cwd(), report, file=config)
    if settings is None:
        return ContractOutcome(SeveritySettings())
    if update and settings.baseline is None:
        message = "there is no baseline to update: none is configured"
        help = 'name its file in pyproject.toml: baseline = "contract-baseline.json" under [tool.cwc.contract]'
        report.add(Diagnostic(definition=INVALID_BASELINE, message=message, help=(help,)))
        return ContractOutcome(settings.severities)
    named = list(dict.fromkeys(find_python(paths, settings, report)))
    if not named:
        if not report.diagnostics:
            report.add(Diagnostic(definition=NO_PYTHON, message="there is no Python file at the paths that were named"))
        return ContractOutcome(settings.severities)
    world = World(_locator(named, settings), display_path)
    generated = GeneratedFiles(settings, report)
    declared = {module for file in named if (data := world.bytes_of(file)) for module in generated.tools(file, data)}
    tools = frozenset(tool_files(settings.contract.tools | declared, settings.root, world))

    def is_generated(file: Path) -> bool:
        return generated.claims(file, world.bytes_of(file))

    followed = [file for file in named if file not in tools]
    cache = Cache.of(followed, world, settings, tools, date.today()) if cached else None
    checked = cache.recall(is_generated) if cache is not None else None
    if checked is None:
        checked = check_closure(followed, world, settings.contract, tools, date.today(), is_generated)
        if cache is not None:
            cache.remember(checked, is_generated)
    for file in filter(is_generated, checked.closure.order):
        report.diagnostics.extend(generated.check(file, world.bytes_of(file) or b""))
    violations = _unknown(checked, world, settings, report, update=update)
    for violation in violations:
        report.add(_diagnostic(violation, checked, world, report))
    return ContractOutcome(settings.severities, len(checked.closure.order))


def _unknown(
    checked: Checked, world: World, settings: ContractSettings, report: Report, *, update: bool
) -> list[Violation]:
    """The findings that are not in the project's baseline, and the entries of it that nothing answers to."""
    if settings.baseline is None:
        return checked.violations
    is_first = not settings.baseline.exists()
    known = read_baseline(settings.baseline, report)
    if known is None:
        return []
    if update and is_first:
        keys = (_key(violation, world) for violation in checked.violations)
        known = Counter(key for key in keys if is_taken_up(key))
    new, used = beyond_baseline(checked.violations, known, lambda violation: _key(violation, world))
    looked_at = {written_path(world.relative(file)) for file in checked.closure.order}
    old = list(stale(known, used, looked_at))
    if update:
        write_baseline(settings.baseline, {**known, **{key: used[key] for key in old}})
        return new
    shown = display_path(settings.baseline)
    for code, path, text in old:
        why = "and it is not there any more" if is_taken_up((code, path, text)) else "which no baseline can hide"
        message = f"the baseline lists {code} in {path!r}, at `{text[:60]}`, {why}"
        rule = table()["DET904"]
        report.add(
            Diagnostic(definition=rule.definition, message=message, primary=Label(shown), general=(rule.instead,))
        )
    return new


def _key(violation: Violation, world: World) -> Key:
    lines = (world.text(violation.file) or "").splitlines()
    text = lines[violation.line - 1].strip() if 0 < violation.line <= len(lines) else ""
    return violation.code, written_path(world.relative(violation.file)), text


def find_python(paths: Sequence[Path], settings: ContractSettings, report: Report) -> Iterator[Path]:
    """The Python files at the paths: files as they are named, and those in folders, by name."""
    for path in paths:
        absolute = Path(os.path.abspath(path))
        if os.path.isdir(absolute):
            yield from _walk(absolute, settings)
        elif os.path.lexists(absolute):
            yield absolute
        else:
            message = f"cannot read {display_path(path)!r}: there is no such file or folder"
            report.add(Diagnostic(definition=NOT_FOUND, message=message, primary=Label(display_path(path))))


def _walk(folder: Path, settings: ContractSettings) -> Iterator[Path]:
    """Python files in a folder and below; each folder once, however many links lead to it.

    A folder that cannot be listed is given itself: as a file that cannot be read.
    """
    seen: set[str] = set()
    pending = [folder]
    while pending:
        current = pending.pop()
        real = os.path.realpath(current)
        if real in seen:
            continue
        seen.add(real)
        try:
            entries = sorted(os.scandir(current), key=lambda entry: entry.name)
        except OSError:
            yield current
            continue
        for entry in entries:
            path = current / entry.name
            if entry.name.startswith(".") or entry.name == "__pycache__" or _is_excluded(path, settings):
                continue
            if os.path.isdir(path):
                if not os.path.exists(path / "pyvenv.cfg"):
                    pending.append(path)
            elif entry.name.endswith(".py"):
                yield path


def _is_excluded(path: Path, settings: ContractSettings) -> bool:
    if not settings.exclude or not path.is_relative_to(settings.root):
        return False
    relative = path.relative_to(settings.root).as_posix()
    return any(path_matches(pattern, relative) for pattern in settings.exclude)


def _locator(named: Sequence[Path], settings: ContractSettings) -> Locator:
    source = settings.root / "src"
    roots = [settings.root, *settings.sources]
    if source.is_dir() and not (source / "__init__.py").exists():
        roots.append(source)
    guessed = dict.fromkeys(top_of(file) for file in named)
    return Locator(tuple(dict.fromkeys(roots)), tuple(guessed))


def tool_files(names: Collection[str], root: Path, world: World) -> Iterator[Path]:
    """The files of the modules that the configuration and manifests list as tools."""
    for name in sorted(names):
        found = world.find(Imported(name), root / "pyproject.toml")
        if found is not None and found.module is not None and found.missing is None:
            yield found.module


def _diagnostic(violation: Violation, checked: Checked, world: World, report: Report) -> Diagnostic:
    rule = table().rules.get(violation.code)
    way = checked.closure.way(violation.file) if violation.way is None else violation.way
    path = display_path(violation.file)
    _make_known(violation.file, world, report)
    for edge in way:
        _make_known(edge.importer, world, report)
    assert rule is not None
    return Diagnostic(
        definition=rule.definition,
        message=violation.message,
        primary=Label(path, _span(report, path, violation)),
        chain=tuple(_hop(edge, world, report) for edge in way),
        general=(rule.instead,),
        severity=violation.weight,
    )


def _hop(edge: Edge, world: World, report: Report) -> Label:
    path = display_path(edge.importer)
    source = report.sources.get(path)
    span = None if source is None else source.span_of(edge.line, edge.column, edge.end_line, edge.end_column)
    return Label(path, span, f"`{world.name(edge.importer)}` imports `{world.name(edge.imported)}`")


def _span(report: Report, path: str, violation: Violation) -> Span | None:
    source = report.sources.get(path)
    if source is None:
        return None
    return source.span_of(violation.line, violation.column, violation.end_line, violation.end_column)


def _make_known(file: Path, world: World, report: Report) -> None:
    path = display_path(file)
    if path not in report.sources and (text := world.text(file)) is not None:
        report.add_source(Source(path, text, ""))
