"""JSON for people to read, as ``json.dumps(value, indent=2)`` writes it: that does without C, and is slow for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from json.encoder import encode_basestring_ascii


def indented(value: object, margin: str = "\n") -> str:
    """A JSON value as ASCII text. ``margin`` is what its closing bracket stands behind. Keys of mappings are texts."""
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    inner = f"{margin}  "
    if isinstance(value, Mapping):
        items = [f"{inner}{encode_basestring_ascii(key)}: {indented(each, inner)}" for key, each in value.items()]
        return f"{{{','.join(items)}{margin}}}" if items else "{}"
    if isinstance(value, list | tuple):
        elements = [f"{inner}{indented(each, inner)}" for each in value]
        return f"[{','.join(elements)}{margin}]" if elements else "[]"
    return json.dumps(value)
