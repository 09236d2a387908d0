"""Options that several verbs share, and how a verb ends: the report on its stream, then the exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from cwc.diagnostics.as_json import render_json
from cwc.diagnostics.model import Report, SeveritySettings
from cwc.diagnostics.text import render_text

Command = Callable[..., Any]


def compile_options(command: Command) -> Command:
    """The options that decide what is compiled, and how the report is shown."""
    decorators = [
        click.argument("paths", nargs=-1, type=click.Path(path_type=Path)),
        click.option("--tools", "-t", multiple=True, metavar="MODULE", help="A module of tools; may be repeated."),
        click.option("--lane", type=click.Choice(["auto", "sync", "async", "both"]), help="Which lanes to build."),
        click.option(
            "--schedule",
            type=click.Choice(["levels", "dataflow"]),
            help="When the steps of a DAG flow begin on the async lane.",
        ),
        click.option(
            "--max-step-concurrency",
            type=click.IntRange(min=1),
            metavar="N",
            help="How many steps of a level run at once on the async lane, unless the caller says otherwise.",
        ),
        click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True),
        click.option("--strict", is_flag=True, help="Make warnings errors."),
    ]
    for decorate in reversed(decorators):
        command = decorate(command)
    return command


def finish(report: Report, settings: SeveritySettings, format_: str, *, files: int, flows: int) -> NoReturn:
    """Show the report and exit: 2 for a project error, 1 if an error remains, else 0."""
    if format_ == "json":
        click.echo(render_json(report, settings, files=files, flows=flows))
    else:
        text = render_text(report, settings, color=_color())
        if text:
            click.echo(text.rstrip("\n"), err=True)
    sys.exit(exit_code(report, settings))


def exit_code(report: Report, settings: SeveritySettings) -> int:
    errors = [diagnostic for diagnostic in report if settings.of(diagnostic) == "error"]
    if any(diagnostic.definition.project for diagnostic in errors):
        return 2
    return 1 if errors else 0


def _color() -> bool:
    import os

    return sys.stderr.isatty() and not os.environ.get("NO_COLOR")
