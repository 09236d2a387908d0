"""Fingerprints of models and tools, by which a flow notices that a tool's schema has changed.

They are those of ChainWeaver, so that the snapshots in existing flow files stay valid.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from pydantic import BaseModel


def model_hash(model: type[BaseModel]) -> str:
    """The fingerprint of a model: the first 16 hex digits of SHA-256 over its JSON schema.

    The schema is the one of ``model_json_schema()``, as JSON with sorted keys, no spaces and non-ASCII escaped. Raises
    what Pydantic raises for a model that has no JSON schema (PydanticInvalidForJsonSchema).
    """
    return _hash(model.model_json_schema())


def dump_fingerprint(model: type[BaseModel]) -> str:
    """The fingerprint of what a model's dumps look like; otherwise as the one of what it accepts."""
    return _hash(model.model_json_schema(mode="serialization"))


def tool_hash(input_model: type[BaseModel], output_model: type[BaseModel], schema_version: str = "0.0.0") -> str:
    """The fingerprint of a tool: 16 hex digits over its two models' fingerprints and its schema version."""
    return schemas_hash(input_model.model_json_schema(), output_model.model_json_schema(), schema_version)


def schemas_hash(takes: Mapping[str, object], gives: Mapping[str, object], schema_version: str) -> str:
    """The fingerprint of a tool with these JSON schemas."""
    return _hash([_hash(takes), _hash(gives), schema_version])


def _hash(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
