"""`cwc graph`: a flow as a drawing."""

from __future__ import annotations

import click

from cwc.cli.formats import finish
from cwc.diagnostics.model import Report
from cwc.driver.running import find_flow
from cwc.driver.views import DRAWINGS


@click.command(name="graph")
@click.argument("flow")
@click.option(
    "--as", "form", type=click.Choice(list(DRAWINGS)), default="ascii", show_default=True, help="What to draw it as."
)
@click.option("--tools", "-t", multiple=True, metavar="MODULE", help="A module of tools; may be repeated.")
def command(flow: str, form: str, tools: tuple[str, ...]) -> None:
    """Draw FLOW, a flow file or the name of one of the project's flows. It is drawn with its mistakes, if it has any.

    An svg or html page needs nothing else: write it to a file and open that in a browser.
    """
    report = Report()
    found = find_flow(flow, tools, report)
    if found.flow is not None:
        click.echo(DRAWINGS[form](found.flow.plan), nl=False)
    errors = [diagnostic for diagnostic in report if found.settings.of(diagnostic) == "error"]
    finish(Report(errors, report.sources, report.documents), found.settings, "text", files=1, flows=1)
