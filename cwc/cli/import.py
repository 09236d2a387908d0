"""`cwc import`: flow files of the flows that Python code builds."""

from __future__ import annotations

from pathlib import Path

import click

from cwc.cli.options import NamedPath


@click.command(name="import")
@click.argument("module")
@click.option("--to", type=NamedPath(), help="The folder to write; by default the project's flows.")
@click.option("--as", "as_", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True)
@click.option("--force", is_flag=True, help="Replace files that are there.")
def command(module: str, to: Path | None, as_: str, force: bool) -> None:
    """Write a flow file for every flow that MODULE, a dotted name, builds with ChainWeaver at its top level.

    Flow objects count, and those in registries, executors, lists and mappings.

    The module is imported, so its code runs.
    """
    from cwc.cli.formats import finish
    from cwc.diagnostics.model import Report, SeveritySettings
    from cwc.driver.files import display_path
    from cwc.driver.project import Request, open_project
    from cwc.driver.tools.from_python import import_flows

    report = Report()
    project = open_project(Request(), report)
    if project is None:
        finish(report, SeveritySettings(), "text", files=0, flows=0)
    done = import_flows(module, project.config, report, to=to, json=as_ == "json", force=force)
    for path in done.written:
        click.echo(f"wrote {display_path(path)}")
    finish(report, project.settings, "text", files=len(done.written), flows=done.flows)
