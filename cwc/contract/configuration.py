"""What a project says of the contract, as values: tools, allowances, carve-outs. Read by the driver, passed down."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

PURE = frozenset({
    "annotated_types", "attr", "attrs", "cwc", "numpy", "packaging", "pydantic", "pydantic_core", "typing_extensions",
})  # fmt: skip
"""Third-party packages that any module may import; what of them is not pure is banned by name."""


@dataclass(frozen=True, slots=True)
class CarveOut:
    """An import that is not followed: from modules to modules, both dotted names or patterns (``app.*``)."""

    importer: str
    imported: str
    reason: str

    def covers(self, importer: str, imported: str) -> bool:
        return _matches(self.importer, importer) and _matches(self.imported, imported)


@dataclass(frozen=True, slots=True)
class Profile:
    """What holds for the files that a pattern names, POSIX paths relative to the project root."""

    paths: tuple[str, ...]
    allow: frozenset[str] = frozenset()
    severity: tuple[tuple[str, Literal["error", "warning", "note", "off"]], ...] = ()
    reason: str = ""

    def covers(self, path: str) -> bool:
        return any(path_matches(pattern, path) for pattern in self.paths)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractConfig:
    """The contract of one project. ``tools`` are dotted names of modules that are not followed."""

    tools: frozenset[str] = frozenset()
    third_party: frozenset[str] = PURE
    allow_seeded_random: bool = False
    carve_outs: tuple[CarveOut, ...] = ()
    profiles: tuple[Profile, ...] = ()


def path_matches(pattern: str, path: str) -> bool:
    """Whether a path is the one that a pattern names, or stands below it; ``*`` crosses no folder, ``**`` does."""
    wanted, parts = pattern.strip("/").split("/"), path.split("/")
    return _parts_match(tuple(wanted), tuple(parts))


def _parts_match(wanted: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    if not wanted:
        return True
    if wanted[0] == "**":
        return any(_parts_match(wanted[1:], parts[index:]) for index in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], wanted[0]) and _parts_match(wanted[1:], parts[1:])


def _matches(pattern: str, name: str) -> bool:
    return fnmatchcase(name, pattern) or (pattern.endswith(".*") and name == pattern[:-2])
