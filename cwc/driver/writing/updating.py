"""A compiled project → its output folder, brought up to date."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from cwc.diagnostics.model import Diagnostic, Label, Report, define
from cwc.driver.compile import Compiled, CompiledFlow
from cwc.driver.files import display_path, path_written, working_directory
from cwc.driver.project import Outcome, Project
from cwc.driver.states import bring_back
from cwc.driver.writing.leftovers import find_leftovers, leftover
from cwc.driver.writing.manifest import FILE_NAME, Facts, Manifest, Origin, plan_changes, read_manifest
from cwc.driver.writing.output import Changes, apply
from cwc.plan.tools import ToolSpec
from cwc.runtime.registry.state import Key

OUT_OF_DATE = define("CWC834", "out_of_date", "error", "A generated file is not what the flows compile to")
PACKAGE = b'"""Modules that cwc generated from flow files."""\n'


def bring_up_to_date(
    project: Project, outcome: Outcome, compiled: Compiled, report: Report, *, force: bool, dry: bool
) -> Outcome:
    """Write what was compiled, as `build_project` tells; the outcome, with what was changed."""
    changes = _changes(project, outcome, compiled, report, force=force)
    if changes is None:
        return outcome
    if dry:
        report.diagnostics.extend(map(_out_of_date, shown(changes, (*changes.write, *changes.remove))))
    elif not apply(changes, report):
        return outcome
    for name in changes.leftovers:
        found = leftover(changes.out / name)
        report.add(replace(found, definition=OUT_OF_DATE) if dry else found)
    back = () if dry or project.locked else bring_back(changes.out, _built(compiled, changes))
    return replace(outcome, changes=changes, brought_back=back)


def _built(compiled: Compiled, changes: Changes) -> list[Key]:
    """The flows whose files are now what they compile to, by name and version."""
    there = {*changes.write, *changes.unchanged}
    flows = (flow for flow in compiled.flows if flow.artifact is not None and flow.file in there)
    return [(flow.plan.name, flow.plan.version) for flow in flows]


def _changes(project: Project, outcome: Outcome, compiled: Compiled, report: Report, *, force: bool) -> Changes | None:
    """What the output folder needs; None if its manifest cannot be used. Where only what had changed was compiled, its
    other files are as the manifest says."""
    config = project.config
    manifest = read_manifest(config.out, report)
    if manifest is None:
        return None
    built = [(flow, flow.artifact) for flow in compiled.flows if flow.artifact is not None]
    names = _file_names(compiled, manifest)
    wanted = {names[flow.file]: artifact.text.encode() for flow, artifact in built}
    origins = {names[flow.file]: _origin(flow) for flow, _ in built}
    kept = _kept(config.root, manifest, {origin.source for origin in origins.values()}, searched=outcome.searched)
    if wanted or kept:
        wanted["__init__.py"] = PACKAGE
    used = {tool.schema_hash: tool for flow, _ in built for tool in flow.plan.tools}
    tools = {digest: _schemas(tool) for digest, tool in used.items()}
    trust = manifest.files.keys() if outcome.rest else ()
    left = find_leftovers(config.out, wanted.keys() | manifest.files.keys())
    return plan_changes(
        config.out,
        wanted,
        manifest,
        force=force,
        report=report,
        origins=origins,
        keep=kept,
        tools=tools,
        trusted=trust,
        leftovers=left,
    )


def _file_names(compiled: Compiled, manifest: Manifest) -> dict[str, str]:
    """The file that each flow is written to. Where a version that is to take another's file could not be built, the
    other one stays in it."""
    names = {flow.file: flow.file for flow in compiled.flows}
    held = {entry.flow.source: file for file, entry in manifest.files.items() if entry.flow is not None}
    waiting = {flow.file for flow in compiled.flows if flow.artifact is None}
    for flow in compiled.flows:
        file = held.get(flow.plan.source)
        if flow.artifact is not None and file in waiting:
            names[flow.file] = file
    return names


def shown(changes: Changes, names: Iterable[str]) -> list[str]:
    """Paths as a user would write them; the manifest is nobody's business."""
    here = working_directory()
    return [display_path(changes.out / name, here) for name in names if name != FILE_NAME]


def _out_of_date(path: str) -> Diagnostic:
    return Diagnostic(
        definition=OUT_OF_DATE,
        message=f"{path!r} is not what the flows compile to",
        primary=Label(path),
        general=("run `cwc build`",),
    )


def _origin(flow: CompiledFlow) -> Origin:
    plan = flow.plan
    hashes = {tool.name: tool.schema_hash for tool in plan.tools}
    facts = Facts(plan.status, plan.determinism_level, tuple(plan.lanes), tuple(plan.required_inputs), hashes)
    return Origin(plan.name, plan.version, plan.source, plan.digest, facts)


def _schemas(tool: ToolSpec) -> dict[str, object]:
    # Sorted, for so they come out of a lock.
    takes, gives = (json.loads(json.dumps(each, sort_keys=True)) for each in (tool.input_schema, tool.output_schema))
    return {"input": takes, "output": gives, "schema_version": tool.schema_version}


def _kept(root: Path, manifest: Manifest, built: set[str], *, searched: bool) -> set[str]:
    """The flows that have files from before and were not built now, though their flow files are still there, or may be
    where nobody could look."""
    known = {entry.flow.source for entry in manifest.files.values() if entry.flow is not None}
    return {source for source in known - built if not searched or os.path.lexists(root / path_written(source))}
