"""`cwc clean`: remove what cwc wrote, and nothing else."""

from __future__ import annotations

from pathlib import Path

import click

from cwc.cli.formats import finish
from cwc.cli.options import NamedPath
from cwc.diagnostics.model import Report
from cwc.driver.project import Request
from cwc.driver.writing.cleaning import clean_project


@click.command(name="clean")
@click.option("--out", "-o", type=NamedPath(), help="The folder to clean; by default generated/.")
@click.option("--force", is_flag=True, help="Remove files that were edited by hand, too.")
def command(out: Path | None, force: bool) -> None:
    """Remove the generated modules of the project, the manifest, and what cwc remembers."""
    report = Report()
    outcome = clean_project(Request(out=out), report, force=force)
    for path in outcome.removed:
        click.echo(f"removed {path}")
    finish(report, outcome.settings, "text", files=0, flows=0)
