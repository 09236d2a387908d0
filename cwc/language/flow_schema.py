"""The flow language as a JSON Schema (2020-12), made of the models, for editors and other tools."""

from __future__ import annotations

from typing import Any

from cwc.language.document import DAGFlow, Flow

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_REFERENCE = rf"^{_NAME}(\.{_NAME})*:{_NAME}(\.{_NAME})*$"
_REFERENCES = ("input_schema_ref", "output_schema_ref", "context_schema_ref", "input_contract", "output_contract")
_FORMAT_VERSION = {
    "description": "The format of the file; 1 is the one that there is.",
    "anyOf": [{"type": "null"}, {"const": 1}, {"type": "string", "pattern": r"^\s*\+?0*1\s*(\..*)?$"}],
}
_ONE_TARGET = {
    "oneOf": [{"required": [name], "properties": {name: {"type": "string"}}} for name in ("tool_name", "flow_name")]
}
"""A step runs one tool or one flow; null is as if it were not there."""


def flow_schema() -> dict[str, Any]:
    """The schema of flow files.

    It is stricter than the compiler in one thing: keys that mean nothing, of which a build warns, are refused, so that
    editors show misspelt ones.
    """
    definitions: dict[str, Any] = {}
    for model in (Flow, DAGFlow):
        schema = model.model_json_schema()
        definitions |= schema.pop("$defs", {})
        schema["properties"] = {
            "type": {
                "const": model.kind,
                "description": "Flow: steps in the order of the file. DAGFlow: by depends_on.",
            },
            "format_version": _FORMAT_VERSION,
            **schema["properties"],
        }
        schema["required"] = ["type", *schema["required"]]
        definitions[model.__name__] = schema
    for name in ("Step", "DAGStep"):
        _complete_step(definitions[name])
    definitions["Safety"]["properties"]["requires_review"] = {
        "type": "boolean", "deprecated": True, "description": "The older name of requires_approval.",
    }  # fmt: skip
    definitions["Retry"]["properties"]["retryable_errors"] |= {"minItems": 1}
    definitions["Retry"]["properties"]["retryable_errors"]["items"] = {"type": "string", "pattern": _REFERENCE}
    for definition in definitions.values():
        _complete(definition)
    return {
        "$schema": DIALECT,
        "title": "cwc flow file",
        "description": "A flow: steps over typed tools.",
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": [Flow.kind, DAGFlow.kind]}},
        "if": {"properties": {"type": {"const": DAGFlow.kind}}},
        "then": {"$ref": "#/$defs/DAGFlow"},
        "else": {"$ref": "#/$defs/Flow"},
        "$defs": dict(sorted(definitions.items())),
    }


def _complete(definition: dict[str, Any]) -> None:
    """What holds for every object of the language."""
    definition["additionalProperties"] = False
    for name, value in definition["properties"].items():
        value.pop("title", None)
        if name in _REFERENCES:
            _text_of(value)["pattern"] = _REFERENCE


def _complete_step(definition: dict[str, Any]) -> None:
    """The rules that validators of a step hold."""
    own = definition["properties"]
    for name in ("tool_name", "flow_name"):
        _text_of(own[name])["minLength"] = 1
    own["on_error"] |= {"pattern": r"^(fail|skip|fallback:[\s\S]+)$"}
    for choice in own["decision_candidates"]["anyOf"]:
        if choice.get("type") == "array":
            choice |= {"minItems": 1, "uniqueItems": True}
    definition |= _ONE_TARGET


def _text_of(value: dict[str, Any]) -> dict[str, Any]:
    """The text among what a field may hold."""
    choices: list[dict[str, Any]] = value.get("anyOf", [value])
    return next(choice for choice in choices if choice.get("type") == "string")
