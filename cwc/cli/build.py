"""`cwc build`: flow files to generated modules, each flow whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cwc.cli.formats import READABLE, ending
from cwc.cli.options import NamedPath, compile_options
from cwc.cli.remembered import recall, remember

if TYPE_CHECKING:
    from cwc.driver.project import Outcome
    from cwc.driver.writing.output import Changes


@click.command(name="build")
@compile_options
@click.option("--out", "-o", type=NamedPath(), help="The folder to write; by default generated/.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if anything is out of date.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change, and exit as --check does.")
@click.option("--force", is_flag=True, help="Replace files that were edited by hand or not written by cwc.")
def command(format_: str, check: bool, diff: bool, force: bool, **wishes: Any) -> None:
    """Compile the flow files at PATHS, files or folders; by default the project's flows."""
    if check and diff:
        raise click.UsageError("--check and --diff exclude each other.")
    dry = check or diff
    call, past = recall(format_, {**wishes, "force": force}, silent=dry)
    if past is not None and wishes["jobs"] != 1:
        # What has changed is likely to be held to the contract, by what takes as long to import as all else takes.
        from cwc.driver.ahead import start_ahead

        start_ahead()
    from cwc.cli.progress import compiling
    from cwc.diagnostics.model import Report
    from cwc.driver.project import Request, build_project

    report, request = Report(), Request(**wishes, progress=compiling)
    outcome = build_project(request, report, force=force, dry=dry, past=past)
    if format_ in READABLE and outcome.changes is not None:
        if diff:
            _show_difference(outcome.changes)
        elif not check:
            _show_files(outcome, outcome.changes, clean=not report.has_errors(outcome.settings))
    end = ending(report, outcome.settings, format_, files=outcome.files, flows=outcome.flows)
    if outcome.changes is not None and not (dry or outcome.changes.leftovers):
        remember(call, past, request, outcome, report, end, _up_to_date(outcome.changes))
    end.show()


def _show_files(outcome: Outcome, changes: Changes, *, clean: bool) -> None:
    for path in outcome.written:
        click.echo(f"wrote {path}")
    for path in outcome.removed:
        click.echo(f"removed {path}")
    for name, version in outcome.brought_back:
        click.echo(f"{name} {version} no longer needs review: it was built with the tools as they are")
    if clean and outcome.flows and not changes:
        click.echo(_up_to_date(changes))


def _up_to_date(changes: Changes) -> str:
    from cwc.driver.files import display_path

    return f"up to date: {display_path(changes.out)}"


def _show_difference(changes: Changes) -> None:
    """A unified diff of every file that a build would write or remove, but of its manifest."""
    import difflib

    from cwc.driver.files import display_path

    new = {name: data for name, data in changes.write.items() if name.endswith(".py")}
    for name in (*new, *(name for name in changes.remove if name.endswith(".py"))):
        path = changes.out / name
        old = path.read_bytes() if path.is_file() else b""
        shown = display_path(path)
        lines = difflib.unified_diff(_lines(old), _lines(new.get(name, b"")), f"a/{shown}", f"b/{shown}")
        click.echo("".join(lines), nl=False)


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "replace").splitlines(keepends=True)
