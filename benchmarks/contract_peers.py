"""`python -m benchmarks.contract_peers`: what cwc and its peers find of the adversarial corpus, as a Markdown table.

A peer is right about a case with something to find if it reports anything there; cwc must report an accepted code.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.banned_names import CALLS, MODULES
from benchmarks.transitive_pass import transitive
from tests.contract.corpus_cases import packages, snippets
from tests.contract.corpus_score import Checker, Tally, accepts, contract, judge_snippets

RUFF = "B006,B008,DTZ003,DTZ004,DTZ005,DTZ006,DTZ011,DTZ012,F403,PLC0208,PLC2401,PLC2403,PLW0603,PLW0602,S102,S301"
RUFF += ",S302,S307,S311,S404,S605,S606,S607,TID251"
ANY = "found"


@dataclass(frozen=True, slots=True)
class Peer:
    """A checker, what it is called in the table, and whether its codes are cwc's."""

    name: str
    checker: Checker
    ours: bool = False


def ruff(folder: Path, paths: Sequence[str]) -> Mapping[str, set[str]]:
    """Ruff with every banned name as ``banned-api``, and its own rules that bear on determinism."""
    banned = "\n".join(f'"{name}".msg = "banned"' for name in sorted({*CALLS, *MODULES}))
    with tempfile.TemporaryDirectory() as place:
        config = Path(place) / "ruff.toml"
        config.write_text(f"[lint.flake8-tidy-imports.banned-api]\n{banned}\n", "utf-8")
        options = ["--config", str(config), "--select", RUFF, "--output-format", "json", "--no-cache", "--exit-zero"]
        command = [sys.executable, "-m", "ruff", "check", "--ignore-noqa", *options, *paths]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    found: dict[str, set[str]] = {}
    for entry in json.loads(done.stdout):
        if entry["code"] not in (None, "invalid-syntax"):
            found.setdefault(os.path.relpath(entry["filename"], folder.resolve()), set()).add(entry["code"])
    return found


def ruff_with_graph(folder: Path, paths: Sequence[str]) -> Mapping[str, set[str]]:
    """Ruff over the files that ``ruff analyze graph`` says are reached from the named ones."""
    command = [sys.executable, "-m", "ruff", "analyze", "graph", "--preview", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    edges: dict[str, list[str]] = json.loads(done.stdout)
    todo = [one for path in paths for one in _files(folder, path)]
    reached: set[str] = set()
    while todo:
        path = todo.pop()
        if path not in reached:
            reached.add(path)
            todo.extend(edges.get(path, ()))
    return ruff(folder, sorted(reached))


def import_graph(folder: Path, paths: Sequence[str]) -> Mapping[str, set[str]]:
    """Import-linter's forbidden contract, whole modules banned, over its graph (grimp)."""
    script = Path(__file__).with_name("forbidden_imports.py")
    names = [one for path in paths for one in _files(folder, path)]
    command = [sys.executable, str(script), json.dumps(sorted({name.split(".")[0] for name in (*CALLS, *MODULES)}))]
    done = subprocess.run([*command, *names], cwd=folder, capture_output=True, text=True, check=True)
    return {path: {ANY} for path in json.loads(done.stdout)}


PEERS = (
    Peer("ruff, banned-api and its own rules", ruff),
    Peer("the same over `ruff analyze graph`", ruff_with_graph),
    Peer("import-linter, whole modules forbidden", import_graph),
    Peer("a transitive pass over names, by hand", transitive),
    Peer("**cwc contract**", contract, ours=True),
)


def processor_seconds() -> float:
    """Of this process and those that it has waited for: what else the machine does counts little."""
    return sum(os.times()[:4])


def measured(peer: Peer) -> tuple[list[str], float]:
    """The cells of a peer's row, and the seconds of processor time that it took, with its processes."""
    start = processor_seconds()
    cells = [_snippets(peer, kind) for kind in ("core", "extended")]
    dirty, clean = _packages(peer)
    cells += [f"{dirty.share:.1%}", f"{1 - _fine(peer).share:.1%}", f"{1 - clean.share:.1%}"]
    return cells, processor_seconds() - start


def _snippets(peer: Peer, kind: str) -> str:
    tally = Tally()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if peer.ours:
            for one in judge_snippets(kind, folder, peer.checker).values():
                tally.total += one.total
                tally.wrong += one.wrong
            return f"{tally.share:.1%}"
        cases = list(snippets(kind))
        for case in cases:
            (folder / f"{case.name}.py").write_text(case.text, "utf-8")
        found = peer.checker(folder, ["."])
    for case in cases:
        tally.add(f"{case.name}.py" in found, case.title)
    return f"{tally.share:.1%}"


def _fine(peer: Peer) -> Tally:
    tally = Tally()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        cases = list(snippets("fine"))
        for case in cases:
            (folder / f"{case.name}.py").write_text(case.text, "utf-8")
        found = peer.checker(folder, ["."])
    for case in cases:
        tally.add(f"{case.name}.py" not in found, case.title)
    return tally


def _packages(peer: Peer) -> tuple[Tally, Tally]:
    dirty, clean = Tally(), Tally()
    for case in packages():
        with tempfile.TemporaryDirectory() as place:
            case.write(Path(place))
            found = {code for codes in peer.checker(Path(place), case.paths).values() for code in codes}
        if not case.expected:
            clean.add(not found, case.name)
        elif peer.ours:
            dirty.add(all(accepts(wanted, found) for wanted in case.expected), case.name)
        else:
            dirty.add(bool(found), case.name)
    return dirty, clean


def _files(folder: Path, path: str) -> list[str]:
    place = folder / path
    return [place.relative_to(folder).as_posix()] if place.is_file() else _below(folder, place)


def _below(folder: Path, place: Path) -> list[str]:
    return sorted(one.relative_to(folder).as_posix() for one in place.rglob("*.py"))


def main() -> None:
    os.environ["CWC_NO_CACHE"] = "1"
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("ruff", "import-linter", "grimp"))
    counts = ", ".join(f"{sum(1 for _ in snippets(kind))} {kind}" for kind in ("core", "extended", "fine"))
    boxes = [bool(case.expected) for case in packages()]
    sys.stdout.write(f"{counts}; {sum(boxes)} packages with something to find, {len(boxes) - sum(boxes)} without\n")
    sys.stdout.write(
        f"Python {sys.version.split()[0]}, {versions}; {len(CALLS)} names, {len(MODULES)} modules banned\n\n"
    )
    sys.stdout.write(
        "| checker | core | extended | packages | false, fine snippets | false, clean packages | processor seconds |\n"
    )
    sys.stdout.write("| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n")
    for peer in PEERS:
        cells, seconds = measured(peer)
        sys.stdout.write(f"| {peer.name} | {' | '.join(cells)} | {seconds:.1f} |\n")


if __name__ == "__main__":
    main()
