"""`cwc run`: run one flow and print the whole result as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from cwc.cli.formats import exit_code, finish
from cwc.diagnostics.model import Report
from cwc.driver.running import open_flow, run_flow
from cwc.runtime.errors import CwcError


@click.command(name="run")
@click.argument("flow")
@click.option("--input", "-i", "input_", default="{}", metavar="JSON|@FILE", help="The input: JSON, or @ and a file.")
@click.option("--lane", type=click.Choice(["sync", "async"]), default="sync", show_default=True)
@click.option("--tools", "-t", multiple=True, metavar="MODULE", help="A module of tools; may be repeated.")
@click.option("--force", is_flag=True, help="Run a flow whose status is not active.")
def command(flow: str, input_: str, lane: str, tools: tuple[str, ...], force: bool) -> None:
    """Run FLOW: a flow file, a generated module's .py file, or the name of one of the project's flows."""
    given = _input(input_)
    report = Report()
    opened = open_flow(flow, tools, report)
    if opened.flow is None:
        finish(report, opened.settings, "text", files=1, flows=1)
    if exit_code(report, opened.settings):
        finish(report, opened.settings, "text", files=1, flows=1)
    try:
        result = run_flow(opened.flow, given, lane=lane, force=force)
    except CwcError as error:
        click.echo(f"cwc: {type(error).__name__}: {error}", err=True)
        for note in getattr(error, "__notes__", ()):
            click.echo(f"  at {note}", err=True)
        sys.exit(1)
    click.echo(result.model_dump_json(indent=2))
    if result.failure is not None:
        for note in getattr(result.failure, "__notes__", ()):
            click.echo(f"cwc: failed at {note}", err=True)
    sys.exit(0 if result.success else 1)


def _input(text: str) -> dict[str, Any]:
    """The mapping that ``--input`` gives. Raises click.UsageError."""
    where = "--input"
    if text.startswith("@"):
        where = text[1:]
        try:
            text = Path(where).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError, ValueError) as error:
            raise click.UsageError(f"cannot read {where}: {error}") from None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"{where} is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise click.UsageError(f"{where} must be a JSON object")
    return value
