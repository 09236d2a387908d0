"""`cwc explain`: what a code means, with a wrong and a right flow."""

from __future__ import annotations

import re
from difflib import get_close_matches

import click

from cwc.diagnostics.model import Definition
from cwc.diagnostics.pages import page
from cwc.driver.catalogue import all_definitions
from cwc.driver.run_errors import RunError, run_errors


@click.command(name="explain")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain CODE, a diagnostic's code or slug, or the code or class of an error at run time.

    Without one, list all diagnostics.
    """
    definitions = all_definitions()
    if code is None:
        width = max(len(definition.slug) for definition in definitions)
        for definition in definitions:
            click.echo(f"{definition.code}  {definition.slug:{width}}  {definition.severity:8}  {definition.summary}")
        return
    error = _run_error(code)
    if error is not None:
        click.echo(error.page.rstrip())
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


def _run_error(code: str) -> RunError | None:
    """The error at run time of a code or of a class; in any case."""
    wanted = code.casefold()
    named = (error for error in run_errors() if wanted in (error.name.casefold(), error.code.casefold()))
    return next(named, None)


def _close(wanted: str, definitions: list[Definition]) -> list[str]:
    """What may have been meant: for a code its neighbours, for a word the slugs that are like it or hold it."""
    digits = re.fullmatch(r"(cwc|det)?-?(\d{1,3})", wanted)
    if digits is None:
        slugs = [each.slug for each in definitions]
        holding = [slug for slug in slugs if len(wanted) > 2 and wanted in slug]
        classes = {error.name.casefold(): error.name for error in run_errors()}
        raised = [classes[name] for name in get_close_matches(wanted, classes, n=1, cutoff=0.8)]
        return list(dict.fromkeys((*raised, *get_close_matches(wanted, slugs, n=1), *holding)))[:5]
    letters = (digits[1] or "cwc").upper()
    codes = [each.code for each in definitions if each.code.startswith(letters)]
    return sorted(codes, key=lambda known: abs(int(known[3:]) - int(digits[2])))[:3]
