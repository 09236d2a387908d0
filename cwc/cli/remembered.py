"""Calls that come to what an earlier build came to: said again without compiling, where nothing has changed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from cwc.cli.formats import Ending, colors
from cwc.driver.rebuilding.snapshot import Call, Snapshot

if TYPE_CHECKING:
    from cwc.diagnostics.model import Report
    from cwc.driver.project import Outcome, Request

_REMEMBERED = ("text", "json")
"""Formats that say the same whatever the environment."""


def recall(format_: str, wishes: dict[str, Any], *, silent: bool) -> tuple[Call, Snapshot | None]:
    """This call, and what an earlier build of these wishes came to. If that is still so, say it and exit.

    ``silent``: the call prints the report only.
    """
    asked = {name: value for name, value in wishes.items() if value and name != "jobs"}
    call = Call("build", format=format_, color=colors(sys.stderr), **asked)
    past = call.recall() if format_ in _REMEMBERED else None
    if past is not None and past.is_current():
        if past.stdout and not (silent and format_ == "text"):
            click.echo(past.stdout)
        if past.stderr:
            click.echo(past.stderr, err=True, color=colors(sys.stderr))
        sys.exit(0)
    return call, past


def remember(
    call: Call, past: Snapshot | None, request: Request, outcome: Outcome, report: Report, ending: Ending, says: str
) -> None:
    """Keep what a build came to. ``says`` is what it would print if there was nothing to do."""
    from cwc.driver.rebuilding.remembering import snapshot_of

    if ending.code > 1 or outcome.config is None or (ending.format not in _REMEMBERED):
        return
    stdout, stderr = (says, ending.text) if ending.err else (ending.text, "")
    snapshot = snapshot_of(request, outcome, report, stdout=stdout, stderr=stderr, before=past)
    if snapshot is not None:
        call.remember(str(outcome.config.root), snapshot)
