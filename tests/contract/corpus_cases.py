"""The adversarial corpus: snippets in ``corpus/<kind>/<topic>.txt``, folders of several files in ``corpus/packages``.

A snippet is headed ``### CODES | title``: any one of the codes counts as found, and ``fine`` means that none may be
reported. Text before the first heading is a comment. A package is a txtar archive: lines ``check: PATH…`` (what is
named on the command line) and ``expect: CODES`` (each line must be met by a finding; without one nothing may be
reported), then ``-- path --`` before the text of each file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
HEADING = re.compile(r"^### ([A-Z0-9 ]+|fine) \| (.+)$", re.MULTILINE)
FILE = re.compile(r"^-- (\S+) --$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Snippet:
    """One module by itself. ``name`` is its file name without the suffix: the topic and a number."""

    kind: str
    name: str
    title: str
    codes: frozenset[str]
    text: str

    @property
    def topic(self) -> str:
        return self.name.rpartition("_")[0]


@dataclass(frozen=True, slots=True)
class Package:
    """A folder of files; ``expected`` is empty when nothing may be reported."""

    name: str
    paths: tuple[str, ...]
    expected: tuple[frozenset[str], ...]
    files: tuple[tuple[str, str], ...]

    def write(self, folder: Path) -> None:
        for path, text in self.files:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")


def snippets(kind: str) -> Iterator[Snippet]:
    """Those of a kind, ``core``, ``extended`` or ``fine``, in the order of their files."""
    for path in sorted((CORPUS / kind).glob("*.txt")):
        _, *parts = HEADING.split(path.read_text("utf-8"))
        for number in range(0, len(parts), 3):
            codes, title, text = parts[number : number + 3]
            wanted = frozenset(codes.split()) - {"fine"}
            yield Snippet(kind, f"{path.stem}_{number // 3 + 1:03}", title, wanted, text.strip("\n") + "\n")


def packages() -> Iterator[Package]:
    for path in sorted((CORPUS / "packages").glob("*.txtar")):
        comment, *parts = FILE.split(path.read_text("utf-8"))
        paths = tuple(" ".join(re.findall(r"^check: (.+)$", comment, re.MULTILINE)).split())
        expected = tuple(frozenset(line.split()) for line in re.findall(r"^expect: (.+)$", comment, re.MULTILINE))
        files = tuple((parts[at], parts[at + 1].lstrip("\n")) for at in range(0, len(parts), 2))
        yield Package(path.stem, paths, expected, files)
