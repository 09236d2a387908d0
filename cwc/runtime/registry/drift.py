"""Drift: tools whose schemas are no longer those that a flow was built with, and what about them changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from cwc.runtime.registry.schema_changes import SchemaChange, schema_changes
from cwc.runtime.registry.schema_terms import Schema
from cwc.runtime.tools.making import Tool


@dataclass(frozen=True, slots=True)
class ToolSchemas:
    """The JSON schemas of a tool's input and output, and the version that its author gave them."""

    input: Schema
    output: Schema
    schema_version: str = "0.0.0"

    def to_json(self) -> dict[str, object]:
        return {"input": self.input, "output": self.output, "schema_version": self.schema_version}


def read_schemas(tools: object) -> dict[str, ToolSchemas]:
    """Schemas by hash, from the JSON that manifests and state files hold; what has another shape is left out."""
    found = {}
    for digest, tool in tools.items() if isinstance(tools, Mapping) else ():
        match tool:
            case {"input": dict(takes), "output": dict(gives), "schema_version": str(version)}:
                found[str(digest)] = ToolSchemas(takes, gives, version)
    return found


@dataclass(frozen=True, slots=True)
class ToolDrift:
    """A tool that changed. ``actual`` is its hash now, None where there is no such tool any more.

    ``changes`` tell what changed; they are empty where the old schemas are not known, or the tool is gone.
    """

    tool: str
    expected: str
    actual: str | None
    changes: tuple[SchemaChange, ...] = ()

    @property
    def breaking(self) -> bool:
        """Whether what was built with the old schemas may fail; so it is where the changes are not known."""
        return not self.changes or any(change.breaking for change in self.changes)

    def to_json(self) -> dict[str, object]:
        changes = [asdict(change) for change in self.changes]
        own = {"tool": self.tool, "expected": self.expected, "actual": self.actual, "breaking": self.breaking}
        return own | {"changes": changes}

    @property
    def lines(self) -> list[str]:
        """What happened, one line a change."""
        if self.actual is None:
            return [f"tool {self.tool!r} is gone"]
        told = [f"tool {self.tool!r}: {change}" for change in self.changes]
        return told or [
            f"tool {self.tool!r} changed from {self.expected} to {self.actual}; its old schemas are not known"
        ]


@dataclass(frozen=True, slots=True)
class FlowDrift:
    """A version of a flow, and its tools that changed. ``status`` is the flow's, after the drift was noticed."""

    name: str
    version: str
    status: str
    tools: tuple[ToolDrift, ...] = field(default=())

    @property
    def breaking(self) -> bool:
        return any(tool.breaking for tool in self.tools)

    def to_json(self) -> dict[str, object]:
        own = {"name": self.name, "version": self.version, "status": self.status, "breaking": self.breaking}
        return own | {"tools": [tool.to_json() for tool in self.tools]}


def schemas_of(tool: Tool) -> ToolSchemas:
    """The schemas that a tool has now, as its hash is made of them."""
    return ToolSchemas(
        tool.input_schema.model_json_schema(), tool.output_schema.model_json_schema(), tool.schema_version
    )


def drift_of(
    expected: Mapping[str, str], tools: Mapping[str, Tool], known: Mapping[str, ToolSchemas]
) -> tuple[ToolDrift, ...]:
    """The tools whose hash is not the expected one; ``known`` are schemas by hash, where they are on record."""
    return tuple(_drifted(expected, tools, known))


def _drifted(
    expected: Mapping[str, str], tools: Mapping[str, Tool], known: Mapping[str, ToolSchemas]
) -> Iterable[ToolDrift]:
    for name, digest in sorted(expected.items()):
        tool = tools.get(name)
        if tool is None:
            yield ToolDrift(name, digest, None)
        elif tool.schema_hash != digest:
            old = known.get(digest)
            changes = () if old is None else changes_between(old, schemas_of(tool))
            yield ToolDrift(name, digest, tool.schema_hash, changes)


def changes_between(old: ToolSchemas, new: ToolSchemas) -> tuple[SchemaChange, ...]:
    """What changed of a tool, its input first."""
    changes = schema_changes("input", old.input, new.input) + schema_changes("output", old.output, new.output)
    if old.schema_version == new.schema_version:
        return changes
    detail = f"the author's schema_version changed from {old.schema_version} to {new.schema_version}"
    return (*changes, SchemaChange("input", "", "schema_version_changed", True, detail))
