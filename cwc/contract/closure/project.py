"""Where modules are found: import roots, packages and their parents, relative imports, namespace packages."""

from __future__ import annotations

import importlib.machinery
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
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
    _paths: dict[str, Path] = field(default_factory=dict)
    _tops: dict[str, str] = field(default_factory=dict)
    _folders: dict[str, bool] = field(default_factory=dict)

    @property
    def asked(self) -> tuple[Mapping[str, frozenset[str]], Mapping[str, bool]]:
        """All that was looked up on the disk so far: the names in folders, and which paths are folders."""
        return self._listed, self._folders

    def find(self, imported: Imported, folder: str) -> Found | None:
        """Where an import in a module of ``folder`` leads; None if it leads out of the repository."""
        if imported.level:
            for _ in range(imported.level - 1):
                folder = os.path.dirname(folder)
            parts = [part for part in imported.module.split(".") if part]
            return self._walk(folder, parts, imported, "." * imported.level + imported.module)
        parts = imported.module.split(".")
        if parts[0] in _EARLY:
            return None
        for root in self._candidates(folder, parts[0]):
            if self._exists(root, parts[0]):
                return self._walk(root, parts, imported, imported.module)
        return None

    def _candidates(self, folder: str, first: str) -> Iterator[str]:
        """Folders that may hold a module. Of installed packages only those that are looked at themselves count."""
        guessed = () if first in STANDARD else (self._top(folder), *map(str, self.guessed))
        for root in (*map(str, self.roots), *guessed):
            own = os.path.join(root, first)
            if os.path.basename(root) not in _INSTALLED or folder == own or folder.startswith(own + os.sep):
                yield root

    def _walk(self, folder: str, parts: Sequence[str], imported: Imported, shown: str) -> Found:
        """Go down from ``folder`` along ``parts``, and on to the submodule that ``from`` may name."""
        files: list[Path] = []
        here: str | None = folder
        module = self._module(folder, "__init__") if not parts else None
        if module is not None:
            files.append(module)
        for part in parts:
            if here is None or not self._exists(here, part):
                return Found(tuple(files), shown, module)
            below = os.path.join(here, part)
            package = part in self.names(here) and self.is_folder(below)
            module = self._module(below, "__init__") if package else None
            if module is None and (plain := self._module(here, part)) is not None:
                module, package = plain, False
            if module is not None:
                files.append(module)
            here = below if package else None
        return self._named(files, module, here, imported, shown)

    def _named(
        self, files: list[Path], module: Path | None, folder: str | None, imported: Imported, shown: str
    ) -> Found:
        name = imported.name
        if name is None or name == "*" or folder is None:
            return Found(tuple(files), None, module)
        submodule = self._module(os.path.join(folder, name), "__init__") or self._module(folder, name)
        if submodule is not None:
            return Found((*files, submodule), None, module, submodule)
        if module is None and not self._exists(folder, name):
            dotted = f"{shown}{name}" if shown.endswith(".") else f"{shown}.{name}"
            return Found(tuple(files), dotted)
        return Found(tuple(files), None, module)

    def package(self, folder: str) -> Path | None:
        """The `__init__` of a folder."""
        return self._module(folder, "__init__")

    def _module(self, folder: str, name: str) -> Path | None:
        """The source file of a module; a compiled one counts as none, for it cannot be read."""
        if f"{name}.py" not in self.names(folder):
            return None
        key = os.path.join(folder, f"{name}.py")
        return self._paths.setdefault(key, Path(key))

    def _top(self, folder: str) -> str:
        """The folder above the outermost package that a folder belongs to."""
        if folder not in self._tops:
            above = os.path.dirname(folder)
            is_package = "__init__.py" in self.names(folder) and above != folder
            self._tops[folder] = self._top(above) if is_package else folder
        return self._tops[folder]

    def names(self, folder: str) -> frozenset[str]:
        """The names in a folder, exactly as they are spelt, on any file system."""
        if folder not in self._listed:
            try:
                self._listed[folder] = frozenset(os.listdir(folder))
            except (OSError, ValueError):
                self._listed[folder] = frozenset()
        return self._listed[folder]

    def is_folder(self, path: str) -> bool:
        if path not in self._folders:
            self._folders[path] = os.path.isdir(path)
        return self._folders[path]

    def _exists(self, folder: str, name: str) -> bool:
        names = self.names(folder)
        if f"{name}.py" in names or any(f"{name}{suffix}" in names for suffix in _NATIVE):
            return True
        return name in names and self._holds_python(os.path.join(folder, name), 4)

    def _holds_python(self, folder: str, depth: int) -> bool:
        """Whether a folder may be a package: a folder of data beside the code does not hide a library of its name."""
        names = self.names(folder)
        if any(name.endswith((".py", *_NATIVE)) for name in names):
            return True
        return depth > 0 and any(
            name.isidentifier() and self._holds_python(os.path.join(folder, name), depth - 1) for name in sorted(names)
        )


def top_of(file: Path) -> Path:
    """The folder above the outermost package that a file belongs to."""
    folder = file.parent
    while os.path.isfile(folder / "__init__.py") and folder.parent != folder:
        folder = folder.parent
    return folder


def module_name(file: Path, roots: Sequence[Path]) -> str:
    """The dotted name that people know a file by."""
    path = str(file)
    root = max((top for each in roots if (top := os.path.join(each, "")) and path.startswith(top)), key=len, default="")
    parts = os.path.splitext(path[len(root or os.path.join(top_of(file), "")) :])[0].split(os.sep)
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    return ".".join(parts)
