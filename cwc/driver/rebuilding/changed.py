"""A snapshot and the files as they are now → the flows that must be compiled again."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cwc.diagnostics.model import Report, SeveritySettings
from cwc.driver.compile import OF_SEVERAL, read_documents
from cwc.driver.files import display_path, find_flows, is_flow_file, read_bytes
from cwc.driver.rebuilding.snapshot import FlowFacts, Snapshot
from cwc.driver.rebuilding.tracking import listing
from cwc.emit.names import file_name
from cwc.syntax import decode

Flows = Mapping[str, FlowFacts]


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left to do after an earlier call. ``flows`` are all that can be read now, in the order of the build.

    ``paths`` are those to compile, and the ``unread`` ones that cannot be read; ``folders`` have other flow files in
    them than they had.
    """

    paths: tuple[Path, ...]
    flows: Flows
    folders: tuple[str, ...]
    unread: int


def rest_of(past: Snapshot, places: Iterable[Path]) -> Rest | None:
    """What is to be compiled, where nothing but flows has changed; None: all, or nobody knows.

    ``places`` are where flow files are looked for. Those are to be compiled that changed or are new, all that run
    them or what is gone, and those of which there is something to say again; with the flows that they run. Which of
    several versions is the latest, and which file is whose, is left to a build of all.
    """
    if not all(map(os.path.lexists, past.left_out)):
        return None
    changed = past.changed_inputs()
    folders = tuple(path for path in changed if path.endswith("/"))
    if not changed or not past.is_written() or not past.flows.keys() >= set(changed) - set(folders):
        return None
    paths = _found(past, places, folders) if folders else list(past.flows)
    if paths is None:
        return None
    flows: dict[str, FlowFacts] = {}
    for path in paths:
        known = past.flows.get(path)
        facts = _read(path) if known is None or path in changed else known
        if facts is not None:
            flows[path] = facts
    come, gone = _renamed(flows, past.flows), _renamed(past.flows, flows)
    if come and not _keeps_to_itself(come, flows):
        return None
    if any(facts.name == flow.name for facts in gone.values() for path, flow in flows.items() if path not in come):
        return None
    touched = {path for path in flows if path in changed or path in come}
    names = {facts.name for facts in gone.values()}
    touched |= {path for path, flow in flows.items() if not (flow.quiet and names.isdisjoint(flow.calls))}
    chosen = _chosen(touched, flows)
    rest = [path for path in paths if path in chosen or path not in flows] or paths[:1]
    return Rest(tuple(map(Path, rest)), flows, folders, len(paths) - len(flows)) if rest else None


def is_of_each(report: Report, settings: SeveritySettings, rest: Rest) -> bool:
    """Whether the same would be said if all flows were compiled: every error is of one flow, and not of how it stands
    to others, which may have been left out."""
    errors = [found for found in report if settings.of(found) == "error"]
    paths = {display_path(path) for path in rest.paths} if errors else set()
    return all(
        found.primary is not None and found.primary.path in paths and found.definition not in OF_SEVERAL
        for found in errors
    )


def _found(past: Snapshot, places: Iterable[Path], folders: Iterable[str]) -> list[str] | None:
    """The flow files that there are, if folders differ from what they were in flow files only."""
    for folder in folders:
        before, now = past.inputs[folder], listing(folder)
        if not isinstance(before, list) or now is None:
            return None
        for name in {*map(str, before)} ^ {*map(str, now)}:
            if not is_flow_file(name) or os.path.isdir(f"{folder}{name}"):
                return None
    looking = Report()
    found = [os.path.abspath(path) for path in find_flows(places, looking)]
    # What is there and is not found is another flow by a link.
    lost = any(os.path.lexists(path) for path in past.flows.keys() - set(found))
    return None if looking.diagnostics or lost else found


def _renamed(flows: Flows, others: Flows) -> Flows:
    """Flows that are not among others, at their place under their name."""
    return {
        path: flow
        for path, flow in flows.items()
        if path not in others or (flow.name, flow.version) != (others[path].name, others[path].version)
    }


def _keeps_to_itself(come: Flows, flows: Flows) -> bool:
    """Whether flows that are new share neither name nor file with another."""
    names = Counter(flow.name for flow in flows.values())
    files = Counter(
        file
        for flow in flows.values()
        for file in {file_name(flow.name, flow.version, latest=latest).casefold() for latest in (True, False)}
    )
    return all(
        names[flow.name] == 1 and files[file_name(flow.name, flow.version, latest=True).casefold()] == 1
        for flow in come.values()
    )


def _chosen(touched: set[str], flows: Flows) -> set[str]:
    """Flows with those that run them, directly or not; and with what all of those run."""
    by_name: dict[str, set[str]] = {}
    callers: dict[str, set[str]] = {}
    for path, flow in flows.items():
        by_name.setdefault(flow.name, set()).add(path)
        for name in flow.calls:
            callers.setdefault(name, set()).add(path)
    affected = _reached(touched, lambda path: callers.get(flows[path].name, ()))
    called = _reached(affected, lambda path: [each for name in flows[path].calls for each in by_name.get(name, ())])
    return {each for path in called for each in by_name[flows[path].name]}


def _reached(start: set[str], following: Callable[[str], Iterable[str]]) -> set[str]:
    found, todo = set(start), list(start)
    while todo:
        for each in following(todo.pop()):
            if each not in found:
                found.add(each)
                todo.append(each)
    return found


def _read(path: str) -> FlowFacts | None:
    report = Report()
    data = read_bytes(Path(path), report)
    source = None if data is None else decode(path, data, report)
    documents = [] if source is None else read_documents([source], report)[0]
    if not documents:
        return None
    flow = documents[0].flow
    calls = [step.flow_name for step in flow.steps if step is not None and step.flow_name]
    return FlowFacts(flow.name, flow.version, calls, quiet=True)
