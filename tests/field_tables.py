"""The tables of fields on the page of the flow language, made of the models."""

from __future__ import annotations

import re
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from cwc.language.document import Flow
from cwc.language.metadata import Governance, Safety
from cwc.language.steps import Branch, DAGStep, Retry, Step

MODELS: dict[str, tuple[type[BaseModel], type[BaseModel] | None]] = {
    "Flow": (Flow, None),
    "Step": (Step, None),
    "Retry": (Retry, None),
    "DAGStep": (DAGStep, Step),
    "Branch": (Branch, None),
    "Governance": (Governance, None),
    "Safety": (Safety, None),
}
"""A model, and the one whose fields are told elsewhere."""

MARK = re.compile(r"<!-- fields: (\w+) -->\n(?:\n\|[^\n]*(?:\n\|[^\n]*)*\n)?")


def with_tables(page: str) -> str:
    """A page with its tables as the models have them."""
    return MARK.sub(lambda found: f"<!-- fields: {found[1]} -->\n\n{table(found[1])}\n", page)


def table(name: str) -> str:
    model, told = MODELS[name]
    rows = ["| field | type | default |", "| --- | --- | --- |"]
    for field, info in model.model_fields.items():
        if told is None or field not in told.model_fields:
            rows.append(f"| `{field}` | {_type(info.annotation)} | {_default(info)} |")
    return "\n".join(rows)


def _type(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        named = [_type(part) for part in arguments if part is not NoneType and not _is_hidden(part)]
        return " or ".join([*named, *(["null"] if NoneType in arguments else [])])
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin is dict:
        return f"mapping of {_type(arguments[1])}s" if arguments[1] is not object else "mapping"
    if origin is tuple:
        one = _type(arguments[0])
        return f"list of {one}{'es' if one.endswith('ch') else 's'}"
    if origin is not None and hasattr(annotation, "__metadata__"):
        return _type(arguments[0])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation.__name__.lower().replace("dagstep", "step")
    return {str: "string", int: "integer", float: "number", bool: "boolean", object: "value"}[annotation]


def _is_hidden(part: Any) -> bool:
    return get_origin(part) is not None and NoneType in get_args(part)


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    value = info.get_default(call_default_factory=True, validated_data={})
    if value is None:
        return "null"
    if isinstance(value, BaseModel):
        return "its defaults"
    if value in ((), {}):
        return "empty"
    if isinstance(value, tuple):
        return ", ".join(f"`{each}`" for each in value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def path_of_page(root: Path) -> Path:
    return root / "docs" / "guide" / "flow-language.md"
