"""`cwc init`: a small project that builds and runs at once."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cwc.cli.options import NamedPath
from cwc.driver.files import display_path, reason
from cwc.driver.no_project import SECTION, lacks_section
from cwc.driver.scaffold import TOOLS, lacks_tools, scaffold


@click.command(name="init")
@click.argument("folder", default=".", type=NamedPath(file_okay=False))
def command(folder: Path) -> None:
    """Scaffold a project in FOLDER. Files that are there already are kept."""
    try:
        made, kept = scaffold(folder)
    except OSError as error:
        raise click.UsageError(f"cannot write to {display_path(folder)}: {reason(error)}") from None
    for path in made:
        click.echo(f"wrote {path}")
    for path in kept:
        click.echo(f"kept {path}, which was there already", err=True)
    if lacks_section(folder / "pyproject.toml"):
        shown = display_path(folder / "pyproject.toml")
        click.echo(f"\n{shown} makes no project of the folder yet. Add to it:\n\n{SECTION}", nl=False)
    there = "" if folder == Path() else f"cd {folder} && "
    if lacks_tools(folder):
        own = display_path(folder / TOOLS)
        flow = display_path(folder / "flows" / "double_and_format.flow.yaml")
        click.echo(f"\n{own} is your own: write the names of its tools into {flow}.\nNext: {there}cwc build")
    else:
        click.echo(f"\nNext: {there}cwc build && cwc run double_and_format --input '{{\"number\": 5}}'")
    sys.exit(0)
