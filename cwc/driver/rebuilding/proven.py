"""Shapes of generated modules that keep the contract, kept from build to build.

They lie in the user's own cache, never in the project: what a repository brings along must not hide a finding.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cwc import __version__
from cwc._stored import cache_folder, read_entry, write_entry
from cwc.contract.generated import CLEAN

MOST = 10_000
"""How many shapes are kept; with more, it is begun anew."""
_KEPT = 200
"""How many entries of a user's cache are kept; the oldest go."""
_CODE = Path(__file__).resolve().parents[2] / "contract"


@contextmanager
def remembering_shapes(root: Path) -> Iterator[None]:
    """Know the shapes of earlier builds meanwhile, and keep new ones if nothing is raised."""
    folder = cache_folder(str(root), os.getcwd())
    name = f"shapes-{_grammar()}"
    known = set() if folder is None else _recalled(os.path.join(folder, name))
    CLEAN.update(known)
    before = CLEAN.copy()
    yield
    new = CLEAN - before
    if folder is not None and new:
        kept = new if len(known) + len(new) > MOST else known | new
        with suppress(OSError):
            write_entry(folder, name, {"shapes": sorted(kept)}, _KEPT)


def _recalled(path: str) -> set[str]:
    shapes = (read_entry(path) or {}).get("shapes")
    return {shape for shape in shapes if isinstance(shape, str)} if isinstance(shapes, list) else set()


def _grammar() -> str:
    """The grammar's own code: a version may change under development."""
    told: list[object] = [__version__]
    for path in sorted((*_CODE.glob("*.py"), *_CODE.glob("grammar/*.py"))):
        with suppress(OSError):
            status = path.stat()
            told.append([path.name, status.st_size, status.st_mtime_ns])
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]
