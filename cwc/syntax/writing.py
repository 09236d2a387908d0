"""Plain values → the text of a flow file, such that reading it gives the same values."""

from __future__ import annotations

import json

import yaml


class _Dumper(yaml.SafeDumper):
    """Writes every value out, also one that stands in several places: anchors help nobody who reads a flow."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def yaml_text(data: object) -> str:
    """YAML of mappings, lists and scalars, dates among them, with keys in their order."""
    text = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    assert isinstance(text, str)
    return text


def json_text(data: object) -> str:
    """JSON of mappings, lists and scalars. Raises TypeError for a date, which JSON has no form for."""
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
