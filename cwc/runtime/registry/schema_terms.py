"""JSON schemas in the form in which they are compared: references followed, unions flat, wording apart from meaning."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

Schema = Mapping[str, object]

WORDING = frozenset({"title", "description", "examples", "deprecated", "$comment", "readOnly", "writeOnly"})
"""Keywords that decide nothing about values."""
STRUCTURE = frozenset({"$defs", "$ref", "anyOf", "oneOf", "allOf", "discriminator", "default"})


@dataclass(frozen=True, slots=True)
class Term:
    """A schema and the document that its references lead into. ``ref`` is the reference that led here, if one did."""

    schema: Schema
    root: Schema
    ref: str | None = None

    def below(self, schema: object) -> Term:
        """A schema inside of this one; ``true`` and what is no schema take anything."""
        return Term(schema if isinstance(schema, Mapping) else {}, self.root)

    def part(self, key: str) -> Schema:
        """The mapping under a keyword, empty where there is none."""
        found = self.schema.get(key)
        return found if isinstance(found, Mapping) else {}

    def names(self, key: str) -> list[str]:
        """The texts in the list under a keyword."""
        found = self.schema.get(key)
        return [name for name in found if isinstance(name, str)] if isinstance(found, list | tuple) else []


def alternatives(term: Term, seen: set[str] | None = None) -> list[Term]:
    """The members of a union, with references followed; of any other schema, itself.

    ``seen`` are the references that were followed already: what leads to one of them again adds nothing to a union.
    """
    schema = term.schema
    seen = set() if seen is None else seen
    ref = schema.get("$ref")
    if isinstance(ref, str):
        target = _target(ref, term.root)
        if target is None or ref in seen:
            return [term] if target is None else []
        seen.add(ref)
        return alternatives(Term(target, term.root, ref), seen)
    for key in ("anyOf", "oneOf"):
        members = schema.get(key)
        if isinstance(members, list):
            return [found for member in members for found in alternatives(term.below(member), seen)]
    whole = schema.get("allOf")
    if isinstance(whole, list) and len(whole) == 1:
        return alternatives(term.below(whole[0]), seen)
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return [Term({**schema, "type": kind}, term.root, term.ref) for kind in kinds]
    return [term]


def canonical(term: Term) -> str:
    """A text that is equal for schemas that mean the same, wording aside, under the same names of references."""
    text = _dumped(term.schema)
    return f"{text} in {_dumped(term.root.get('$defs'), names=True)}" if '"$ref"' in text else text


def describe(term: Term) -> str:
    """A schema in a few words, e.g. ``integer`` or ``array of string``."""
    schema = term.schema
    if "const" in schema:
        return json.dumps(schema["const"])
    values = schema.get("enum")
    if isinstance(values, list):
        return "one of " + ", ".join(map(json.dumps, values))
    kind = schema.get("type")
    if kind == "array" and isinstance(schema.get("items"), Mapping):
        return "array of " + " or ".join(map(describe, alternatives(term.below(schema["items"]))))
    title = schema.get("title")
    if kind == "object" and isinstance(title, str):
        return f"object {title}"
    text = kind if isinstance(kind, str) else "anything"
    format_ = schema.get("format")
    return f"{text} ({format_})" if isinstance(format_, str) else text


def _target(ref: str, root: Schema) -> Schema | None:
    """The schema that a reference into ``$defs`` names."""
    name = ref.removeprefix("#/$defs/").replace("~1", "/").replace("~0", "~")
    defs = root.get("$defs")
    found = defs.get(name) if isinstance(defs, Mapping) else None
    return found if isinstance(found, Mapping) else None


def _dumped(value: object, *, names: bool = False) -> str:
    return json.dumps(_meaning(value, names=names), sort_keys=True, separators=(",", ":"))


def _meaning(value: object, *, names: bool = False) -> object:
    """A schema without its wording; with ``names``, a mapping of schemas by names."""
    if isinstance(value, list | tuple):
        return [_meaning(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    kept = value if names else {key: item for key, item in value.items() if key not in WORDING | {"$defs"}}
    by_name = ("properties", "patternProperties")
    return {key: _meaning(item, names=not names and key in by_name) for key, item in kept.items()}
