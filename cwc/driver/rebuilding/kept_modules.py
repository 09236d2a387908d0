"""Modules that passed the contract, kept from build to build by the digest of their ingredients.

They lie in the user's own cache, never in the project, and are not held to the contract again: what a repository brings
along must not become code.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cwc._stored import cache_folder, put_entry, read_entry, thin_out
from cwc.emit.render import Artifact

FOLDER = "modules"
MOST = 128 * 2**20
"""About how many bytes are kept, of all projects together; what was not used for longest goes."""
_SHELVES = 256


class KeptModules:
    """The modules that are kept for a user: a build looks for them first, and puts there what it has made."""

    def __init__(self, root: Path) -> None:
        folder = cache_folder(str(root), os.getcwd())
        self.folder = None if folder is None else os.path.join(folder, FOLDER)

    def recall(self, digest: str) -> Artifact | None:
        """The module with these ingredients; None if it is not kept, or not as it was."""
        if self.folder is None:
            return None
        path = os.path.join(self.folder, digest[:2], digest)
        artifact = _read(path)
        if artifact is not None:
            with suppress(OSError):
                os.utime(path)
        return artifact

    def keep(self, modules: Mapping[str, Artifact]) -> None:
        """Keep modules that have passed the contract, by the digests of their ingredients, as far as that can be."""
        if self.folder is None:
            return
        with suppress(OSError):
            for digest, artifact in modules.items():
                data = {"text": artifact.text, "imports": sorted(artifact.imports)}
                put_entry(os.path.join(self.folder, digest[:2]), digest, data)
            for shelf in {digest[:2] for digest in modules}:
                thin_out(os.path.join(self.folder, shelf), MOST // _SHELVES)


def forget_modules(root: Path) -> None:
    """Remove the modules that are kept, of all projects: which of them are of which is not known."""
    folder = KeptModules(root).folder
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def _read(path: str) -> Artifact | None:
    match read_entry(path):
        case {"text": str(text), "imports": [*imports]} if all(map(_is_pair, imports)):
            return Artifact(text, frozenset(map(tuple, imports)))
    return None


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(each, str) for each in value)
