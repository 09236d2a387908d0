"""`cwc check`: everything that a build would report, and nothing written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cwc.cli.formats import READABLE, finish
from cwc.cli.options import compile_options
from cwc.cli.remembered import recall

if TYPE_CHECKING:
    from cwc.diagnostics.model import Report
    from cwc.driver.project import Outcome, Request


@click.command(name="check")
@compile_options
@click.option("--fix", is_flag=True, help="Mend the mistakes that have one sure remedy, and report the others.")
@click.option("--explain-context", is_flag=True, help="Print which keys the context holds at each step, and why.")
def command(format_: str, fix: bool, explain_context: bool, **wishes: Any) -> None:
    """Check the flow files at PATHS, files or folders; by default the project's flows."""
    past = None if fix or explain_context else recall(format_, wishes, silent=True)[1]
    from cwc.diagnostics.model import Report
    from cwc.driver.project import Request, check_project

    report = Report()
    outcome = _mend(Request(**wishes), report, format_) if fix else check_project(Request(**wishes), report, past=past)
    if explain_context and format_ in READABLE and outcome.compiled is not None:
        from cwc.plan.explain import explain_context as explain

        click.echo("\n".join(explain(flow.plan, report) for flow in outcome.compiled.flows), nl=False)
    finish(report, outcome.settings, format_, files=outcome.files, flows=outcome.flows)


def _mend(request: Request, report: Report, format_: str) -> Outcome:
    from cwc.driver.fixing import fix_project

    mended = fix_project(request, report)
    for path, count in sorted(mended.files.items()):
        if format_ in READABLE:
            click.echo(f"mended {path}: {count} {'mistake' if count == 1 else 'mistakes'}")
    return mended.outcome
