"""`cwc explain`: what a code means, with a wrong and a right flow."""

from __future__ import annotations

from difflib import get_close_matches

import click

from cwc.diagnostics.model import Definition
from cwc.diagnostics.pages import page
from cwc.driver.catalogue import all_definitions


@click.command(name="explain")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain CODE, a diagnostic's code or slug. Without one, list them all."""
    definitions = all_definitions()
    if code is None:
        width = max(len(definition.slug) for definition in definitions)
        for definition in definitions:
            click.echo(f"{definition.code}  {definition.slug:{width}}  {definition.severity:8}  {definition.summary}")
        return
    found = _find(code, definitions)
    text = page(found) or f"# {found.code} {found.slug}\n\n{found.summary}."
    click.echo(text.rstrip())


def _find(code: str, definitions: list[Definition]) -> Definition:
    by_name = {name: definition for definition in definitions for name in (definition.code, definition.slug)}
    wanted = next((name for name in by_name if name.casefold() == code.casefold()), None)
    if wanted is None:
        close = get_close_matches(code, by_name, n=1)
        hint = f" Did you mean {close[0]}?" if close else " Run `cwc explain` for the list."
        raise click.UsageError(f"There is no diagnostic {code!r}.{hint}")
    return by_name[wanted]
