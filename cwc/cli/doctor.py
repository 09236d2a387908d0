"""`cwc doctor`: what cwc sees of this machine and this project, to find out why something is not as expected."""

from __future__ import annotations

import json

import click


@click.command(name="doctor")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(format_: str) -> None:
    """Show versions, the configuration in force and where each value comes from, the tools, and the files of cwc.

    Exits with 1 if a module of tools fails when it is imported, 2 if there is none of that name, or if the
    configuration or one of cwc's files cannot be used.
    """
    from dataclasses import asdict
    from pathlib import Path

    from cwc.cli.formats import finish
    from cwc.diagnostics.model import Report
    from cwc.driver.doctor import examine

    report = Report()
    found = examine(Path.cwd(), report)
    if format_ == "json":
        sections = {title: [asdict(line) for line in lines] for title, lines in found.sections.items()}
        click.echo(json.dumps({"version": 1, **sections}, indent=2))
    else:
        for title, lines in found.sections.items():
            click.echo(title)
            width = max(len(line.name) for line in lines)
            for line in lines:
                note = f"  ({line.note})" if line.note else ""
                click.echo(f"  {line.name:{width}}  {line.value}{note}")
    finish(report, found.settings, "text", files=0, flows=0)
