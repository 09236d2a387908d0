"""Flows as they are written: models of every field of the flow language, and the document that a file was read into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from packaging.version import Version
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from cwc.diagnostics.model import Label, Pointer
from cwc.language.metadata import Governance, Safety
from cwc.language.rules import ClassReference, Texts
from cwc.language.steps import Branch, DAGStep, Retry, Step
from cwc.syntax.tree import Tree

Policy = Literal["overwrite", "warn", "error"]
Status = Literal["active", "needs_review", "disabled"]


class _AnyFlow(BaseModel):
    """What linear and DAG flows have in common. Values are read leniently, as Pydantic's lax mode does."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    name: str
    description: str
    deterministic: bool = True
    status: Status = "active"
    trigger_conditions: dict[str, object] | None = None
    input_schema_ref: ClassReference | None = None
    output_schema_ref: ClassReference | None = None
    context_schema_ref: ClassReference | None = None
    tool_schema_hashes: dict[str, str] | None = None
    capability_id: str | None = None
    governance: Governance = Field(default_factory=Governance)
    safety: Safety | None = None
    on_context_collision: Policy = "warn"
    dynamic_params: Texts = ()


class Flow(_AnyFlow):
    """A linear flow: its steps run in the order of the file. A step that could not be read is None."""

    kind: ClassVar[Literal["Flow"]] = "Flow"

    version: str = "0.1.0"
    steps: tuple[Step | SkipJsonSchema[None], ...]


class DAGFlow(_AnyFlow):
    """A flow whose steps run in the order of their dependencies. A step that could not be read is None."""

    kind: ClassVar[Literal["DAGFlow"]] = "DAGFlow"

    version: str
    steps: tuple[DAGStep | SkipJsonSchema[None], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A flow file that was read: the flow as written, and the place of everything in it.

    ``whole`` is false where something of it could not be read, so that the flow holds a default or nothing instead;
    ``lost`` are the places of what was left out.
    """

    tree: Tree
    flow: Flow | DAGFlow
    whole: bool = True
    lost: frozenset[Pointer] = frozenset()

    @property
    def path(self) -> str:
        return self.tree.source.path

    @property
    def digest(self) -> str:
        """The SHA-256 of the file, line ends as LF, 64 hex digits."""
        return self.tree.source.digest

    @property
    def version(self) -> Version | None:
        """The flow's version (PEP 440), or None where it is none, which has been reported."""
        return parse_version(self.flow.version)

    def lost_in(self, pointer: Pointer) -> bool:
        """Whether something at a place, or inside of it, was left out."""
        depth = len(pointer.tokens)
        return any(place.tokens[:depth] == pointer.tokens for place in self.lost)

    def lost_keys(self, pointer: Pointer) -> frozenset[str] | None:
        """The keys of a mapping under which something was left out; None where the mapping itself was."""
        depth = len(pointer.tokens)
        return (
            None
            if pointer in self.lost
            else frozenset(str(place.tokens[depth]) for place in self.lost if place.tokens[:depth] == pointer.tokens)
        )

    def label(self, pointer: Pointer, message: str = "") -> Label:
        return Label(self.path, pointer, message)

    def line(self, pointer: Pointer) -> int:
        """The line, from 1, that a place begins on."""
        return self.tree.source.place(self.tree.span(pointer)).line


def parse_version(text: str) -> Version | None:
    """A version by PEP 440, or None if the text is none."""
    try:
        return Version(text)
    # Python refuses to read integers of thousands of digits, which is a ValueError and no InvalidVersion.
    except ValueError:
        return None


__all__ = [
    "Branch",
    "DAGFlow",
    "DAGStep",
    "Document",
    "Flow",
    "Governance",
    "Policy",
    "Retry",
    "Safety",
    "Status",
    "Step",
    "parse_version",
]
