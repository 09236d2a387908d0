"""`cwc explain`: what a code means, with a wrong and a right flow."""

from __future__ import annotations

import re
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
    """The definition of a code, in any case and with or without its letters, or of a slug. Raises click.UsageError."""
    by_name = {name.casefold(): each for each in definitions for name in (each.code, each.slug)}
    wanted = code.casefold()
    found = by_name.get(wanted) or by_name.get(f"cwc{wanted}")
    if found is None:
        close = _close(wanted, definitions)
        hint = f" Did you mean {', '.join(close)}?" if close else ""
        raise click.UsageError(f"There is no diagnostic {code!r}.{hint} `cwc explain` lists them all.")
    return found


def _close(wanted: str, definitions: list[Definition]) -> list[str]:
    """What may have been meant: for a code its neighbours, for a word the slugs that are like it or hold it."""
    digits = re.fullmatch(r"(cwc|det)?-?(\d{1,3})", wanted)
    if digits is None:
        slugs = [each.slug for each in definitions]
        holding = [slug for slug in slugs if len(wanted) > 2 and wanted in slug]
        return list(dict.fromkeys((*get_close_matches(wanted, slugs, n=1), *holding)))[:5]
    letters = (digits[1] or "cwc").upper()
    codes = [each.code for each in definitions if each.code.startswith(letters)]
    return sorted(codes, key=lambda known: abs(int(known[3:]) - int(digits[2])))[:3]
