"""What helps where flows are looked for in the wrong place: files passed over by name, and flows that are elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from cwc.diagnostics.model import Diagnostic, Report, define
from cwc.driver.compile import read_documents
from cwc.driver.compiled import Compiled
from cwc.driver.files import display_path, find_flows
from cwc.driver.scaffold import FLOW_SCHEMA
from cwc.driver.sources import read_source
from cwc.plan.composition import UNKNOWN_FLOW

NO_FLOWS = define("CWC811", "no_flows", "error", "There is no flow file to compile", project=True)

_ENDS = "flow files end in .flow.yaml, .flow.yml or .flow.json"


def no_flows(places: Iterable[Path]) -> Diagnostic:
    """What there is to say where no flow file is in any of the places."""
    places = list(places)
    shown = ", ".join(repr(display_path(path)) for path in places)
    passed = [path for place in places for path in _passed_over(place)]
    help = f"{_ENDS}; `cwc init` makes a first one"
    if passed:
        more = f" and {len(passed) - 1} more" if len(passed) > 1 else ""
        help = f"passed over by name: {display_path(passed[0])!r}{more}; {_ENDS}"
    return Diagnostic(definition=NO_FLOWS, message=f"there is no flow file in {shown}", help=(help,))


def with_general(report: Report, help: str) -> Report:
    """A report with help that is the same for all that is in it."""
    return Report(
        [replace(entry, general=(*entry.general, help)) for entry in report], report.sources, report.documents
    )


def tell_where(report: Report, compiled: Compiled, folders: Iterable[Path]) -> None:
    """Add to what is said of flows that are not in the build set in which files of some folders they are."""
    if all(entry.definition is not UNKNOWN_FLOW for entry in report):
        return
    files = {name: path for path in find_flows(filter(os.path.isdir, folders), Report()) for name in _flows_in(path)}
    steps = {flow.document.path: flow.document.flow.steps for flow in compiled.flows}
    for number, entry in enumerate(report.diagnostics):
        if entry.definition is not UNKNOWN_FLOW or entry.primary is None or entry.step_index is None:
            continue
        called = steps.get(entry.primary.path, ())[entry.step_index : entry.step_index + 1]
        for name in (step.flow_name for step in called if step is not None):
            if name in files:
                help = f"{name!r} is in {display_path(files[name])!r}: name that file too, or no file, for all flows"
                report.diagnostics[number] = replace(entry, help=(*entry.help, help))


def _flows_in(path: Path) -> list[str]:
    source = read_source(path, Report(), {})
    documents = [] if source is None else read_documents([source], Report())[0]
    return [document.flow.name for document in documents]


def _passed_over(folder: Path) -> list[Path]:
    """Files that could be those of flows, but for their names."""
    names: list[str] = []
    with suppress(OSError):
        names = sorted(name for name in os.listdir(folder) if name.lower().endswith((".yaml", ".yml", ".json")))
    return [folder / name for name in names if name != FLOW_SCHEMA and os.path.isfile(folder / name)]
