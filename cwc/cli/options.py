"""The options that the verbs which compile flows share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from cwc.cli.formats import Command, format_option


def compile_options(command: Command) -> Command:
    """The options that decide what is compiled, and how the report is shown."""
    decorators: list[Callable[[Command], Command]] = [
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
        click.option("--locked", is_flag=True, help="Take tools from cwc.lock, and import none of the project's code."),
        click.option(
            "--jobs",
            type=click.IntRange(min=1),
            metavar="N",
            help="How many processes check generated modules; by default as many as there are processors.",
        ),
        format_option,
        click.option("--strict", is_flag=True, help="Make warnings errors."),
        click.option("--strict-types", is_flag=True, help="Make warnings about types errors."),
    ]
    for decorate in reversed(decorators):
        command = decorate(command)
    return command
