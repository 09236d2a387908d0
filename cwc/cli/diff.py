"""`cwc diff`: what a change of a flow means."""

from __future__ import annotations

import sys

import click

from cwc.cli.formats import finish
from cwc.diagnostics.model import Report
from cwc.driver.comparing import FORMS, compare
from cwc.driver.comparing.changes import Version
from cwc.driver.comparing.versions import open_version


@click.command(name="diff")
@click.argument("old")
@click.argument("new")
@click.option("--format", "form", type=click.Choice(list(FORMS)), default="text", show_default=True)
@click.option("--tools", "-t", multiple=True, metavar="MODULE", help="A module of tools; may be repeated.")
def command(old: str, new: str, form: str, tools: tuple[str, ...]) -> None:
    """Tell how the flow NEW differs from OLD: steps, wiring, types, collisions, lanes, effects, and what is wrong.

    Each is a flow file, the name of one of the project's flows, or REVISION:PATH, a flow file in a commit of git: as in
    git, PATH is from the top of the repository, and ./PATH from here. Both are compiled with the tools that there are
    now. Exits with 0 if they mean the same, with 1 if they differ, with 2 if
    one of them is not there.
    """
    report = Report()
    versions: list[Version] = []
    for name in (old, new):
        version, settings = open_version(name, tools, report)
        if version is None:
            finish(report, settings, "text", files=1, flows=1)
        versions.append(version)
    comparison = compare(*versions)
    click.echo(FORMS[form](comparison), nl=False)
    sys.exit(1 if comparison.changes else 0)
