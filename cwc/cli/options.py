"""The options that the verbs which compile flows share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from cwc.cli.formats import Command, format_option


class NamedPath(click.Path):
    """A path that names something. An empty one, of an unset variable for one, would be the working directory."""

    def __init__(self, *, file_okay: bool = True) -> None:
        super().__init__(file_okay=file_okay, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not str(value) or "\0" in str(value):
            self.fail(f"{value!r} cannot be a path.", param, ctx)
        return super().convert(value, param, ctx)


def compile_options(command: Command) -> Command:
    """The options that decide what is compiled, and how the report is shown."""
    decorators: list[Callable[[Command], Command]] = [
        click.argument("paths", nargs=-1, type=NamedPath()),
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
