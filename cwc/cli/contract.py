"""`cwc contract`: Python files and all that they reach by import, held to the determinism contract."""

from __future__ import annotations

import gc
from pathlib import Path

import click

from cwc.cli.formats import finish, format_option
from cwc.cli.options import NamedPath
from cwc.diagnostics.model import Report
from cwc.driver.contract.paths import check_contract


@click.command(name="contract")
@click.argument("paths", nargs=-1, required=True, type=NamedPath())
@format_option
@click.option("--config", type=NamedPath(), metavar="FILE", help="Settings from another TOML file.")
@click.option("--update-baseline", is_flag=True, help="Take off the baseline what is mended; make it if there is none.")
@click.option("--no-cache", is_flag=True, help="Check everything anew, and keep nothing of it.")
def command(paths: tuple[Path, ...], format_: str, config: Path | None, update_baseline: bool, no_cache: bool) -> None:
    """Check the Python files at PATHS, files or folders, with everything of the project that they import."""
    report = Report()
    # Trees and facts stay until the check ends: looking for rubbish among them only takes time.
    gc.disable()
    try:
        outcome = check_contract(paths, report, config=config, update=update_baseline, cached=not no_cache)
    finally:
        gc.enable()
    finish(report, outcome.settings, format_, files=outcome.files, flows=0)
