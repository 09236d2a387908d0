"""All modules of one check: read when they are first asked for, and held to what they import of each other."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cwc.contract.closure.project import Found, Locator, module_name
from cwc.contract.closure.reading import Unreadable, collected, decode, read_bytes
from cwc.contract.closure.scopes import Imported, View


@dataclass(slots=True)
class World:
    """``shown`` makes a path for people of a file. ``texts`` holds what was read, ``broken`` why a file was not."""

    locator: Locator
    shown: Callable[[Path], str]
    views: dict[Path, View | None] = field(default_factory=dict)
    data: dict[Path, bytes] = field(default_factory=dict)
    broken: dict[Path, Unreadable] = field(default_factory=dict)
    resolved: dict[tuple[Imported, str], Found | None] = field(default_factory=dict)
    names: dict[Path, str] = field(default_factory=dict)

    def bytes_of(self, file: Path) -> bytes | None:
        """What a file holds; None if it cannot be read."""
        if file not in self.data and file not in self.broken:
            try:
                self.data[file] = read_bytes(file)
            except Unreadable as error:
                self.broken[file] = error
        return self.data.get(file)

    def text(self, file: Path) -> str | None:
        """The text of a file, for people: as far as it is one."""
        data = self.bytes_of(file)
        if data is None:
            return None
        try:
            return decode(data)
        except Unreadable:
            return data.decode("utf-8", "replace")

    def view(self, file: Path) -> View | None:
        """A module; None if it cannot be read."""
        if file not in self.views:
            self.views[file] = None
            self.views[file] = self._read(file)
        return self.views[file]

    def find(self, imported: Imported, importer: Path) -> Found | None:
        """Where an import leads in the repository; None if it leads out of it."""
        folder = os.path.dirname(str(importer))
        key = (imported, folder)
        if key not in self.resolved:
            self.resolved[key] = self.locator.find(imported, folder)
        return self.resolved[key]

    def relative(self, file: Path) -> str:
        """The path of a file in the project, in POSIX form; the whole path of one outside."""
        path = str(file)
        return path.removeprefix(os.path.join(self.locator.roots[0], "")).replace(os.sep, "/")

    def name(self, file: Path) -> str:
        """The dotted name that people know a file by."""
        if file not in self.names:
            self.names[file] = module_name(file, self.locator.roots)
        return self.names[file]

    def _read(self, file: Path) -> View | None:
        data = self.bytes_of(file)
        if data is None:
            return None
        try:
            return collected(View(file, self.shown(file), self.name(file), decode(data), file.name == "__init__.py"))
        except Unreadable as error:
            self.broken[file] = error
            return None
