"""Removing what cwc has written into a project's output folder, and what it has kept of its builds."""

from __future__ import annotations

import shutil

from cwc.diagnostics.model import Report, SeveritySettings
from cwc.driver.kept_modules import forget_modules
from cwc.driver.manifest import plan_changes, read_manifest
from cwc.driver.output import apply
from cwc.driver.project import Outcome, Request, open_project
from cwc.driver.snapshot import FOLDER


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
    return Outcome(settings=project.settings, changes=changes if apply(changes, report) else None)
