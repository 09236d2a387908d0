"""What an earlier contract check found, as long as everything that it stands on is as it was.

Entries lie in the user's own cache, never in the project: what a repository brings along must not hide a finding.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

from cwc import __version__
from cwc._stored import cache_folder, read_entry, write_entry
from cwc.contract.closure.check import Checked
from cwc.contract.closure.reached import Closure, Edge
from cwc.contract.closure.violation import Violation
from cwc.contract.closure.world import World
from cwc.driver.contract.settings import ContractSettings

KEPT = 200
"""How many entries are kept, of all projects together; the oldest go."""
_FORMAT = 1
_CODE = Path(__file__).resolve().parents[2] / "contract"


class Cache:
    """The entry of one check: which files were named, under which settings, by which cwc and Python."""

    def __init__(self, folder: str, name: str, named: Sequence[Path], world: World, today: date) -> None:
        self.folder = folder
        self.name = name
        self.named = named
        self.world = world
        self.today = today.isoformat()

    @classmethod
    def of(
        cls, named: Sequence[Path], world: World, settings: ContractSettings, tools: frozenset[Path], today: date
    ) -> Cache | None:
        """None where there is no folder that only the user writes to."""
        folder = cache_folder(str(settings.root), os.getcwd())
        if folder is None:
            return None
        locator = world.locator
        told = [_FORMAT, __version__, sys.version, _code(), os.getcwd(), settings.contract, tools]
        told += [list(named), list(locator.roots), list(locator.guessed)]
        digest = hashlib.sha256(json.dumps(_plain(told)).encode()).hexdigest()
        return cls(folder, f"contract-{digest}", named, world, today)

    def recall(self, is_generated: Callable[[Path], bool]) -> Checked | None:
        """What the check found, if every file and folder that it looked at is as it was."""
        data = read_entry(os.path.join(self.folder, self.name))
        if data is None:
            return None
        try:
            return self._recalled(data, is_generated)
        except (TypeError, KeyError, ValueError, IndexError, AttributeError):
            return None

    def _recalled(self, data: dict[str, Any], is_generated: Callable[[Path], bool]) -> Checked | None:
        locator = self.world.locator
        is_current = (
            data["day"] in ("", self.today)
            and all(_listing(locator.names(path)) == known for path, known in data["folders"].items())
            and all(locator.is_folder(path) is known for path, known in data["kinds"].items())
            and all(_state(self.world, Path(path)) == known for path, known in data["files"].items())
        )
        if not is_current:
            return None
        order = [Path(path) for path in data["order"]]
        if [is_generated(file) for file in order] != data["generated"]:
            return None
        closure = Closure(tuple(self.named), order)
        closure.first = {
            file: None if edge is None else _edge(edge) for file, edge in zip(order, data["first"], strict=True)
        }
        return Checked(closure, list(map(_violation, data["violations"])))

    def remember(self, checked: Checked, is_generated: Callable[[Path], bool]) -> None:
        """Keep what a check found; what cannot be kept is not."""
        listed, kinds = self.world.locator.asked
        order = checked.closure.order
        read = self.world.data
        data = {
            "day": self.today if any(b"until=" in each for each in read.values()) else "",
            "folders": {path: _listing(names) for path, names in listed.items()},
            "kinds": kinds,
            "files": {str(file): _state(self.world, file) for file in {**read, **self.world.broken}},
            "order": list(map(str, order)),
            "generated": list(map(is_generated, order)),
            "first": [_plain(checked.closure.first[file]) for file in order],
            "violations": list(map(_plain, checked.violations)),
        }
        with suppress(OSError):
            write_entry(self.folder, self.name, data, KEPT)


def _code() -> list[object]:
    """The rules' own code, by stat: a version may change under development."""
    found: list[object] = []
    for folder in (_CODE, _CODE / "closure", _CODE / "rules"):
        with suppress(OSError):
            for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
                if entry.name.endswith(".py"):
                    status = entry.stat()
                    found.append([entry.name, status.st_size, status.st_mtime_ns])
    return found


def _state(world: World, file: Path) -> str:
    """What a file holds, as a digest; why it cannot be read, where it cannot."""
    data = world.bytes_of(file)
    return hashlib.sha256(data).hexdigest() if data is not None else world.broken[file].reason


def _listing(names: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(sorted(names)).encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: object) -> Any:
    """A value as JSON can hold it, the same in every process."""
    if is_dataclass(value):
        return [_plain(getattr(value, each.name)) for each in fields(value)]
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return list(map(_plain, value))
    return str(value) if isinstance(value, Path) else value


def _edge(value: list[Any]) -> Edge:
    importer, imported, *place = value
    return Edge(Path(importer), Path(imported), *place)


def _violation(value: list[Any]) -> Violation:
    names = [each.name for each in fields(Violation)]
    told = dict(zip(names, value, strict=True))
    way = told["way"]
    told |= {"file": Path(told["file"]), "way": None if way is None else tuple(map(_edge, way))}
    return Violation(**told)
