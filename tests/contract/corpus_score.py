"""What a checker finds of the corpus: it is given folders to look at, and gives the codes that it reports by file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from click.testing import CliRunner

from cwc.cli import group
from tests.contract.corpus_cases import Package, Snippet, packages, snippets
from tests.projects import inside

# A folder that is the import root and the paths in it to check; codes by POSIX path relative to the folder.
Checker = Callable[[Path, Sequence[str]], Mapping[str, set[str]]]


@dataclass(slots=True)
class Tally:
    """How many of a kind were right, and what was wrong with the others."""

    total: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, right: bool, what: str) -> None:
        self.total += 1
        if not right:
            self.wrong.append(what)

    @property
    def share(self) -> float:
        return 1 - len(self.wrong) / self.total if self.total else 1.0


def contract(folder: Path, paths: Sequence[str]) -> dict[str, set[str]]:
    """The errors and warnings of ``cwc contract``; notes are not findings."""
    with inside(folder):
        ran = CliRunner().invoke(group.cwc, ["contract", *paths, "--format", "json"], catch_exceptions=False)
    assert ran.exit_code in (0, 1), ran.output
    found: dict[str, set[str]] = {}
    for one in json.loads(ran.stdout)["diagnostics"]:
        if one["severity"] != "note":
            found.setdefault(one["path"] or "", set()).add(one["code"])
    return found


def accepts(wanted: frozenset[str], codes: set[str]) -> bool:
    return bool(wanted & codes) if wanted else not codes


def judge_snippets(kind: str, folder: Path, checker: Checker) -> dict[str, Tally]:
    """A tally by topic. All snippets of a kind are checked in one go."""
    cases: list[Snippet] = list(snippets(kind))
    for case in cases:
        (folder / f"{case.name}.py").write_text(case.text, "utf-8")
    found = checker(folder, ["."])
    tallies: dict[str, Tally] = {}
    for case in cases:
        codes = found.get(f"{case.name}.py", set())
        what = f"{case.name} ({case.title}): wanted {sorted(case.codes) or 'nothing'}, got {sorted(codes) or 'nothing'}"
        tallies.setdefault(case.topic, Tally()).add(accepts(case.codes, codes), what)
    return tallies


def judge_package(case: Package, folder: Path, checker: Checker) -> str | None:
    """What is wrong with the findings on a package, if anything is."""
    case.write(folder)
    codes = {code for codes in checker(folder, case.paths).values() for code in codes}
    missing = [sorted(wanted) for wanted in case.expected if not wanted & codes]
    surplus = codes if not case.expected else set()
    if not missing and not surplus:
        return None
    return f"{case.name}: missing {missing}, got {sorted(codes) or 'nothing'}"


def judge_packages(folder: Path, checker: Checker) -> tuple[Tally, Tally]:
    """Those with something to find, and those without."""
    dirty, clean = Tally(), Tally()
    for case in packages():
        place = folder / case.name
        place.mkdir()
        problem = judge_package(case, place, checker)
        (dirty if case.expected else clean).add(problem is None, problem or "")
    return dirty, clean
