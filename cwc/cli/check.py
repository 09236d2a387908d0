"""`cwc check`: everything that a build would report, and nothing written."""

from __future__ import annotations

from pathlib import Path

import click

from cwc.cli.options import compile_options, finish, request_of
from cwc.diagnostics.model import Report
from cwc.driver.project import check_project


@click.command(name="check")
@compile_options
def command(paths: tuple[Path, ...], tools: tuple[str, ...], lane: str | None, format_: str, strict: bool) -> None:
    """Check the flow files at PATHS, files or folders; by default the project's flows."""
    report = Report()
    outcome = check_project(request_of(paths, tools, lane, strict), report)
    finish(report, outcome.settings, format_, files=outcome.files, flows=outcome.flows)
