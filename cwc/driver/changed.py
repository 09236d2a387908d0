"""A snapshot and the files as they are now → the flows that must be compiled again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from cwc.diagnostics.model import Report
from cwc.driver.compile import read_documents
from cwc.driver.files import read_bytes
from cwc.driver.snapshot import FlowFacts, Snapshot
from cwc.syntax import decode


def to_compile(past: Snapshot) -> tuple[Path, ...] | None:
    """The flow files to compile again, where nothing but texts of flows has changed; None: all, or nobody knows.

    Those are the flows that changed, all that run them, and those of which there is something to say again; they are
    compiled with the flows that they run. A flow that goes by another name or version now may change which file any
    other is written to, or which one steps run.
    """
    changed = past.changed_inputs()
    if not changed or not past.is_written() or not past.flows.keys() >= set(changed):
        return None
    now = dict(past.flows)
    for path in changed:
        facts = _read(path)
        if facts is None or (facts.name, facts.version) != (past.flows[path].name, past.flows[path].version):
            return None
        now[path] = facts
    chosen = _chosen(set(changed), now)
    return tuple(Path(path) for path in past.flows if path in chosen)


def _chosen(changed: set[str], flows: dict[str, FlowFacts]) -> set[str]:
    """Flows with those that run them, directly or not, and those that are not quiet; and with what all of those run."""
    by_name: dict[str, set[str]] = {}
    callers: dict[str, set[str]] = {}
    for path, flow in flows.items():
        by_name.setdefault(flow.name, set()).add(path)
        for name in flow.calls:
            callers.setdefault(name, set()).add(path)
    affected = _reached(changed, lambda path: callers.get(flows[path].name, ()))
    affected |= {path for path, flow in flows.items() if not flow.quiet}
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
