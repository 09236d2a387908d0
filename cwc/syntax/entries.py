"""Whole entries of a mapping in the text of a flow file: the edits that put one in or take one out."""

from __future__ import annotations

import json

from cwc.diagnostics.model import Edit, Label
from cwc.source import Source, Span
from cwc.syntax.tree import Entry, MappingNode, Node, ScalarNode, SequenceNode


def same_values(one: Node, other: Node) -> bool:
    """Whether two nodes stand for the same value, of the same classes throughout."""
    match one, other:
        case ScalarNode(left), ScalarNode(right):
            return type(left) is type(right) and left == right
        case SequenceNode(left_items), SequenceNode(right_items):
            pairs = zip(left_items, right_items, strict=False)
            return len(left_items) == len(right_items) and all(same_values(*pair) for pair in pairs)
        case MappingNode(left_entries), MappingNode(right_entries):
            return left_entries.keys() == right_entries.keys() and all(
                same_values(entry.value, right_entries[key].value) for key, entry in left_entries.items()
            )
        case _:
            return False


def without_entry(source: Source, entry: Entry, mapping: int) -> tuple[Edit, ...]:
    """The edit that takes an entry out of a mapping, of which it is not the first, and which starts at ``mapping``.

    In braces it goes with the comma before it, else with its lines. None where it shares these with something else, or
    where there is a comment or an anchor in it.
    """
    text, start, end = source.text, entry.key_span.start, entry.value.span.end
    if text[mapping : mapping + 1] == "{":
        start = len(text[:start].rstrip())
        found = Span(start - 1, end) if text[start - 1] == "," else None
    else:
        found = _lines(text, start, end)
    if found is None or any(mark in text[found.start : found.end] for mark in "#&"):
        return ()
    return (Edit(Label(source.path, found), ""),)


def _lines(text: str, start: int, end: int) -> Span | None:
    """The lines of what stands from ``start`` to ``end``, with the break after them, if they hold nothing else."""
    first = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    rest = text[end:]
    after = len(rest) - len(rest.lstrip(" \t"))
    if text[first:start].strip(" \t") or rest[after : after + 1] not in ("", "\n", "\r"):
        return None
    last = end + after
    if last == len(text):
        return Span(len(text[:first].rstrip("\r\n")), last)
    return Span(first, last + (2 if text[last : last + 2] == "\r\n" else 1))


def with_first_entry(source: Source, mapping: MappingNode, key: str, value: str) -> tuple[Edit, ...]:
    """The edit that puts an entry of two plain words before all others of a mapping; none if it has none."""
    first = min((entry.key_span.start for entry in mapping.entries.values()), default=None)
    if first is None:
        return ()
    text, start = source.text, mapping.span.start
    if text[start] == "{":
        between = text[start + 1 : first]
        if between.strip():
            return ()
        written = f"{json.dumps(key)}: {json.dumps(value)}," + (between if "\n" in between else " ")
    else:
        line = max(text.rfind("\n", 0, first), text.rfind("\r", 0, first)) + 1
        indent = text[line:first].removeprefix("\ufeff")
        if indent.strip(" "):
            return ()
        written = f"{key}: {value}" + ("\r\n" if "\r\n" in text else "\n") + indent
    return (Edit(Label(source.path, Span(first, first)), written),)
