"""`cwc runs`: see, go on with and forget the runs that a checkpoint store holds."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from cwc.cli.formats import finish
from cwc.cli.options import NamedPath
from cwc.cli.run import in_words, show_failure, show_result
from cwc.cli.tables import table
from cwc.diagnostics.model import Report, SeveritySettings
from cwc.runtime.errors import CheckpointNotFoundError, CheckpointStoreError, CwcError
from cwc.runtime.stores.checkpoints import RunSummary
from cwc.runtime.stores.sqlite_checkpoints import SqliteCheckpointer

COLUMNS = ("RUN", "FLOW", "VERSION", "STATUS", "AGE", "STEPS", "LAST STEP", "ERROR")


@click.group(name="runs", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Runs that were recorded by a SqliteCheckpointer."""


def store_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--store", required=True, type=NamedPath(), metavar="FILE", help="The checkpointer's file.")(
        command
    )


def format_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)(
        command
    )


@command.command(name="list")
@store_option
@format_option
def list_(store: Path, format_: str) -> None:
    """List the runs that have not ended well, and those that were kept."""
    try:
        runs = _opened(store).runs()
    except CheckpointStoreError as error:
        _refuse(error)
    if format_ == "json":
        click.echo(json.dumps({"version": 1, "runs": [_as_json(run) for run in runs]}, indent=2))
        return
    rows = [COLUMNS, *(_as_text(run) for run in runs)] if runs else []
    for line in table(rows):
        click.echo(line)


@command.command()
@click.argument("run_id", metavar="ID")
@store_option
@click.option("--lane", type=click.Choice(["sync", "async"]), default="sync", show_default=True)
@click.option("--force", is_flag=True, help="Resume a run of a flow whose status is not active.")
@click.option("--store-secrets", is_flag=True, help="Allow secrets to be recorded, as plain text.")
@format_option
def resume(run_id: str, store: Path, lane: str, force: bool, store_secrets: bool, format_: str) -> None:
    """Go on with run ID by the project's generated module of its flow, and print the whole result, always as JSON."""
    from cwc.driver.recorded import open_recorded
    from cwc.driver.running import resume_flow
    from cwc.driver.tools.capture import printed_to_stderr

    report, opened = Report(), None
    try:
        checkpointer = _opened(store, store_secrets)
        with printed_to_stderr():
            opened = open_recorded(checkpointer.load(run_id), report)
        if opened is None or opened.flow is None:
            finish(report, opened.settings if opened else SeveritySettings(), "text", files=0, flows=0)
        with printed_to_stderr():
            result = resume_flow(opened.flow, run_id, checkpointer=checkpointer, lane=lane, force=force)
    except CwcError as error:
        _refuse(error, opened.flow.name if opened is not None and opened.flow is not None else "")
    show_result(result)
    show_failure(result)
    sys.exit(0 if result.success else 1)


@command.command()
@click.argument("run_id", metavar="ID")
@store_option
@format_option
def discard(run_id: str, store: Path, format_: str) -> None:
    """Forget run ID. If it is running, it stops before its next step."""
    try:
        _opened(store).discard(run_id)
    except CwcError as error:
        _refuse(error)
    shown = {"version": 1, "trace_id": run_id, "discarded": True}
    click.echo(json.dumps(shown, indent=2) if format_ == "json" else f"discarded {_printable(run_id)}")


def _opened(store: Path, store_secrets: bool = False) -> SqliteCheckpointer:
    return SqliteCheckpointer(store, create=False, store_secrets=store_secrets)


def _refuse(error: CwcError, flow: str = "") -> NoReturn:
    """Say what is wrong, with a flow if it is one's, and exit: 2 for a store that cannot be used, else 1."""
    text = f"cwc: {error}" if isinstance(error, CheckpointNotFoundError | CheckpointStoreError) else ""
    click.echo(_printable(text or f"cwc: {type(error).__name__}: {in_words(error, flow)}"), err=True)
    sys.exit(2 if isinstance(error, CheckpointStoreError) else 1)


def _as_json(run: RunSummary) -> dict[str, Any]:
    return {
        "trace_id": run.trace_id,
        "flow": run.flow_name,
        "version": run.flow_version,
        "status": run.status,
        "started_at": datetime.fromtimestamp(run.started_ns / 1e9, UTC).isoformat(),
        "age_seconds": round(_age(run), 3),
        "steps": run.steps,
        "last_step": run.last_step,
        "error": run.error,
    }


def _as_text(run: RunSummary) -> tuple[str, ...]:
    named = (run.trace_id, run.flow_name, run.flow_version, run.status)
    rest = (_shown(_age(run)), str(run.steps), run.last_step or "-", run.error or "-")
    return tuple(map(_printable, (*named, *rest)))


def _age(run: RunSummary) -> float:
    """Seconds since the run began."""
    return max(0.0, time.time() - run.started_ns / 1e9)


def _shown(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _printable(text: str) -> str:
    """A text of somebody else's on one line, and without what a terminal would take for commands."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
