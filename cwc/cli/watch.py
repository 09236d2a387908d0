"""`cwc watch`: build again on every change, one line a build, until it is interrupted."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from cwc.cli.options import NamedPath


@click.command(name="watch")
@click.argument("paths", nargs=-1, type=NamedPath())
@click.option("--tools", "-t", multiple=True, metavar="MODULE", help="A module of tools; may be repeated.")
@click.option("--out", "-o", type=NamedPath(), help="The folder to write; by default generated/.")
def command(paths: tuple[Path, ...], tools: tuple[str, ...], out: Path | None) -> None:
    """Build the flow files at PATHS whenever they, the project's Python files or its configuration change.

    Needs the extra cwc[watch]. Ends with Ctrl-C.
    """
    from cwc.driver.project import Request
    from cwc.driver.watching import builds

    request = Request(paths=paths, tools=tools, out=out)
    for outcome, report in builds(request, _changes(request)):
        _show(outcome, report)


def _changes(request: Any) -> Iterator[object]:
    try:
        from watchfiles import watch
    except ImportError:
        raise click.UsageError("cwc watch needs watchfiles: pip install 'cwc[watch]'.") from None
    from cwc.driver.watching import matters, output_folder, watched_folders

    def is_reason(_: object, path: str) -> bool:
        return matters(Path(path), output_folder(request))

    changes: Iterator[object] = watch(*watched_folders(request), watch_filter=is_reason)
    return changes


def _show(outcome: Any, report: Any) -> None:
    """One line about a build on stdout, and what is wrong on stderr."""
    from cwc.cli.formats import colors
    from cwc.diagnostics.text import render_text

    errors = sum(outcome.settings.of(found) == "error" for found in report)
    changed = [*outcome.written, *(f"-{path}" for path in outcome.removed)]
    state = f"{errors} error{'s' * (errors != 1)}" if errors else "ok"
    what = f"wrote {', '.join(changed)}" if changed else "nothing changed"
    text = render_text(report, outcome.settings, color=colors(sys.stderr)).rstrip("\n")
    if text:
        click.echo(text, err=True)
    click.echo(f"{outcome.flows} flow{'s' * (outcome.flows != 1)}: {state}, {what}")
    sys.stdout.flush()
