"""Registered flows: what is known of them, their versions in order, and the tools of their modules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cwc.runtime.errors import InvalidFlowVersionError
from cwc.runtime.flow import Flow
from cwc.runtime.registry.folder import Listed
from cwc.runtime.registry.state import Key, Status
from cwc.runtime.tools.making import Tool, as_tool


@dataclass(frozen=True, slots=True)
class FlowSummary:
    """What is known of a flow without importing its module. ``latest``: it is what its name alone means."""

    name: str
    version: str
    status: Status
    determinism_level: str
    lanes: tuple[str, ...]
    required_inputs: tuple[str, ...]
    latest: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A registered flow; ``load`` gives it as it was generated."""

    listed: Listed
    load: Callable[[], Flow[Any]]

    @property
    def key(self) -> Key:
        return self.listed.name, self.listed.version


def parse_version(name: str, version: str) -> Any:
    """A version by PEP 440. Raises InvalidFlowVersionError."""
    from packaging.version import Version

    try:
        return Version(version)
    # Python refuses to read integers of thousands of digits, which is a ValueError and no InvalidVersion.
    except (ValueError, TypeError) as error:
        raise InvalidFlowVersionError(name, version, str(error)) from None


def tools_of(flow: Flow[Any]) -> dict[str, Tool]:
    """The tools that a flow's module has imported, by name."""
    found = {}
    for value in flow.namespace.values():
        tool = as_tool(value)
        if tool is not None and tool.name in flow.tool_schema_hashes:
            found[tool.name] = tool
    return found
