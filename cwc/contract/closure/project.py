"""Where modules are found: import roots, packages and their parents, relative imports, namespace packages."""

from __future__ import annotations

import importlib.machinery
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cwc.contract.closure.scopes import Imported

STANDARD = frozenset(sys.stdlib_module_names)
_EARLY = frozenset(sys.builtin_module_names) | {
    "abc", "codecs", "encodings", "io", "os", "posixpath", "ntpath", "genericpath", "site", "stat", "importlib",
    "_collections_abc", "_sitebuiltins", "zipimport", "__future__", "builtins", "sys",
}  # fmt: skip
"""Modules that Python has loaded before any code of a project runs; a file of that name never stands for them."""
_INSTALLED = ("site-packages", "dist-packages")
_NATIVE = tuple(importlib.machinery.EXTENSION_SUFFIXES)


@dataclass(frozen=True, slots=True)
class Found:
    """What an import leads to in the repository: files that it runs, parents first.

    ``missing`` names what should be there and is not. ``folder`` is the package or namespace package that ``name`` of a
    ``from`` import is looked up in.
    """

    files: tuple[Path, ...] = ()
    missing: str | None = None
    module: Path | None = None
    submodule: Path | None = None


@dataclass(slots=True)
class Locator:
    """Finds modules by files only. ``roots`` are the folders that stand on the import path, first ones first."""

    roots: Sequence[Path]
    guessed: Sequence[Path] = ()
    _listed: dict[str, frozenset[str]] = field(default_factory=dict)

    def find(self, imported: Imported, importer: Path) -> Found | None:
        """Where an import leads; None if it leads out of the repository."""
        if imported.level:
            return self._relative(imported, importer)
        parts = tuple(imported.module.split("."))
        if parts[0] in _EARLY:
            return None
        for root in self._candidates(importer, parts[0]):
            if self._exists(root, parts[0]):
                return self._walk(root, parts, imported, imported.module)
        return None

    def _candidates(self, importer: Path, first: str) -> Iterator[Path]:
        """Folders that may hold a module. Of installed packages only those that are looked at themselves count."""
        guessed = () if first in STANDARD else (top_of(importer), *self.guessed)
        for root in (*self.roots, *guessed):
            if root.name not in _INSTALLED or importer.is_relative_to(root / first):
                yield root

    def _relative(self, imported: Imported, importer: Path) -> Found:
        folder = importer.parent
        for _ in range(imported.level - 1):
            folder = folder.parent
        shown = "." * imported.level + imported.module
        parts = tuple(part for part in imported.module.split(".") if part)
        return self._walk(folder, parts, imported, shown)

    def _walk(self, folder: Path, parts: tuple[str, ...], imported: Imported, shown: str) -> Found:
        """Go down from ``folder`` along ``parts``, and on to the submodule that ``from`` may name."""
        files: list[Path] = []
        here: Path | None = folder
        module: Path | None = self.module(folder / "__init__") if not parts else None
        if module is not None:
            files.append(module)
        for index, part in enumerate(parts):
            if here is None or not self._exists(here, part):
                if module is not None and index:
                    return Found(tuple(files), shown, module)
                return Found(tuple(files), shown)
            package = self.is_folder(here, part)
            module = self.module(here / part / "__init__") if package else None
            if module is None:
                plain = self.module(here / part)
                module, package = (plain, False) if plain is not None else (None, package)
            if module is not None:
                files.append(module)
            here = here / part if package else None
        return self._named(files, module, here, imported, shown)

    def _named(
        self, files: list[Path], module: Path | None, folder: Path | None, imported: Imported, shown: str
    ) -> Found:
        name = imported.name
        if name is None or name == "*" or folder is None:
            return Found(tuple(files), None, module)
        submodule = self.module(folder / name / "__init__") or self.module(folder / name)
        if submodule is not None:
            return Found((*files, submodule), None, module, submodule)
        if module is None and not self._exists(folder, name):
            dotted = f"{shown}{name}" if shown.endswith(".") else f"{shown}.{name}"
            return Found(tuple(files), dotted)
        return Found(tuple(files), None, module)

    def module(self, stem: Path) -> Path | None:
        """The source file of a module; a compiled one counts as none, for it cannot be read."""
        return stem.with_name(f"{stem.name}.py") if f"{stem.name}.py" in self.names(stem.parent) else None

    def is_folder(self, folder: Path, name: str) -> bool:
        return name in self.names(folder) and os.path.isdir(folder / name)

    def names(self, folder: Path) -> frozenset[str]:
        """The names in a folder, exactly as they are spelt, on any file system."""
        key = str(folder)
        if key not in self._listed:
            try:
                self._listed[key] = frozenset(os.listdir(folder))
            except (OSError, ValueError):
                self._listed[key] = frozenset()
        return self._listed[key]

    def _exists(self, folder: Path, name: str) -> bool:
        names = self.names(folder)
        if f"{name}.py" in names or any(f"{name}{suffix}" in names for suffix in _NATIVE):
            return True
        return name in names and self._holds_python(folder / name, 4)

    def _holds_python(self, folder: Path, depth: int) -> bool:
        """Whether a folder may be a package: a folder of data beside the code does not hide a library of its name."""
        names = self.names(folder) if os.path.isdir(folder) else frozenset()
        if any(name.endswith((".py", *_NATIVE)) for name in names):
            return True
        return depth > 0 and any(
            name.isidentifier() and self._holds_python(folder / name, depth - 1) for name in sorted(names)
        )


def top_of(file: Path) -> Path:
    """The folder above the outermost package that a file belongs to."""
    folder = file.parent
    while os.path.isfile(folder / "__init__.py") and folder.parent != folder:
        folder = folder.parent
    return folder


def module_name(file: Path, roots: Sequence[Path]) -> str:
    """The dotted name that people know a file by."""
    for root in (*sorted(roots, key=lambda root: -len(root.parts)), top_of(file)):
        if file.is_relative_to(root):
            parts = list(file.relative_to(root).with_suffix("").parts)
            if parts[-1] == "__init__" and len(parts) > 1:
                parts.pop()
            return ".".join(parts)
    return file.stem
