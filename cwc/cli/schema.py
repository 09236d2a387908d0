"""`cwc schema`: the JSON Schemas of the files that cwc reads and writes."""

from __future__ import annotations

import click

NAMES = ("flow", "lock", "manifest", "project", "report", "state")


@click.command(name="schema")
@click.argument("name", type=click.Choice(NAMES))
def command(name: str) -> None:
    """Print the JSON Schema NAME.

    flow: flow files. project: [tool.cwc] in pyproject.toml. report: what --format json prints. lock: cwc.lock.
    manifest and state: the files beside generated modules.
    """
    from cwc._resources import schemas_folder

    click.echo((schemas_folder() / f"{name}.schema.json").read_text("utf-8"), nl=False)
