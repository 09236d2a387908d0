"""`cwc graph`: a flow as a drawing."""

from __future__ import annotations

from pathlib import Path

import click

from cwc.cli.formats import finish
from cwc.cli.options import NamedPath
from cwc.diagnostics.model import Report
from cwc.driver.files import display_path
from cwc.driver.running import find_flow
from cwc.driver.views import DRAWINGS, ENDS, form_of
from cwc.driver.writing.output import write_file


@click.command(name="graph")
@click.argument("flow")
@click.option(
    "--as",
    "form",
    type=click.Choice(list(DRAWINGS)),
    show_default="by the name of the output file, else ascii",
    help="What to draw it as.",
)
@click.option(
    "--output", "-o", type=NamedPath(), metavar="FILE", help="The file to write; by default, and as -, standard output."
)
@click.option("--tools", "-t", multiple=True, metavar="MODULE", help="A module of tools; may be repeated.")
def command(flow: str, form: str | None, output: Path | None, tools: tuple[str, ...]) -> None:
    """Draw FLOW, a flow file or the name of one of the project's flows. It is drawn with its mistakes, if it has any.

    An svg or html page needs nothing else: write it to a file and open that in a browser.
    """
    to_file = output if output is not None and str(output) != "-" else None
    drawn_as = form or form_of(to_file)
    if drawn_as is None:
        shown = display_path(to_file) if to_file is not None else ""
        raise click.UsageError(f"No drawing is named as {shown!r} is: name it {', '.join(ENDS)}, or give --as.")
    report = Report()
    found = find_flow(flow, tools, report)
    kept = Report()
    if found.flow is not None:
        drawing = DRAWINGS[drawn_as](found.flow.plan)
        if to_file is None:
            click.echo(drawing, nl=False)
        elif write_file(to_file, drawing.encode("utf-8", "backslashreplace"), kept):
            click.echo(f"wrote {display_path(to_file)}")
    errors = [diagnostic for diagnostic in report if found.settings.of(diagnostic) == "error"]
    kept.extend(Report(errors, report.sources, report.documents))
    finish(kept, found.settings, "text", files=1, flows=1)
