"""The registry: flows by name and version, from an output folder or from memory, with the states that people set."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cwc.runtime.errors import FlowAlreadyExistsError, FlowNotFoundError
from cwc.runtime.flow import Flow
from cwc.runtime.registry.drift import FlowDrift, ToolDrift, ToolSchemas, drift_of, read_schemas, schemas_of
from cwc.runtime.registry.entries import Entry, FlowSummary, parse_version, tools_of
from cwc.runtime.registry.folder import Listed, read_folder
from cwc.runtime.registry.state import (
    UNSET,
    FileStates,
    FlowState,
    Key,
    MemoryStates,
    Status,
    Unset,
    check_hashes,
    check_status,
)
from cwc.runtime.tools.making import Tool, as_tool

_LOGGER = logging.getLogger("cwc.registry")

Registrable = Any
"""A flow object, or a generated module, which has one as ``FLOW``."""


class FlowRegistry:
    """Flows by their names and versions (PEP 440), several versions of one side by side.

    ``flows`` is an output folder of `cwc build`, whose modules are imported when a flow of theirs is first asked for,
    or flows in memory: objects of `compile_flow`, the ``FLOW`` of generated modules, or those modules. States of a
    folder's flows are kept in ``cwc-state.json`` in it, and survive rebuilds; those of others live with the registry.

    Flows that it gives are immutable, and have the state of the moment: a change of state makes new ones, and whoever
    holds an old one sees no change. Flows that their steps run have the state that the registry knows when they run.
    It may be used by any number of threads at once, and a folder by any number of processes.

    Raises FlowSerializationError for a folder without a usable manifest, and what `register_flow` raises.
    """

    def __init__(self, flows: str | os.PathLike[str] | Iterable[Registrable] = ()) -> None:
        self._entries: dict[Key, Entry] = {}
        self._latest: dict[str, str] = {}
        self._loaded: dict[Key, Flow[Any]] = {}
        self._views: dict[Key, tuple[Flow[Any], FlowState, Flow[Any]]] = {}
        self._known: dict[str, ToolSchemas] = {}
        self._lock = threading.RLock()
        self._states: FileStates | MemoryStates
        if isinstance(flows, str | os.PathLike):
            folder = read_folder(Path(os.path.realpath(flows)))
            self._states = FileStates(folder.path)
            self._known.update(folder.tools)
            for listed in folder.flows:
                self._add(Entry(listed, lambda listed=listed: folder.load(listed)))  # type: ignore[misc]
        else:
            self._states = MemoryStates()
            for flow in flows:
                self.register_flow(flow)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._latest

    def __iter__(self) -> Iterator[Flow[Any]]:
        return iter(self.list_flows())

    def __repr__(self) -> str:
        return f"<FlowRegistry of {', '.join(sorted(self._latest)) or 'no flows'}>"

    def register_flow(self, flow: Registrable, *, overwrite: bool = False) -> None:
        """Add a flow in memory. With ``overwrite`` it replaces the one of its name and version, and its state.

        Raises FlowAlreadyExistsError, InvalidFlowVersionError, and TypeError for what is no flow; nothing is then
        changed.
        """
        found = getattr(flow, "FLOW", flow)
        if not isinstance(found, Flow):
            raise TypeError(f"{flow!r} is no compiled flow")
        entry = _entry_of(found)
        with self._lock:
            if entry.key in self._entries:
                if not overwrite:
                    raise FlowAlreadyExistsError(found.name)
                with self._states.changing() as states:
                    states.pop(entry.key, None)
                self._loaded.pop(entry.key, None)
            self._add(entry)
            tools = tools_of(found)
            self._known.update({tool.schema_hash: schemas_of(tool) for tool in tools.values()})

    def _add(self, entry: Entry) -> None:
        name, version = entry.key
        parsed = parse_version(name, version)
        with self._lock:
            latest = self._latest.get(name)
            self._entries[entry.key] = entry
            if latest is None or parsed >= parse_version(name, latest):
                self._latest[name] = version

    def get_flow(self, name: str, *, version: str | None = None) -> Flow[Any]:
        """A flow, in its latest version unless another is asked for, as the version is spelt in its file.

        The latest is the highest by PEP 440; of equal ones that are spelt differently, the one registered last
        (SEMANTICS B 2.3). Raises FlowNotFoundError, and what importing its module raises.
        """
        return self._view(self._entry(name, version))

    def list_flows(self, *, status: Status | None = None, exclude_status: Collection[Status] = ()) -> list[Flow[Any]]:
        """Every version of every flow, by name and version; with ``status``, those that have it."""
        without = frozenset(map(check_status, exclude_status or ()))
        wanted = None if status is None else check_status(status)
        return [
            self._view(entry)
            for entry in self._in_order()
            if (wanted is None or self._status(entry) == wanted) and self._status(entry) not in without
        ]

    def get_active_flows(self) -> list[Flow[Any]]:
        """Every version of every flow whose status is active."""
        return self.list_flows(status="active")

    def list_flow_versions(self, name: str) -> list[str]:
        """The versions of a flow, the lowest first. Raises FlowNotFoundError."""
        self._entry(name, None)
        return [entry.listed.version for entry in self._in_order() if entry.listed.name == name]

    def summaries(self) -> list[FlowSummary]:
        """What is known of every version of every flow, by name and version; no module is imported."""
        return [
            FlowSummary(
                name=(listed := entry.listed).name,
                version=listed.version,
                status=self._status(entry),
                determinism_level=listed.determinism_level,
                lanes=listed.lanes,
                required_inputs=listed.required_inputs,
                latest=self._latest[listed.name] == listed.version,
            )
            for entry in self._in_order()
        ]

    def get_flow_state(self, name: str, *, version: str | None = None) -> FlowState:
        """The status and the snapshot of tool hashes that a flow has now. Raises FlowNotFoundError."""
        entry = self._entry(name, version)
        return FlowState(self._status(entry), self._expected(entry, self._state(entry)))

    def update_flow_state(
        self,
        name: str,
        *,
        version: str | None = None,
        status: Status | None = None,
        tool_schema_hashes: Mapping[str, str] | Unset | None = UNSET,
    ) -> Flow[Any]:
        """Change the state of a flow, the latest version unless another is named, and give the flow in its new state.

        What is left out stays; None for the hashes clears the snapshot, so that drift is not looked for. Raises
        FlowNotFoundError, and ValueError for a status or hashes that are none.
        """
        entry = self._entry(name, version)
        self._change(entry, status, tool_schema_hashes)
        return self._view(entry)

    def set_flow_status(self, name: str, status: Status, *, version: str | None = None) -> None:
        """Set the status of a flow; its module is not imported. Raises as `update_flow_state`."""
        self._change(self._entry(name, version), check_status(status), UNSET)

    def accept_drift(
        self, name: str, *, version: str | None = None, tools: Iterable[object] | None = None
    ) -> FlowState:
        """Take the tools of a flow as they are now for its snapshot, and make it active again.

        ``tools`` are tool objects, by default those that its module has imported. Raises FlowNotFoundError.
        """
        entry = self._entry(name, version)
        named = entry.listed.tool_schema_hashes.keys() | (self._expected(entry, self._state(entry)) or {}).keys()
        now = self._tools(entry, tools)
        found = {tool: now[tool] for tool in named if tool in now}
        schemas = {tool.schema_hash: schemas_of(tool).to_json() for tool in found.values()}
        self._change(entry, "active", {tool: found[tool].schema_hash for tool in sorted(found)}, schemas)
        return self.get_flow_state(name, version=version)

    def check_drift(self, tools: Iterable[object] | None = None, *, mark: bool = True) -> list[FlowDrift]:
        """The flows whose tools no longer have the schemas of their snapshots, and what about them changed.

        ``tools`` are tool objects to compare with, by default those that the flows' modules import. Flows that are
        found are set to needs_review, unless ``mark`` is False; a build of a folder's flow with the tools as they are
        undoes that for a flow that was active. Raises what importing a module raises, and OSError
        where the state file cannot be written.
        """
        given = None if tools is None else list(tools)
        found: list[tuple[Entry, Mapping[str, str], tuple[ToolDrift, ...]]] = []
        for entry in self._in_order():
            expected = self._expected(entry, self._state(entry))
            drifted = self._drift(entry, expected, given) if expected else ()
            if expected and drifted:
                found.append((entry, expected, drifted))
        if mark and any(self._status(entry) != "needs_review" for entry, _, _ in found):
            with self._states.changing() as states:
                for entry, expected, _ in found:
                    state = states.get(entry.key, FlowState())
                    # It may have been accepted meanwhile.
                    if self._expected(entry, state) == expected:
                        states[entry.key] = state.drifted(check_status(entry.listed.status))
        return [FlowDrift(*entry.key, self._status(entry), drifted) for entry, _, drifted in found]

    def current(self, flow: Flow[Any]) -> Flow[Any]:
        """A flow in the state that it has now, for a step that runs it; with its own state, if it is not registered."""
        entry = self._entries.get((flow.name, flow.version))
        return flow.within(self) if entry is None else self._seen(entry, flow)

    def _entry(self, name: str, version: str | None) -> Entry:
        wanted = self._latest.get(name) if version is None else version
        found = None if wanted is None else self._entries.get((name, wanted))
        if found is None:
            raise self._not_found(name, version)
        return found

    def _not_found(self, name: str, version: str | None) -> FlowNotFoundError:
        """The error for a flow that is not there, with a note of the one that was perhaps meant."""
        from difflib import get_close_matches

        error = FlowNotFoundError(name, version=version)
        if name not in self._latest and isinstance(name, str):
            for close in get_close_matches(name, self._latest, n=1):
                error.add_note(f"Did you mean {close!r}?")
        return error

    def _in_order(self) -> list[Entry]:
        return sorted(self._entries.values(), key=_place)

    def _state(self, entry: Entry) -> FlowState:
        return self._states.read().get(entry.key, FlowState())

    def _status(self, entry: Entry) -> Status:
        return self._state(entry).status or check_status(entry.listed.status)

    def _expected(self, entry: Entry, state: FlowState) -> Mapping[str, str] | None:
        """The snapshot that tools are compared with."""
        hashes = state.tool_schema_hashes
        return entry.listed.tool_schema_hashes if isinstance(hashes, Unset) else hashes

    def _tools(self, entry: Entry, given: Iterable[object] | None) -> dict[str, Tool]:
        if given is None:
            return tools_of(self._load(entry))
        return {tool.name: tool for candidate in given if (tool := as_tool(candidate)) is not None}

    def _drift(
        self, entry: Entry, expected: Mapping[str, str], given: Iterable[object] | None
    ) -> tuple[ToolDrift, ...]:
        known = {**self._known, **read_schemas(self._state(entry).schemas)}
        return drift_of(expected, self._tools(entry, given), known)

    def _change(
        self,
        entry: Entry,
        status: Status | None,
        hashes: Mapping[str, str] | Unset | None,
        schemas: Mapping[str, object] | None = None,
    ) -> None:
        changes: dict[str, Any] = {} if status is None else {"status": check_status(status), "before_drift": UNSET}
        if not isinstance(hashes, Unset):
            changes["tool_schema_hashes"] = None if hashes is None else check_hashes(hashes)
            changes["schemas"] = schemas or {}
        if changes:
            with self._states.changing() as states:
                states[entry.key] = replace(states.get(entry.key, FlowState()), **changes)

    def _load(self, entry: Entry) -> Flow[Any]:
        with self._lock:
            found = self._loaded.get(entry.key)
            if found is None:
                found = self._loaded[entry.key] = entry.load()
            return found

    def _warn_of_drift(self, entry: Entry) -> None:
        """Log which tools are others than the flow was built with, once, when its module is first imported.

        It is no reason to refuse the flow: another release of Pydantic may describe the same models in other words.
        """
        expected = self._expected(entry, self._state(entry))
        changed = [drifted.tool for drifted in self._drift(entry, expected, None)] if expected else []
        if changed:
            _LOGGER.warning(
                "flow %r %s was built with other schemas of %s; see check_drift()", *entry.key, ", ".join(changed)
            )

    def _view(self, entry: Entry) -> Flow[Any]:
        is_new = entry.key not in self._loaded
        flow = self._load(entry)
        if is_new:
            self._warn_of_drift(entry)
        return self._seen(entry, flow)

    def _seen(self, entry: Entry, flow: Flow[Any]) -> Flow[Any]:
        """A flow with the state of an entry, made once a state."""
        state = self._state(entry)
        known = self._views.get(entry.key)
        if known is not None and known[0] is flow and known[1] == state:
            return known[2]
        view = flow.within(self, status=state.status or flow.status)
        if not isinstance(state.tool_schema_hashes, Unset):
            vars(view)["tool_schema_hashes"] = state.tool_schema_hashes
        self._views[entry.key] = (flow, state, view)
        return view


class StatesOfFolder(FlowRegistry):
    """The states of an output folder, for flows that come from elsewhere, whether or not its manifest lists them."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._states = FileStates(folder)

    def current(self, flow: Flow[Any]) -> Flow[Any]:
        """A flow in the state that it has now. Raises RegistryStateError, and OSError if the file cannot be read."""
        return self._seen(_entry_of(flow), flow)


def _entry_of(flow: Flow[Any]) -> Entry:
    facts = (flow.source, flow.status, flow.determinism_level, flow.lanes, flow.required_inputs)
    return Entry(Listed(flow.name, flow.version, "", *facts, flow.tool_schema_hashes), lambda: flow)


def _place(entry: Entry) -> tuple[Any, ...]:
    return entry.listed.name, parse_version(*entry.key), entry.listed.version


__all__ = ["UNSET", "FlowDrift", "FlowRegistry", "FlowState", "FlowSummary", "ToolDrift"]
