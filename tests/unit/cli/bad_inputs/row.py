"""A row of the table of bad inputs: what is done to a built project, and the command that meets it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Content = str | bytes | None


@dataclass(frozen=True, slots=True)
class Row:
    """``files`` are written into the project by their names, None removes one; then ``prepare`` is called in it."""

    name: str
    arguments: tuple[str, ...] = ("build",)
    files: Mapping[str, Content] = field(default_factory=dict)
    prepare: Callable[[], object] | None = None

    def apply(self) -> None:
        """Do to the project in the working directory what the row says."""
        for name, content in self.files.items():
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content.encode() if isinstance(content, str) else content)
        if self.prepare is not None:
            self.prepare()


def bad_flow(name: str, text: str | bytes, *arguments: str, suffix: str = "yaml") -> Row:
    """A flow file of this content beside the good one."""
    return Row(name, arguments or ("build",), {f"flows/bad.flow.{suffix}": text})


def linear(step: Mapping[str, Any] | None = None, **fields: Any) -> str:
    """A good linear flow but for some fields, and some of its only step, as JSON."""
    first = {"tool_name": "double", "input_mapping": {"number": "number"}, **(step or {})}
    flow = {"type": "Flow", "name": "bad", "description": "Bad.", "input_schema_ref": "tools:NumberInput"}
    return json.dumps({**flow, "steps": [first], **fields})


def dag(step: Mapping[str, Any] | None = None, **fields: Any) -> str:
    """A good DAG flow of two steps but for some fields, and some of its first step, as JSON."""
    first = {"step_id": "a", "tool_name": "double", "input_mapping": {"number": "number"}, **(step or {})}
    second = {"step_id": "b", "tool_name": "format", "depends_on": ["a"], "input_mapping": {"value": "value"}}
    flow = {"type": "DAGFlow", "name": "bad", "version": "1", "description": "", "on_context_collision": "overwrite"}
    return json.dumps({**flow, "input_schema_ref": "tools:NumberInput", "steps": [first, second], **fields})


def link(name: str, target: str) -> Callable[[], None]:
    """Put a symbolic link into the project."""

    def prepare() -> None:
        Path(name).symlink_to(target)

    return prepare
