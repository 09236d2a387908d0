"""`cwc run`: run one flow and print the whole result as JSON."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, BinaryIO

import click

from cwc.cli.formats import exit_code, finish, without_notes
from cwc.diagnostics.model import Report
from cwc.diagnostics.terminal import visible
from cwc.driver.files import display_path
from cwc.driver.running import open_flow, run_flow
from cwc.driver.tools.capture import printed_to_stderr
from cwc.runtime.errors import CwcError, FlowExecutionError, FlowStatusError
from cwc.runtime.results import ExecutionResult
from cwc.runtime.tracebacks import format_error

INPUT_LIMIT = 2**28
"""The bytes of the largest input that is read."""
_LINK = "For further information visit https://errors.pydantic.dev/"


@click.command(name="run")
@click.argument("flow")
@click.option(
    "--input",
    "-i",
    "input_",
    default="{}",
    metavar="JSON|@FILE",
    help="The input: JSON, or @ and a file, @- for stdin.",
)
@click.option("--lane", type=click.Choice(["sync", "async"]), default="sync", show_default=True)
@click.option("--tools", "-t", multiple=True, metavar="MODULE", help="A module of tools; may be repeated.")
@click.option("--force", is_flag=True, help="Run a flow whose status is not active.")
def command(flow: str, input_: str, lane: str, tools: tuple[str, ...], force: bool) -> None:
    """Run FLOW: a flow file, a generated module's .py file, or the name of one of the project's flows.

    The standard output has the result and nothing else: what tools print is on the standard error.
    """
    given = _input(input_)
    report = Report()
    with printed_to_stderr():
        opened = open_flow(flow, tools, report)
    if opened.flow is None or exit_code(report, opened.settings):
        finish(without_notes(report, opened.settings), opened.settings, "text", files=1, flows=1)
    if opened.built is not None:
        shown = display_path(opened.built)
        click.echo(f"cwc: running {shown!r} as it was built: neither --tools nor [tool.cwc] names tools", err=True)
    try:
        with printed_to_stderr():
            result = run_flow(opened.flow, given, lane=lane, force=force)
    except CwcError as error:
        click.echo(f"cwc: {type(error).__name__}: {in_words(error, opened.flow.name)}", err=True)
        for note in getattr(error, "__notes__", ()):
            click.echo(f"  at {note}", err=True)
        sys.exit(1)
    show_result(result)
    show_failure(result)
    sys.exit(0 if result.success else 1)


def in_words(error: CwcError, flow: str) -> str:
    """What is wrong with a run of a flow, with what helps on the command line."""
    if not isinstance(error, FlowStatusError):
        return str(error)
    # The option is for the flow that is asked for, not for those that it runs.
    option = "; use --force to run it all the same" if error.flow_name == flow else ""
    return f"flow {error.flow_name!r} has status {error.status!r}{option}"


def show_result(result: ExecutionResult[Any]) -> None:
    """Print a result as JSON; exit with 1 where a tool has put a value into it that has no JSON form."""
    try:
        text = result.model_dump_json(indent=2)
    except ValueError as error:
        reason = str(error).partition("\n")[0]
        click.echo(f"cwc: the flow ended, and its result cannot be shown as JSON: {reason}", err=True)
        sys.exit(1)
    click.echo(text)


def show_failure(result: ExecutionResult[Any]) -> None:
    """Say where and why a run failed, if it did: with a traceback, where there is one to be seen."""
    error = result.failure
    if error is None:
        return
    for note in getattr(error, "__notes__", ()):
        click.echo(f"cwc: failed at {note}", err=True)
    if isinstance(error, FlowExecutionError) and error.__cause__ is not None:
        click.echo(format_error(error), err=True, nl=False)
        return
    lines = (visible(line) for line in str(error).splitlines() if not line.lstrip().startswith(_LINK))
    click.echo(f"cwc: {type(error).__name__}: " + "\n".join(lines), err=True)


def _input(text: str) -> dict[str, Any]:
    """The mapping that ``--input`` gives. Raises click.UsageError."""
    where = "--input"
    if text == "@":
        raise click.UsageError("--input @ names no file; write @FILE, or @- for standard input")
    if text.startswith("@"):
        where = "standard input" if text == "@-" else repr(text[1:])
        try:
            data = _standard_input() if text == "@-" else _read(text[1:])
            text = data.decode("utf-8-sig")
        except (OSError, ValueError) as error:
            raise click.UsageError(f"cannot read {where}: {_reason(error)}") from None
    try:
        value = json.loads(text, object_pairs_hook=_without_twins)
    except _TwinKeysError as error:
        raise click.UsageError(f"{where} has the key {error.args[0]!r} twice in one object") from None
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"{where} is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise click.UsageError(f"{where} must be a JSON object")
    return value


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"it is not UTF-8, by the byte 0x{error.object[error.start]:02X} at position {error.start}"
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)


class _TwinKeysError(ValueError):
    """An object of JSON has one key twice; the key is its argument."""


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON. Raises _TwinKeysError: of two values, nobody could say which is meant."""
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise _TwinKeysError(key)
        made[key] = value
    return made


def _read(path: str) -> bytes:
    """The bytes of a file, or of a pipe that somebody writes to; a pipe that nobody does is empty.

    Raises OSError and ValueError.
    """
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb") as file:
        if hasattr(os, "O_NONBLOCK"):
            os.set_blocking(file.fileno(), True)
        return _limited(file)


def _standard_input() -> bytes:
    """The bytes of the standard input. Raises OSError and ValueError."""
    if sys.stdin is None:
        raise ValueError("it is closed")
    return _limited(sys.stdin.buffer)


def _limited(file: BinaryIO) -> bytes:
    data = file.read(INPUT_LIMIT + 1)
    if len(data) > INPUT_LIMIT:
        raise ValueError(f"it is larger than {INPUT_LIMIT:,} bytes")
    return data
