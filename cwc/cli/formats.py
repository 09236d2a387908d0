"""How verbs show a report: the option that says as what, and the end of a verb, the report on its stream and then the
exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from cwc.diagnostics.model import Report, SeveritySettings

Command = Callable[..., Any]

FORMATS = ("text", "json", "github", "sarif")
READABLE = ("text", "github")
"""The formats whose reports may stand beside other lines."""


def format_option(command: Command) -> Command:
    """``--format``, as ``format_``. Without one it is text, in workflows of GitHub their annotations."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(FORMATS),
        default=_by_environment,
        show_default="text; github where GITHUB_ACTIONS is true",
        help="How diagnostics are shown.",
    )(command)


@dataclass(frozen=True, slots=True)
class Ending:
    """What is left to say at the end of a verb, and the exit code: 2 for a project error, 1 if an error remains."""

    format: str
    text: str
    err: bool
    color: bool | None
    code: int

    def show(self) -> NoReturn:
        if self.text:
            click.echo(self.text, err=self.err, color=self.color)
        sys.exit(self.code)


def finish(report: Report, settings: SeveritySettings, format_: str, *, files: int, flows: int) -> NoReturn:
    """Show the report and exit: 2 for a project error, 1 if an error remains, else 0."""
    ending(report, settings, format_, files=files, flows=flows).show()


def ending(report: Report, settings: SeveritySettings, format_: str, *, files: int, flows: int) -> Ending:
    """The report in a format, and the exit code."""
    color = None
    if format_ == "text":
        from cwc.diagnostics.text import render_text

        color = colors(sys.stderr)
        text = render_text(report, settings, color=color)
    elif format_ == "json":
        from cwc.diagnostics.as_json import render_json

        text = render_json(report, settings, files=files, flows=flows)
    elif format_ == "sarif":
        from cwc.diagnostics.sarif import render_sarif

        text = render_sarif(report, settings)
    else:
        from cwc.diagnostics.github import render_github

        text = render_github(report, settings, folder=_folder_in_repository())
    return Ending(format_, text.rstrip("\n"), format_ == "text", color, exit_code(report, settings))


def without_notes(report: Report, settings: SeveritySettings) -> Report:
    """A report for verbs that look at flows for something else than what there is to say of them."""
    from cwc.diagnostics.model import Report

    kept = [found for found in report if settings.of(found) in ("error", "warning")]
    return Report(kept, report.sources, report.documents)


def exit_code(report: Report, settings: SeveritySettings) -> int:
    errors = [diagnostic for diagnostic in report if settings.of(diagnostic) == "error"]
    if any(diagnostic.definition.project for diagnostic in errors):
        return 2
    return 1 if errors else 0


def colors(stream: Any) -> bool:
    """Whether a stream gets colours: NO_COLOR forbids them, FORCE_COLOR asks for them, else on terminals that can."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return bool(stream.isatty()) and os.environ.get("TERM") != "dumb"


def _by_environment() -> str:
    return "github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text"


def _folder_in_repository() -> str:
    """The working directory as seen from the workflow's checkout; empty where it is elsewhere."""
    try:
        return Path.cwd().relative_to(Path(os.environ.get("GITHUB_WORKSPACE", ""))).as_posix()
    except ValueError:
        return ""
