"""Calls of cwc, remembered: the same call over the same files says the same without compiling.

Everything that a call read or wrote is in its snapshot, by stat. Whatever is not exactly as it was, in a file or
in the snapshot itself, makes it worthless. This module imports nothing heavy, because most calls need nothing else.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields

from cwc import __version__
from cwc._stored import is_off, read_entry, write_entry
from cwc.driver.rebuilding.tracking import Signature, changed, latest, signature

FOLDER = ".cwc_cache"
"""The folder of the cache, in the project's root."""
KEPT = 16
"""How many snapshots are kept; the oldest go."""
_FORMAT = 2
_MARGIN_NS = 20_000_000
"""How coarse the clock of a file system may be: what is younger than a call could change again unseen."""


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """What other flows of the build set depend on. ``quiet``: there is nothing to say of it."""

    name: str
    version: str
    calls: list[str]
    quiet: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A call and what it came to. ``flows`` goes by the absolute paths of their files, which are among ``inputs``.

    ``stdout`` and ``stderr`` are what the call would print if it was made again. ``left_out`` are flow files with
    errors: they are in nothing else here, as if they had not been there, and come to be looked at by any other call.
    """

    inputs: dict[str, Signature]
    outputs: dict[str, Signature]
    stdout: str
    stderr: str
    out: str = ""
    files: int = 0
    left_out: list[str] = field(default_factory=list)
    flows: dict[str, FlowFacts] = field(default_factory=dict)

    def changed_inputs(self) -> list[str]:
        return changed(self.inputs)

    def is_current(self) -> bool:
        return not self.left_out and self.is_written() and not self.changed_inputs()

    def is_settled(self, began: int) -> bool:
        """Whether nothing it stands on can have changed while a call was at work that began then, in nanoseconds since
        the epoch: no file, and no folder in which a flow may have come too late for it."""
        folders = map(signature, {os.path.dirname(path) for path in self.flows})
        return latest((*self.inputs.values(), *folders)) < began - _MARGIN_NS

    def is_written(self) -> bool:
        """Whether what the call wrote is still there, and nothing that a killed build has left."""
        return not changed(self.outputs) and not (self.out and _has_leftovers(self.out))


class Call:
    """An invocation of cwc: its verb and options, and the interpreter and place that it is made in."""

    def __init__(self, verb: str, **options: object) -> None:
        self.began = time.time_ns()
        environment = {key: value for key, value in os.environ.items() if key.startswith("PYTHON")}
        python = [sys.version, sys.executable, sys.path, sys.getfilesystemencoding()]
        told = [verb, options, os.getcwd(), __version__, *python, environment]
        digest = hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode(errors="surrogatepass"))
        self.name = f"{verb}-{digest.hexdigest()[:32]}"

    def recall(self) -> Snapshot | None:
        """The snapshot of this call, whether or not it is still true; None if there is none to be trusted."""
        for folder in () if is_off() else _upwards(os.getcwd()):
            path = os.path.join(folder, FOLDER, self.name)
            if os.path.isfile(path):
                return _read(path)
        return None

    def remember(self, root: str, snapshot: Snapshot) -> None:
        """Keep a snapshot, unless something it stands on may have changed while the call was at work."""
        if is_off() or not snapshot.is_settled(self.began):
            return
        data = {each.name: getattr(snapshot, each.name) for each in fields(Snapshot)}
        data["flows"] = {path: _facts(flow) for path, flow in snapshot.flows.items()}
        with suppress(OSError):
            write_entry(os.path.join(root, FOLDER), self.name, {"format": _FORMAT, **data}, KEPT)


def _facts(flow: FlowFacts) -> list[object]:
    return [flow.name, flow.version, flow.calls, flow.quiet]


def configuration_files(root: str) -> list[str]:
    """Where the project's configuration is, and where one that would win might come to stand."""
    found = []
    for folder in _upwards(os.getcwd()):
        found.append(os.path.join(folder, "pyproject.toml"))
        if folder == root and os.path.isfile(found[-1]):
            break
    return found


def _upwards(folder: str) -> Iterator[str]:
    yield folder
    while (parent := os.path.dirname(folder)) != folder:
        folder = parent
        yield folder


def _has_leftovers(out: str) -> bool:
    with suppress(OSError):
        return any(name.startswith(".cwc-") for name in os.listdir(out))
    return False


def _is_whole(flow: FlowFacts) -> bool:
    is_listed = isinstance(flow.calls, list) and all(isinstance(name, str) for name in flow.calls)
    return is_listed and isinstance(flow.name, str) and isinstance(flow.version, str) and isinstance(flow.quiet, bool)


_KINDS: Mapping[str, type] = {
    "inputs": dict, "outputs": dict, "stdout": str, "stderr": str, "out": str, "files": int,
    "left_out": list,
}  # fmt: skip


def _read(path: str) -> Snapshot | None:
    data = read_entry(path)
    try:
        if data is None or data.pop("format") != _FORMAT:
            return None
        flows = data.pop("flows")
        assert isinstance(flows, Mapping)
        facts = {path: FlowFacts(*each) for path, each in flows.items()}
        found = Snapshot(flows=facts, **data)  # type: ignore[arg-type]
        assert all(isinstance(getattr(found, name), kind) for name, kind in _KINDS.items())
        assert all(map(_is_whole, facts.values()))
        assert all(isinstance(path, str) for path in found.left_out)
        return found
    except (TypeError, KeyError, AssertionError):
        return None
