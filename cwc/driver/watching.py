"""Building again whenever something that a build reads has changed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from cwc.diagnostics.model import Report
from cwc.driver.config import load_config
from cwc.driver.files import is_flow_file
from cwc.driver.project import Outcome, Request, build_project
from cwc.driver.rebuilding.remembering import snapshot_of
from cwc.driver.rebuilding.snapshot import Snapshot

_PASSED_OVER = {"__pycache__", "node_modules", "site-packages"}


def watched_folders(request: Request) -> list[Path]:
    """The folders whose changes matter: the project's, and those of flows outside of it."""
    config = load_config(Path.cwd(), Report())
    root = Path.cwd() if config is None else config.root
    flows = request.paths or (() if config is None else config.flows)
    outside = [path if path.is_dir() else path.parent for path in map(Path.absolute, flows)]
    found = [root, *(path for path in outside if path.is_dir() and not path.is_relative_to(root))]
    return list(dict.fromkeys(found))


def matters(path: Path, out: Path | None) -> bool:
    """Whether a build can read the file: flow files, Python modules, the configuration and the lock."""
    if out is not None and path.is_relative_to(out):
        return False
    if any(part in _PASSED_OVER or part.startswith(".") for part in path.parent.parts):
        return False
    return is_flow_file(path.name) or path.suffix == ".py" or path.name in ("pyproject.toml", "cwc.lock")


def output_folder(request: Request) -> Path | None:
    """The folder that builds write, whose changes are no reason to build."""
    if request.out is not None:
        return request.out.absolute()
    config = load_config(Path.cwd(), Report())
    return None if config is None else config.out


def builds(request: Request, changes: Iterable[object]) -> Iterator[tuple[Outcome, Report]]:
    """A build now, and one after each change, of what has changed where that does. What is wrong with the project is
    reported, and ends nothing."""
    past: Snapshot | None = None
    for _ in chain((None,), changes):
        began, report = time.time_ns(), Report()
        outcome = build_project(request, report, past=past)
        if not report.has_errors(outcome.settings):
            past = snapshot_of(request, outcome, report, stdout="", stderr="", before=past)
            past = past if past is not None and past.is_settled(began) else None
        yield outcome, report
