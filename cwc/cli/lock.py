"""`cwc lock`: write down what the flows' tools are, so that `cwc build --locked` need not import them."""

from __future__ import annotations

import click


@click.command(name="lock")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if the lock is not up to date.")
@click.option("--tools", "-t", multiple=True, metavar="MODULE", help="A module of tools; may be repeated.")
@click.option("--format", "format_", type=click.Choice(["text", "json", "github", "sarif"]), default="text")
def command(check: bool, tools: tuple[str, ...], format_: str) -> None:
    """Write cwc.lock: the schemas and declarations of every tool and class that the project's flows use."""
    from cwc.cli.formats import finish, without_notes
    from cwc.diagnostics.model import Report
    from cwc.driver.files import display_path
    from cwc.driver.project import Request
    from cwc.driver.tools.locking import lock_project

    report = Report()
    settings, written = lock_project(Request(tools=tools), report, check=check)
    if written is not None and format_ == "text":
        click.echo(f"wrote {display_path(written)}")
    finish(without_notes(report, settings), settings, format_, files=0, flows=0)
