"""`cwc check`: everything that a build would report, and nothing written."""

from __future__ import annotations

from typing import Any

import click

from cwc.cli.formats import READABLE, finish
from cwc.cli.options import compile_options
from cwc.diagnostics.model import Report
from cwc.driver.project import Request, check_project
from cwc.plan.explain import explain_context as explain


@click.command(name="check")
@compile_options
@click.option("--explain-context", is_flag=True, help="Print which keys the context holds at each step, and why.")
def command(format_: str, explain_context: bool, **wishes: Any) -> None:
    """Check the flow files at PATHS, files or folders; by default the project's flows."""
    report = Report()
    outcome = check_project(Request(**wishes), report)
    if explain_context and format_ in READABLE and outcome.compiled is not None:
        click.echo("\n".join(explain(flow.plan, report) for flow in outcome.compiled.flows), nl=False)
    finish(report, outcome.settings, format_, files=outcome.files, flows=outcome.flows)
