"""What the compiler knows of tools and of the classes that flows refer to: plain values, gathered by the driver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel

from cwc.plan.interface import FlowSpec
from cwc.plan.types.model import UNKNOWN, Record, Type

Extra = Literal["ignore", "allow", "forbid"]
LIVE: Mapping[str, object] = {"live": True}
"""The metadata of fields that no lock keeps: objects of the user's own code, and how one call went."""


class Locked(BaseModel):
    """What stands for a model of which only the facts in a lock are known."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a model, as a caller of the model sees it.

    ``name`` is the field's name; ``keys`` are the mapping keys that can fill it (its name, its aliases, or both);
    ``dumped`` is its key in ``model_dump()``, or None where it is excluded. ``isolated``: validating a value for it
    gives an object of its own, or one that cannot change. ``validator`` is its core schema as
    JSON, empty where it is more than data. ``annotation`` is its declared type; a lock leaves it out.
    """

    name: str
    keys: tuple[str, ...]
    required: bool
    dumped: str | None
    isolated: bool = False
    validator: Mapping[str, object] = field(default_factory=dict, compare=False)
    annotation: object = field(default=None, metadata=LIVE)


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What a Pydantic model takes and gives.

    ``open_input`` says that validators see the raw mapping first, so that ``required`` proves nothing about the keys
    of an accepted input. ``open_output`` says that ``model_dump()`` may hold other keys than ``dump_keys``
    (extra="allow"); ``opaque_output`` that nothing is known of its keys (custom serializers, root models).
    ``takes`` is the type of the mappings that it validates, ``gives`` that of its dumps, and ``passed`` that of what
    callers pass who mean the model. ``model`` is the class; a lock leaves it out, so it decides about nothing that is
    emitted.
    """

    name: str
    fields: tuple[FieldSpec, ...]
    extra: Extra
    open_input: bool
    open_output: bool
    opaque_output: bool
    dump_keys: tuple[str, ...]
    takes: Type = UNKNOWN
    gives: Type = UNKNOWN
    passed: Type = UNKNOWN
    model: type[BaseModel] = field(default=Locked, metadata=LIVE)

    def field(self, key: str) -> FieldSpec | None:
        """The field that a mapping key fills, if any."""
        return next((spec for spec in self.fields if key in spec.keys), None)

    def input_type(self, key: str) -> Type:
        """The type of input that a mapping key fills; unknown where it fills none."""
        return _of_key(self.takes, key)

    def output_type(self, key: str) -> Type:
        """The type of the value under a key of the dump; unknown where no such key is declared."""
        return _of_key(self.gives, key)

    def passed_type(self, key: str) -> Type:
        """The type of what callers pass under a key."""
        return _of_key(self.passed, key)


def _of_key(record: Type, key: str) -> Type:
    fields = record.fields if isinstance(record, Record) else ()
    return next((field.type for field in fields if key in field.keys), UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """What a tool takes, gives and may do; generated code imports it by ``from module import attribute``.

    ``unpacks``: its function takes the fields of the input model as keywords, and is called by a function that unpacks
    the model. ``schema_hash`` is made of the JSON schemas ``input_schema`` and ``output_schema``, and of
    ``schema_version``.
    """

    name: str
    description: str
    module: str
    attribute: str
    is_async: bool
    blocking: bool
    unpacks: bool = False
    input: ModelSpec
    output: ModelSpec
    schema_hash: str
    timeout_seconds: float | None = None
    max_output_size: int | None = None
    cacheable: bool = True
    safe_to_retry: bool | None = None
    idempotent: bool | None = None
    read_only: bool | None = None
    schema_version: str = "0.0.0"
    input_schema: Mapping[str, object] = field(default_factory=dict, compare=False)
    output_schema: Mapping[str, object] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A reference that led to no class, and why. ``reason`` completes "cannot resolve 'ref': …"; ``instead`` is a
    name that is there in the place of the last one.
    ``by_settings``: the settings of a project decide about its module."""

    reason: str
    instead: str | None = None
    by_settings: bool = field(default=False, metadata=LIVE)


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The tools by name, and every reference of the build set resolved.

    ``models`` holds schema and contract references, ``errors`` the exception classes of retry policies; keys are the
    references as written (``module:qualname``). ``flows`` are those that steps can run, by name.
    ``incomplete``: there was an error in gathering the tools, so a name that is not here may be that of a tool.
    ``ambiguous``: the names that are those of several tools, where that is an error: no step can be bound to one.
    ``unlisted``: what helps, by the names of tools that are in files of the project and were not gathered.
    ``no_project``: why no project was found, where they were gathered without one.
    """

    tools: Mapping[str, ToolSpec] = field(default_factory=dict)
    models: Mapping[str, ModelSpec | Unresolved] = field(default_factory=dict)
    errors: Mapping[str, type[BaseException] | Unresolved] = field(default_factory=dict)
    flows: Mapping[str, FlowSpec | Unresolved] = field(default_factory=dict)
    incomplete: bool = field(default=False, metadata=LIVE)
    ambiguous: frozenset[str] = field(default=frozenset(), metadata=LIVE)
    unlisted: Mapping[str, str] = field(default_factory=dict, metadata=LIVE)
    no_project: str = field(default="", metadata=LIVE)
