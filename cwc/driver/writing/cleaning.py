"""Removing what cwc has written into a project's output folder, and what it has kept of its builds."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from cwc.diagnostics.model import Report, SeveritySettings
from cwc.driver.project import Outcome, Request, open_project
from cwc.driver.rebuilding.kept_modules import forget_modules
from cwc.driver.rebuilding.snapshot import FOLDER
from cwc.driver.writing.manifest import plan_changes, read_manifest
from cwc.driver.writing.output import apply


def clean_project(request: Request, report: Report, *, force: bool = False) -> Outcome:
    """Remove every file that cwc wrote into the output folder; those edited by hand stay, without ``force``."""
    project = open_project(request, report)
    if project is None:
        return Outcome(settings=SeveritySettings())
    out = project.config.out
    manifest = read_manifest(out, report)
    if manifest is None:
        return Outcome(settings=project.settings)
    shutil.rmtree(project.config.root / FOLDER, ignore_errors=True)
    forget_modules(project.config.root)
    changes = plan_changes(out, {}, manifest, force=force, report=report)
    if not apply(changes, report):
        return Outcome(settings=project.settings)
    if changes.remove:
        _remove_emptied(out)
    return Outcome(settings=project.settings, changes=changes)


def _remove_emptied(out: Path) -> None:
    """Remove a folder in which nothing is left but what Python keeps of the modules that were there."""
    with suppress(OSError):
        if out.is_symlink() or set(os.listdir(out)) - {"__pycache__"}:
            return
        kept = out / "__pycache__"
        if kept.is_dir() and all(path.suffix == ".pyc" for path in kept.iterdir()):
            shutil.rmtree(kept)
        out.rmdir()
