"""`cwc build`: flow files to generated modules, each flow whole or not at all."""

from __future__ import annotations

from pathlib import Path

import click

from cwc.cli.options import compile_options, finish, request_of
from cwc.diagnostics.model import Report
from cwc.driver.project import build_project


@click.command(name="build")
@compile_options
@click.option("--out", "-o", type=click.Path(path_type=Path), help="The folder to write; by default generated/.")
@click.option("--force", is_flag=True, help="Replace files that were edited by hand or not written by cwc.")
def command(
    paths: tuple[Path, ...],
    tools: tuple[str, ...],
    lane: str | None,
    format_: str,
    strict: bool,
    out: Path | None,
    force: bool,
) -> None:
    """Compile the flow files at PATHS, files or folders; by default the project's flows."""
    report = Report()
    outcome = build_project(request_of(paths, tools, lane, strict, out), report, force=force)
    if format_ == "text":
        for path in outcome.written:
            click.echo(f"wrote {path}")
        for path in outcome.removed:
            click.echo(f"removed {path}")
        if outcome.flows and not outcome.written and not outcome.removed and outcome.unchanged:
            click.echo(f"up to date: {outcome.unchanged} modules")
    finish(report, outcome.settings, format_, files=outcome.files, flows=outcome.flows)
