"""Nodes put together as a parser meets them. Limits, duplicate keys and merges are settled here, for YAML and JSON."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace
from typing import NoReturn

from cwc.diagnostics.model import Definition, Diagnostic, Edit, Label, Report, define
from cwc.source import Source, Span
from cwc.syntax.entries import same_values, without_entry
from cwc.syntax.limits import Limits
from cwc.syntax.quoting import quoted
from cwc.syntax.tree import Entry, MappingNode, Node, ScalarNode, ScalarValue, SequenceNode

DUPLICATE_KEY = define("CWC018", "duplicate_key", "error", "A mapping has a key twice")
BAD_COLLECTION = define("CWC019", "invalid_collection", "error", "A YAML merge, set or list of pairs is not one")
TOO_MANY_NODES = define("CWC020", "too_many_nodes", "error", "A flow file holds too many values, aliases counted")
TOO_DEEP = define("CWC021", "nested_too_deep", "error", "A flow file is nested too deeply")
TOO_MANY_DIGITS = define("CWC023", "integer_too_long", "error", "An integer of a flow file has too many digits")
TOO_LONG = define("CWC022", "string_too_long", "error", "A string or key of a flow file is too long")


def too_deep(limits: Limits) -> str:
    return f"this is nested more than {limits.depth} levels deep"


class Unreadable(Exception):
    """Reading cannot go on. What is wrong has been reported."""


@dataclass(slots=True)
class _OpenSequence:
    start: int
    end: int
    pairs: bool
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class _OpenMapping:
    """``key_span`` is None while a key is awaited; ``merging`` while the value of a merge key is.

    ``repeated`` is the number of the diagnostic that says that the key stands there already.
    """

    start: int
    end: int
    is_set: bool
    entries: dict[Hashable, Entry] = field(default_factory=dict)
    merged: dict[Hashable, Entry] = field(default_factory=dict)
    key: ScalarValue = None
    key_span: Span | None = None
    merging: bool = False
    repeated: int | None = None


class TreeBuilder:
    """A tree in the making.

    Parsers call it in the order of the text: a mapping takes `key` (or `merge_key`) and then a value, by turns.
    ``root`` is there once the outermost node is complete; ``failed`` tells whether something had to be left out.
    """

    def __init__(self, source: Source, report: Report, limits: Limits) -> None:
        self.source, self.report, self.limits = source, report, limits
        self.root: Node | None = None
        self.failed = False
        self._open: list[_OpenSequence | _OpenMapping] = []
        self._nodes = 0

    def fail(self, definition: Definition, message: str, span: Span, *help: str) -> None:
        """Report what makes the file unreadable, and go on to find more."""
        self.failed = True
        self.add(definition, message, span, *help)

    def abort(self, definition: Definition, message: str, span: Span, *help: str) -> NoReturn:
        """Report what makes it impossible to read on. Raises Unreadable."""
        self.fail(definition, message, span, *help)
        raise Unreadable

    def add(self, definition: Definition, message: str, span: Span, *help: str, instead: str | None = None) -> None:
        """Report what leaves the tree whole. ``instead`` is what can stand there and means the same."""
        label = Label(self.source.path, span)
        fix = () if instead is None else (Edit(label, instead),)
        self.report.add(Diagnostic(definition=definition, message=message, primary=label, help=help, fix=fix))

    @property
    def wants_key(self) -> bool:
        """Whether a key comes next: the innermost open node is a mapping that has no key waiting for its value."""
        top = self._open[-1] if self._open else None
        return isinstance(top, _OpenMapping) and top.key_span is None

    @property
    def fills_an_input(self) -> bool:
        """Whether the value that comes next is one of an input mapping, where text is looked up."""
        if self.wants_key or len(self._open) < 2:
            return False
        around, top = self._open[-2:]
        return isinstance(top, _OpenMapping) and isinstance(around, _OpenMapping) and around.key == "input_mapping"

    def scalar(self, value: ScalarValue, span: Span) -> None:
        """A scalar in value position."""
        self._count(span)
        self._check_length(value, span)
        self._place(ScalarNode(value, span))

    def shared(self, node: Node) -> None:
        """A node that stands elsewhere in the tree too. Call `measure` at the end."""
        self._count(node.span)
        self._place(node)

    def key(self, value: ScalarValue, span: Span) -> None:
        """A key of the innermost mapping; the last of equal keys keeps its value."""
        self._check_length(value, span)
        top = self._top_mapping()
        top.key, top.key_span = value, span
        if value in top.entries:
            top.repeated = len(self.report.diagnostics)
            self._report_duplicate(top.entries[value], span)

    def merge_key(self, span: Span) -> None:
        """A YAML merge key: the value that comes next is a mapping or a list of mappings."""
        top = self._top_mapping()
        top.key_span, top.merging = span, True

    def open_sequence(self, span: Span, *, pairs: bool = False) -> None:
        """``pairs``: each item must be a mapping of one key, and becomes a tuple of key and value."""
        self._count(span)
        self._open.append(_OpenSequence(span.start, span.end, pairs))

    def open_mapping(self, span: Span, *, is_set: bool = False) -> None:
        self._count(span)
        self._open.append(_OpenMapping(span.start, span.end, is_set))

    def close(self, end: int | None) -> Node:
        """Complete the innermost sequence or mapping; without ``end`` it reaches to the end of its last child."""
        frame = self._open.pop()
        span = Span(frame.start, frame.end if end is None else end)
        node: Node
        match frame:
            case _OpenSequence(pairs=True):
                node = SequenceNode(tuple(map(self._pair, frame.items)), span)
            case _OpenSequence():
                node = SequenceNode(tuple(frame.items), span)
            case _OpenMapping():
                node = MappingNode({**frame.merged, **frame.entries}, span, frame.is_set)
        self._place(node)
        return node

    def measure(self) -> None:
        """Hold the finished tree to the limits, counting what is shared each time. Raises Unreadable."""
        stack = [(self.root, 1)] if self.root else []
        visited = 0
        while stack:
            node, depth = stack.pop()
            visited += 1
            self._check_size(visited, depth, node.span)
            match node:
                case SequenceNode(items):
                    stack.extend((item, depth + 1) for item in items)
                case MappingNode(entries):
                    stack.extend((entry.value, depth + 1) for entry in entries.values())
                case ScalarNode():
                    pass

    def _top_mapping(self) -> _OpenMapping:
        top = self._open[-1]
        assert isinstance(top, _OpenMapping)
        return top

    def _place(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        top = self._open[-1]
        top.end = node.span.end
        if isinstance(top, _OpenSequence):
            top.items.append(node)
            return
        assert top.key_span is not None
        if top.merging:
            top.merged.update((entry.key, entry) for entry in self._merged(node))
        else:
            entry = Entry(top.key, top.key_span, node)
            if top.repeated is not None and same_values(top.entries[top.key].value, node):
                self._add_fix(top.repeated, without_entry(self.source, entry, top.start))
            top.entries[top.key] = entry
        top.key_span, top.merging, top.repeated = None, False, None

    def _merged(self, node: Node) -> Iterator[Entry]:
        """The entries that a merge brings, later ones winning; of several mappings the first has the last word."""
        match node:
            case MappingNode(entries):
                yield from entries.values()
            case SequenceNode(items) if all(isinstance(item, MappingNode) for item in items):
                for item in reversed(items):
                    yield from self._merged(item)
            case _:
                self.fail(BAD_COLLECTION, "a merge key takes a mapping or a list of mappings", node.span)

    def _pair(self, item: Node) -> Node:
        if isinstance(item, MappingNode) and len(item.entries) == 1:
            (entry,) = item.entries.values()
            return SequenceNode((ScalarNode(entry.key, entry.key_span), entry.value), item.span, tuple)
        self.fail(BAD_COLLECTION, "each item of !!omap and !!pairs is a mapping of one key", item.span)
        return item

    def _count(self, span: Span) -> None:
        self._nodes += 1
        if self._nodes > self.limits.nodes or len(self._open) >= self.limits.depth:
            self._check_size(self._nodes, len(self._open) + 1, span)

    def _check_size(self, nodes: int, depth: int, span: Span) -> None:
        if nodes > self.limits.nodes:
            self.abort(
                TOO_MANY_NODES,
                f"the file holds more than {self.limits.nodes:,} values",
                span,
                "what an alias stands for counts each time",
            )
        if depth > self.limits.depth:
            self.abort(TOO_DEEP, too_deep(self.limits), span)

    def _check_length(self, value: ScalarValue, span: Span) -> None:
        if isinstance(value, str) and len(value) > self.limits.characters:
            longest = self.limits.characters
            self.fail(TOO_LONG, f"this text has {len(value):,} characters; the limit is {longest:,}", span)

    def _add_fix(self, number: int, edits: tuple[Edit, ...]) -> None:
        found = self.report.diagnostics
        found[number] = replace(found[number], fix=edits)

    def _report_duplicate(self, first: Entry, span: Span) -> None:
        path = self.source.path
        self.report.add(
            Diagnostic(
                definition=DUPLICATE_KEY,
                message=f"the key {quoted(first.key)} stands twice in one mapping",
                primary=Label(path, span),
                related=(Label(path, first.key_span, "it stands here first"),),
                help=("keep one of the two: a reader would silently take the last",),
            )
        )
