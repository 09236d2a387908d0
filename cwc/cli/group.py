"""The verbs and what each is for, known without importing them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from click.shell_completion import CompletionItem

from cwc import __version__
from cwc.cli import INTERRUPTED

VERBS = {
    "init": "Scaffold a project that builds and runs at once.",
    "build": "Compile flow files to Python modules.",
    "check": "Report what is wrong with flow files; write nothing.",
    "graph": "Draw a flow: its steps, and what leads from one to another.",
    "diff": "Tell what a change of a flow means.",
    "clean": "Remove what cwc wrote, and nothing else.",
    "run": "Run a flow and print its result as JSON.",
    "lock": "Write cwc.lock, for builds that import none of the project's code.",
    "flows": "List built flows, set their states, find tools that changed.",
    "contract": "Hold Python files to the determinism contract.",
    "watch": "Build again on every change.",
    "doctor": "Show versions, configuration, tools and files of the project.",
    "import": "Write flow files of the flows that Python code builds.",
    "schema": "Print a JSON Schema that cwc publishes.",
    "runs": "See, resume and discard the runs of a checkpoint store.",
    "explain": "Tell what a diagnostic code means and how to mend it.",
}


@contextmanager
def _ending_as_interrupted() -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, click.Abort):
        click.echo("cwc: interrupted", err=True)
        sys.exit(INTERRUPTED)


class LazyGroup(click.Group):
    """A group whose verbs are modules of this package, imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with the verb that was perhaps meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            close = get_close_matches(args[0], VERBS, n=1)
            if not close:
                raise
            raise click.UsageError(f"{error.message} Did you mean {close[0]!r}?", ctx) from None

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command = importlib.import_module(f"cwc.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the group's own arguments. An interrupt is told of as one of a verb is."""
        with _ending_as_interrupted():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> object:
        """Run a verb. An interrupt ends it as shells expect of one, and without more words."""
        with _ending_as_interrupted():
            return super().invoke(ctx)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Verbs with what they are for, and the group's own options; no verb is imported for it."""
        verbs = [CompletionItem(name, help=VERBS[name]) for name in VERBS if name.startswith(incomplete)]
        return verbs + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="cwc", message="cwc %(version)s")
def cwc() -> None:
    """The ahead-of-time compiler for tool flows."""
