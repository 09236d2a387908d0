"""A flow file as a tree: plain values, each with its place in the text. YAML and JSON give the same trees."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from cwc.diagnostics.model import Pointer
from cwc.source import Source, Span

ScalarValue: TypeAlias = str | int | float | bool | bytes | date | None
"""What a scalar can be. Everything but text, numbers, booleans and null comes from YAML only."""


@dataclass(frozen=True, slots=True)
class ScalarNode:
    value: ScalarValue
    span: Span


@dataclass(frozen=True, slots=True)
class SequenceNode:
    """A list; or a tuple, which is what YAML's ``!!omap`` and ``!!pairs`` hold."""

    items: tuple[Node, ...]
    span: Span
    kind: type[list[object]] | type[tuple[object, ...]] = list


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping, and the value under it. The key is text but where YAML makes something else of it."""

    key: ScalarValue
    key_span: Span
    value: Node


@dataclass(frozen=True, slots=True)
class MappingNode:
    """A mapping by its keys, in file order; with ``is_set`` the keys alone matter (YAML's ``!!set``)."""

    entries: Mapping[Hashable, Entry]
    span: Span
    is_set: bool = False


Node: TypeAlias = ScalarNode | SequenceNode | MappingNode


@dataclass(frozen=True, slots=True)
class Tree:
    """A whole file. Nodes that stand behind YAML aliases are shared; there are no cycles."""

    source: Source
    root: Node

    def data(self) -> object:
        """The file as plain dicts, lists and scalars."""
        return to_data(self.root)

    def span(self, pointer: Pointer) -> Span:
        """The span of a place; of the nearest enclosing place that exists, if that one does not."""
        node, parent = self.root, None
        for token in pointer.tokens:
            entry = _child(node, token)
            if entry is None:
                return node.span
            parent, node = entry, entry.value
        return parent.key_span if pointer.key and parent is not None else node.span


def to_data(node: Node) -> object:
    """A node as plain dicts, lists and scalars (tuples and sets where YAML tags ask for them)."""
    match node:
        case ScalarNode():
            return node.value
        case SequenceNode():
            return node.kind(map(to_data, node.items))
        case MappingNode(is_set=True):
            return {entry.key for entry in node.entries.values()}
        case MappingNode():
            return {entry.key: to_data(entry.value) for entry in node.entries.values()}


def _child(node: Node, token: str | int) -> Entry | None:
    match node:
        case MappingNode():
            return node.entries.get(token)
        case SequenceNode() if isinstance(token, int) and 0 <= token < len(node.items):
            item = node.items[token]
            return Entry(token, item.span, item)
        case _:
            return None
