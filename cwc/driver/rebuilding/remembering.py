"""What a call has read and written → its snapshot."""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from cwc._resources import templates_folder
from cwc.diagnostics.model import Report, SeveritySettings
from cwc.driver.compile import OF_SEVERAL
from cwc.driver.compiled import Compiled
from cwc.driver.files import is_flow_file, path_written
from cwc.driver.idle_settings import IDLE_SETTINGS
from cwc.driver.project import Outcome, Request
from cwc.driver.rebuilding.snapshot import FlowFacts, Snapshot, configuration_files
from cwc.driver.rebuilding.tracking import Signature, files_read, observed
from cwc.driver.tools.lock import FILE_NAME as LOCK
from cwc.driver.tools.toolbox import SAID_OF_MODULES
from cwc.driver.writing.leftovers import LEFTOVER
from cwc.driver.writing.manifest import FILE_NAME, read_manifest
from cwc.emit.names import file_name
from cwc.runtime.registry.state import FILE_NAME as STATES


def snapshot_of(
    request: Request, outcome: Outcome, report: Report, *, stdout: str, stderr: str, before: Snapshot | None
) -> Snapshot | None:
    """The snapshot of a call; None if it cannot have one, as where anything but flows has an error.

    ``before`` is that of an earlier call, where this one has compiled only what had changed since.
    """
    config, compiled = outcome.config, outcome.compiled
    broken = _broken(report, outcome.settings)
    if config is None or compiled is None or broken is None or not outcome.flows:
        return None
    flows = {path: facts for path, facts in _flows(compiled, report, broken).items() if path not in broken}
    if before is not None and outcome.rest:
        continued = _continued(before, outcome, flows, broken, stdout=stdout, stderr=stderr)
        return None if continued is None else _without(broken, continued, outcome)
    inputs = {*configuration_files(str(config.root)), *flows, *_folders(request.paths or config.flows)}
    inputs.add(str(config.root / LOCK))
    inputs |= set(_code(config.root))
    outputs: set[str] = set()
    if outcome.changes is not None:
        manifest = read_manifest(config.out, Report())
        if manifest is None:
            return None
        outputs = {os.path.join(config.out, name) for name in (*manifest.files, FILE_NAME, STATES)}
        outputs.add(f"{config.out}/")
        origins = (entry.flow.source for entry in manifest.files.values() if entry.flow)
        inputs |= {os.path.abspath(config.root / path_written(source)) for source in origins}
    snapshot = Snapshot(
        inputs=_observed(inputs),
        outputs=_observed(outputs),
        stdout=stdout,
        stderr=stderr,
        out=str(config.out) if outputs else "",
        files=outcome.files,
        flows=flows,
    )
    return _without(broken, snapshot, outcome)


def _broken(report: Report, settings: SeveritySettings) -> set[str] | None:
    """The flow files with errors, absolute; None where there are errors that are not of one flow alone."""
    errors = [found for found in report if settings.of(found) == "error"]
    places = [found.primary.path for found in errors if found.primary is not None and is_flow_file(found.primary.path)]
    of_others = any(found.definition.project or found.definition in OF_SEVERAL for found in errors)
    return None if of_others or len(places) < len(errors) else set(map(os.path.abspath, places))


def _without(broken: set[str], snapshot: Snapshot, outcome: Outcome) -> Snapshot | None:
    """A snapshot as if flow files had not been there; None if nobody would see then that they are, or if it hangs on
    them which files others are written to."""
    if not broken:
        return snapshot
    others = [_files(flow.name, flow.version) for flow in snapshot.flows.values()]
    if not set[str]().union(*others).isdisjoint(_files_of(broken, outcome)):
        return None
    inputs = {path: known for path, known in snapshot.inputs.items() if path not in broken}
    for folder, name in map(os.path.split, broken):
        names = inputs.get(f"{folder}/")
        if not isinstance(names, list) or name not in names:
            return None
        inputs[f"{folder}/"] = [each for each in map(str, names) if each != name]
    return replace(snapshot, inputs=inputs, left_out=sorted(broken))


def _files_of(broken: set[str], outcome: Outcome) -> set[str]:
    """The files that flows with errors are, or were, written to or might be."""
    config, compiled = outcome.config, outcome.compiled
    assert config is not None
    assert compiled is not None
    manifest = read_manifest(config.out, Report())
    named: list[tuple[str | Path, str, str]] = []
    named += [(flow.document.path, flow.plan.name, flow.plan.version) for flow in compiled.flows]
    for entry in () if manifest is None else manifest.files.values():
        if entry.flow is not None:
            named.append((config.root / path_written(entry.flow.source), entry.flow.name, entry.flow.version))
    found = [_files(name, version) for path, name, version in named if os.path.abspath(path) in broken]
    return set[str]().union(*found)


def _files(name: str, version: str) -> set[str]:
    return {file_name(name, version, latest=latest).casefold() for latest in (True, False)}


def _continued(
    before: Snapshot, outcome: Outcome, flows: dict[str, FlowFacts], broken: set[str], *, stdout: str, stderr: str
) -> Snapshot | None:
    """The snapshot of a call that has compiled some flows and left all else as an earlier call had found it."""
    config, changes, rest = outcome.config, outcome.changes, outcome.rest
    if config is None or changes is None or rest is None:
        return None
    folders = {f"{os.path.dirname(path)}/" for path in broken} & before.inputs.keys()
    new = {*flows, *rest.folders, *folders, *(path for path in _code(config.root) if path not in before.inputs)}
    written = [os.path.join(config.out, name) for name in (*changes.write, FILE_NAME, STATES, "")]
    removed = {os.path.join(config.out, name) for name in changes.remove}
    kept = before.flows.keys() & rest.flows.keys()
    return replace(
        before,
        inputs={path: known for path, known in before.inputs.items() if path in kept or path not in before.flows}
        | _observed(new),
        outputs={path: known for path, known in before.outputs.items() if path not in removed} | _observed(written),
        stdout=stdout,
        stderr=stderr,
        files=outcome.files,
        left_out=[],
        flows={path: flows.get(path, known) for path, known in rest.flows.items() if path not in broken},
    )


def _flows(compiled: Compiled, report: Report, broken: set[str]) -> dict[str, FlowFacts]:
    """What there is to know of flows, by the absolute paths of their files."""
    paths = {flow.document.path for flow in compiled.flows}
    spoken: set[str] = set()
    named: set[str] = set()
    for each in report:
        about = {label.path for label in (each.primary, *each.related) if label} & paths
        spoken |= about
        named |= {each.flow} if each.flow else set()
        of_broken = each.primary is not None and os.path.abspath(each.primary.path) in broken
        if not (about or each.flow or of_broken or each.definition in SAID_OF_MODULES | {LEFTOVER, IDLE_SETTINGS}):
            # Of which flows it is said, such as of those that use what a lock has otherwise, nobody knows.
            spoken |= paths
    return {
        os.path.abspath(flow.document.path): FlowFacts(
            flow.plan.name,
            flow.plan.version,
            [spec.name for spec in flow.plan.flows],
            quiet=flow.document.path not in spoken and flow.plan.name not in named,
        )
        for flow in compiled.flows
    }


def _observed(paths: Iterable[str]) -> dict[str, Signature]:
    return {path: observed(path) for path in sorted(paths)}


def _folders(paths: Iterable[Path]) -> Iterator[str]:
    """The folders that flow files are looked for in, and what else was named."""
    seen: set[str] = set()
    for path in map(os.path.abspath, paths):
        if not os.path.isdir(path):
            yield path
            continue
        for folder, names, _ in os.walk(path, followlinks=True):
            real = os.path.realpath(folder)
            names[:] = [] if real in seen else [name for name in names if name[0] != "."]
            seen.add(real)
            yield f"{folder}/"


def _code(root: Path) -> Iterator[str]:
    """The code that took part: modules of the project and others, but for the standard library; and the templates."""
    library = os.path.join(sysconfig.get_path("stdlib"), "")
    installed = os.path.join(library, "site-packages", "")
    yield f"{root}/"
    for file in files_read():
        if file.startswith(library) and not file.startswith(installed):
            continue
        yield file
        if file.startswith(f"{root}{os.sep}") and "site-packages" not in file:
            yield f"{os.path.dirname(file)}/"
    for path in templates_folder().rglob("*.j2"):
        yield str(path)
