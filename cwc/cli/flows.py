"""`cwc flows`: what was built, in which state it is, and whether its tools have changed since."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cwc.cli.options import NamedPath
from cwc.cli.tables import table

if TYPE_CHECKING:
    from cwc.runtime.registry.flows import FlowSummary

Command = Callable[..., Any]
COLUMNS = ("LATEST", "FLOW", "VERSION", "STATUS", "LEVEL", "LANES", "INPUTS")
_out = click.option("--out", "-o", type=NamedPath(), help="The output folder; by default generated/.")
_tools = click.option("--tools", "-t", multiple=True, metavar="MODULE", help="A module of tools; may be repeated.")
_version = click.option("--version", metavar="V", help="The version, as it is spelt; by default the latest.")
_format = click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Of the result."
)


@click.group(name="flows")
def command() -> None:
    """List the built flows, set their states, and find tools that changed."""


@command.command(name="list")
@_out
@_format
def list_(out: Path | None, format_: str) -> None:
    """List every version of every flow; * marks the latest."""
    from cwc.cli.formats import finish
    from cwc.diagnostics.model import Report
    from cwc.driver.flows import list_flows, open_catalogue

    report = Report()
    catalogue = open_catalogue(out, (), report)
    flows = list_flows(catalogue, report)
    if not report.diagnostics:
        lines = table([COLUMNS, *map(_row, flows)]) if flows else []
        _show(format_, {"version": 1, "flows": list(map(dataclasses.asdict, flows))}, lines)
        format_ = "text"
    finish(report, catalogue.settings, format_, files=0, flows=len(flows))


@command.command(name="status")
@click.argument("name")
@click.argument("state", type=click.Choice(["active", "needs_review", "disabled"]))
@_version
@_out
@_format
def status(name: str, state: str, version: str | None, out: Path | None, format_: str) -> None:
    """Set the STATE of the flow NAME. It is kept beside the manifest, and wins over the flow file's."""
    from cwc.cli.formats import finish
    from cwc.diagnostics.model import Report
    from cwc.driver.flows import open_catalogue, set_status

    report = Report()
    catalogue = open_catalogue(out, (), report)
    set_status(catalogue, name, state, version, report)
    if not report.diagnostics:
        _show(format_, {"version": 1, "name": name, "status": state}, [f"{name} is {state}"])
        format_ = "text"
    finish(report, catalogue.settings, format_, files=0, flows=1)


@command.command(name="drift")
@_tools
@_out
@_format
def drift(tools: tuple[str, ...], out: Path | None, format_: str) -> None:
    """Tell which tools changed since flows were built, and what about them; exit with 1 if any did.

    Flows that are found are set to needs_review.
    """
    from cwc.cli.formats import finish
    from cwc.diagnostics.model import Report
    from cwc.driver.flows import find_drift, open_catalogue

    report = Report()
    catalogue = open_catalogue(out, tools, report)
    found = find_drift(catalogue, report)
    if not report.has_errors(catalogue.settings):
        lines = [f"{flow.name} {flow.version}: {line}" for flow in found for tool in flow.tools for line in tool.lines]
        _show(format_, {"version": 1, "drift": [flow.to_json() for flow in found]}, lines)
        if found:
            for flow in found:
                held = ", and is not run" if flow.status != "active" else ""
                click.echo(f"{flow.name} {flow.version} is {flow.status} now{held}", err=True)
            click.echo("run `cwc build` to prove flows with the tools as they are now; or, to take the tools", err=True)
            click.echo("as they are without a proof, `cwc flows accept-drift NAME`", err=True)
            raise SystemExit(1)
        format_ = "text"
    finish(report, catalogue.settings, format_, files=0, flows=len(found))


@command.command(name="accept-drift")
@click.argument("name")
@_version
@_tools
@_out
@_format
def accept(name: str, version: str | None, tools: tuple[str, ...], out: Path | None, format_: str) -> None:
    """Take the tools of the flow NAME as they are now, and make it active."""
    from cwc.cli.formats import finish
    from cwc.diagnostics.model import Report
    from cwc.driver.flows import accept_drift, open_catalogue

    report = Report()
    catalogue = open_catalogue(out, tools, report)
    accept_drift(catalogue, name, version, report)
    if not report.has_errors(catalogue.settings):
        _show(format_, {"version": 1, "name": name, "status": "active"}, [f"{name} is active"])
        format_ = "text"
    finish(report, catalogue.settings, format_, files=0, flows=1)


def _show(format_: str, data: dict[str, Any], lines: Sequence[str]) -> None:
    text = json.dumps(data, indent=2) if format_ == "json" else "\n".join(lines)
    if text:
        click.echo(text)


def _row(flow: FlowSummary) -> tuple[str, ...]:
    latest, lanes, inputs = "*" if flow.latest else "", "+".join(flow.lanes), ", ".join(flow.required_inputs) or "-"
    return latest, flow.name, flow.version, flow.status, flow.determinism_level, lanes, inputs
