"""The JSON Schemas that cwc publishes, made of the models and dataclasses that read and write the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter

from cwc.driver.config import settings_schema
from cwc.driver.rebuilding.freezing import TAG, TEXTS, kept, shapes
from cwc.driver.tools import lock
from cwc.driver.writing import manifest
from cwc.language.flow_schema import DIALECT, flow_schema
from cwc.plan.types.model import Ref
from cwc.runtime.registry import state as registry_state

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_DIGEST: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_HASHES: Schema = {"type": "object", "additionalProperties": _TEXT}
_TOOL: Schema = {
    "type": "object",
    "description": "The JSON schemas of a tool, by whose hash it stands here.",
    "required": ["input", "output", "schema_version"],
    "additionalProperties": False,
    "properties": {"input": {"type": "object"}, "output": {"type": "object"}, "schema_version": _TEXT},
}


def generated_schemas() -> Mapping[str, Schema]:
    """The published schemas, by name, but for the report's, which is written by hand."""
    return {
        "flow": flow_schema(),
        "lock": _lock(),
        "manifest": _manifest(),
        "project": {"$schema": DIALECT, "title": "[tool.cwc] in pyproject.toml", **settings_schema()},
        "state": _state(),
    }


def _file(title: str, description: str, format: int, required: tuple[str, ...], properties: Schema) -> Schema:
    return {
        "$schema": DIALECT,
        "title": title,
        "description": description,
        "type": "object",
        "required": ["format", *required],
        "additionalProperties": False,
        "properties": {"format": {"const": format}, **properties},
    }


def _manifest() -> Schema:
    origin = TypeAdapter(manifest.Origin).json_schema()
    facts = origin.pop("$defs")["Facts"]
    origin["properties"] |= {"facts": facts, "digest": _DIGEST}
    for own in (origin, facts):
        own["additionalProperties"] = False
    entry = {
        "type": "object",
        "required": ["path", "sha256", "flow"],
        "additionalProperties": False,
        "properties": {
            "path": {"type": "string", "description": "Relative to the folder, POSIX."},
            "sha256": _DIGEST,
            "flow": {"anyOf": [{"type": "null"}, origin]},
            "next": {**_DIGEST, "description": "What a build that was killed was about to write."},
        },
    }
    properties = {
        "files": {"type": "array", "items": entry},
        "tools": {"type": "object", "additionalProperties": _TOOL},
    }
    what = "Every file that cwc wrote into the folder, and the tools that its flows were built with."
    return _file(manifest.FILE_NAME, what, manifest.FORMAT, ("files",), properties)


def _state() -> Schema:
    flow = {
        "type": "object",
        "required": ["name", "version"],
        "additionalProperties": False,
        "properties": {
            "name": _TEXT,
            "version": _TEXT,
            "status": {"enum": list(registry_state.STATUSES)},
            "tool_schema_hashes": {"anyOf": [{"type": "null"}, _HASHES]},
            "schemas": {"type": "object", "additionalProperties": _TOOL},
        },
    }
    what = "What people set about the flows of the folder."
    properties = {"flows": {"type": "array", "items": flow}}
    return _file(registry_state.FILE_NAME, what, registry_state.FORMAT, ("flows",), properties)


def _lock() -> Schema:
    value: Schema = {"$ref": "#/$defs/value"}
    definitions: Schema = {name: _record(kind) for name, kind in sorted(shapes().items()) if kind is not Ref}
    definitions["Ref"] = _tagged("Ref", {"name": _TEXT, "table": {"type": "integer", "minimum": 0}})
    definitions["class"] = _tagged("class", {"name": _TEXT})
    definitions["member"] = _tagged("member", {"class": _TEXT, "name": _TEXT})
    definitions["opaque"] = _tagged("opaque", {"class": _TEXT})
    definitions["text"] = _tagged(sorted(TEXTS), {"text": _TEXT})
    tagged = [{"$ref": f"#/$defs/{name}"} for name in definitions]
    plain = [{"type": ["null", "boolean", "number", "string"]}, {"type": "array", "items": value}]
    definitions["value"] = {"anyOf": [*plain, *tagged]}
    cls = {
        "type": "object",
        "description": "A class of the project's, as far as it matters: its bases, members and protocols.",
        "additionalProperties": False,
        "properties": {
            "bases": {"type": "array", "items": _TEXT},
            "has": {"type": "array", "items": _TEXT},
            "members": {"type": "array", "items": {"type": "array", "prefixItems": [_TEXT, value]}},
        },
    }
    properties = {
        "tools": {"type": "object", "additionalProperties": {"$ref": "#/$defs/ToolSpec"}},
        "models": {"type": "object", "additionalProperties": {"$ref": "#/$defs/ModelSpec"}},
        "errors": {"type": "array", "items": _TEXT},
        "classes": {"type": "object", "additionalProperties": cls},
        "tables": {"type": "array", "items": {"type": "object", "additionalProperties": value}},
    }
    what = "What a locked build needs to know of the tools and classes in use."
    required = ("tools", "models", "errors", "classes", "tables")
    return _file(lock.FILE_NAME, what, lock.FORMAT, required, properties) | {"$defs": definitions}


def _tagged(tag: object, properties: Schema) -> Schema:
    own = {"enum": tag} if isinstance(tag, list) else {"const": tag}
    return {
        "type": "object",
        "required": [TAG, *properties],
        "additionalProperties": False,
        "properties": {TAG: own, **properties},
    }


def _record(kind: type) -> Schema:
    """A dataclass in a lock; fields that have their default are left out."""
    hints = get_type_hints(kind)
    schema = _tagged(kind.__name__, {entry.name: _hinted(hints[entry.name]) for entry in kept(kind)})
    needed = [each.name for each in kept(kind) if each.default is MISSING and each.default_factory is MISSING]
    return schema | {"required": [TAG, *needed]}


def _hinted(hint: Any) -> Schema:
    """What may stand for a field of a declared type, as closely as a schema can say without repeating the codec."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is tuple:
        return {"type": "array", "items": _hinted(arguments[0])}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object"}
    plain = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    if hint in plain:
        return {"type": plain[hint]}
    if arguments and all(member in plain for member in arguments):
        return {"anyOf": [_hinted(member) for member in arguments]}
    found = shapes().get(getattr(hint, "__name__", ""))
    return {"$ref": f"#/$defs/{found.__name__}"} if found is hint else {"$ref": "#/$defs/value"}
