"""Keys that the flow language does not know, and keys that are no text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import get_args, get_origin

from pydantic import AliasChoices, BaseModel

from cwc.diagnostics.model import Pointer, define
from cwc.language.describing import describe
from cwc.language.findings import Findings
from cwc.language.habits import HABITS
from cwc.language.mistakes import IN_QUOTES, WRONG_TYPE
from cwc.language.steps import DAGStep, Step
from cwc.syntax.quoting import quoted
from cwc.syntax.tree import Entry, MappingNode, Node, SequenceNode

UNKNOWN_FIELD = define("CWC106", "unknown_field", "warning", "A field is not part of the flow language and is ignored")
DAG_FIELD = define("CWC107", "dag_field_on_flow", "warning", "A linear flow ignores what only a DAG flow has")

_DAG_ONLY = DAGStep.model_fields.keys() - Step.model_fields.keys()


def check_keys(
    model: type[BaseModel],
    node: MappingNode,
    data: dict[object, object],
    at: Pointer,
    findings: Findings,
    *,
    also: tuple[str, ...] = (),
) -> None:
    """Report the keys of a mapping and of all that it holds which ``model`` has no field for.

    ``data`` is the mapping's plain data. Keys that are no text are reported too, and removed from it, where they stand
    in a mapping of the writer's own keys, such as an input mapping. ``also`` are keys that somebody else reads.
    """
    fields = _fields(model)
    for entry in node.entries.values():
        key = entry.key
        if key in also:
            continue
        if not isinstance(key, str) or key not in fields:
            _report_unknown(model, node, entry, at, findings, (*fields, *also))
            continue
        inner, nested = data[key], fields[key]
        if nested is not None:
            for part, part_data, place in _mappings(entry.value, inner, at / key):
                check_keys(nested, part, part_data, place, findings)
        elif isinstance(entry.value, MappingNode) and isinstance(inner, dict):
            _check_texts(entry.value, inner, at / key, findings)


def _report_unknown(
    model: type[BaseModel], node: MappingNode, entry: Entry, at: Pointer, findings: Findings, known: tuple[str, ...]
) -> None:
    if model is Step and entry.key in _DAG_ONLY:
        message = f"{entry.key!r} is ignored: the steps of a flow of type 'Flow' run in the order of the file"
        findings.add_at_key(DAG_FIELD, message, at, entry, "write `type: DAGFlow` for steps that depend on each other")
        return
    message = f"the unknown field {quoted(entry.key)} is ignored"
    free = [name for name in known if name not in node.entries]
    fix = findings.corrected(entry.key, entry.key_span, free)
    habit = HABITS.get(entry.key) if issubclass(model, Step) and isinstance(entry.key, str) else None
    help = (habit,) if habit else findings.did_you_mean(entry.key, known)
    findings.add_at_key(UNKNOWN_FIELD, message, at, entry, *help, fix=() if habit else fix)


def _check_texts(node: MappingNode, data: dict[object, object], at: Pointer, findings: Findings) -> None:
    for entry in node.entries.values():
        if not isinstance(entry.key, str):
            message = f"a key must be text, and this is {describe(entry.key)}"
            fix = findings.made_text(entry.key_span)
            findings.add_at_key(WRONG_TYPE, message, at, entry, IN_QUOTES, fix=fix)
            del data[entry.key]


def _mappings(node: Node, data: object, at: Pointer) -> Iterator[tuple[MappingNode, dict[object, object], Pointer]]:
    """A mapping itself, or the mappings of a list."""
    if isinstance(node, MappingNode) and isinstance(data, dict):
        yield node, data, at
    elif isinstance(node, SequenceNode) and isinstance(data, list):
        for position, (item, item_data) in enumerate(zip(node.items, data, strict=True)):
            if isinstance(item, MappingNode) and isinstance(item_data, dict):
                yield item, item_data, at / position


@cache
def _fields(model: type[BaseModel]) -> Mapping[str, type[BaseModel] | None]:
    """The keys that a model reads, each with the model of what stands there, if it is one."""
    fields: dict[str, type[BaseModel] | None] = {}
    for name, field in model.model_fields.items():
        alias = field.validation_alias
        keys = alias.choices if isinstance(alias, AliasChoices) else [name]
        fields.update(dict.fromkeys(map(str, keys), _model_in(field.annotation)))
    return fields


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and get_origin(annotation) is None and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
