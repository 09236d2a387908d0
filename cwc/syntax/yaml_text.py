"""YAML text → tree, from PyYAML's events in one iterative pass, so that neither depth nor aliases can hurt."""

from __future__ import annotations

import re
from dataclasses import replace

import yaml
from yaml.error import MarkedYAMLError
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    ScalarEvent,
    SequenceStartEvent,
)
from yaml.reader import Reader

from cwc.diagnostics.model import Diagnostic, Edit, Label, Report, define
from cwc.source import Source, Span, edited
from cwc.syntax.building import TOO_DEEP, TreeBuilder, Unreadable, too_deep
from cwc.syntax.decoding import MARK
from cwc.syntax.limits import Limits
from cwc.syntax.quoting import quoted
from cwc.syntax.tree import Node, ScalarNode, ScalarValue
from cwc.syntax.yaml_scalars import (
    MERGE,
    PREFIX,
    STR,
    VALUE,
    BadScalar,
    construct,
    plainly,
    resolve,
    surprise,
    unknown_tag,
)

BAD_YAML = define("CWC010", "invalid_yaml", "error", "A flow file is not valid YAML")
EMPTY = define("CWC012", "empty_document", "error", "A YAML flow file holds nothing")
SEVERAL_DOCUMENTS = define("CWC013", "several_documents", "error", "A YAML flow file holds more than one document")
CYCLIC_ALIAS = define("CWC017", "cyclic_alias", "error", "A YAML alias stands inside what it stands for")
YAML_11 = define("CWC030", "yaml_11_scalar", "warning", "YAML 1.1 makes something else of a text")

PAIRS_TAGS = (PREFIX + "omap", PREFIX + "pairs")
SET_TAG = PREFIX + "set"
SEQUENCE_TAGS = (None, "!", PREFIX + "seq", *PAIRS_TAGS)
MAPPING_TAGS = (None, "!", PREFIX + "map", SET_TAG)

LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser where PyYAML was built with it: 20 times as fast as the one in Python."""

_INDENT = re.compile(r"^[ \t]*(?=[^\s])", re.MULTILINE)
_BLOCK_SCALAR = re.compile(r"[|>][-+0-9]*[ \t]*(#.*)?$", re.MULTILINE)
_STEP = "  "
_LIBYAML_TOO_DEEP = "exceeded maximum nesting depth"
"""libyaml reads ahead, and from 0.2.6 on has a limit of its own (1,000) that it can meet before ours."""

_BYTE_ORDER_MARK = re.compile(MARK)


def compose(source: Source, report: Report, limits: Limits) -> Node | None:
    """The root of a YAML text, or None where something in it cannot be read; what that is, is reported.

    Scalars, tags, aliases and merge keys as PyYAML's safe loader has them (YAML 1.1).
    """
    composer = _Composer(source, report, limits)
    try:
        composer.check_characters()
        # An empty line in its place: PyYAML takes a byte order mark for a column of the first line.
        text = source.text.replace(MARK, "\n", 1) if source.text.startswith(MARK) else source.text
        for event in yaml.parse(text, Loader=LOADER):
            composer.take(event)
        return composer.finish()
    except Unreadable:
        return None
    except MarkedYAMLError as error:
        report.add(_syntax_error(source, error, limits))
        return None


class _Composer:
    """What is known between two events: the tree so far, and the nodes that have an anchor.

    An anchor whose node is not complete has None. ``open`` holds for each open sequence and mapping its anchor, and
    whether its end is written (``]``, ``}``) or only follows from the indentation.
    """

    def __init__(self, source: Source, report: Report, limits: Limits) -> None:
        self.source, self.limits = source, limits
        self.build = TreeBuilder(source, report, limits)
        self.anchors: dict[str, Node | None] = {}
        self.open: list[tuple[str | None, bool]] = []
        self.has_aliases = False
        self.documents = 0

    def check_characters(self) -> None:
        """Refuse what YAML does not allow in a text (YAML 1.1, 5.1): libyaml gives no useful place for it."""
        found = Reader.NON_PRINTABLE.search(self.source.text) or _BYTE_ORDER_MARK.search(self.source.text, 1)
        if found is not None:
            character = f"U+{ord(found.group()):04X}"
            self.build.abort(BAD_YAML, f"the character {character} is not allowed in YAML", Span(*found.span()))

    def take(self, event: Event) -> None:
        if isinstance(event, ScalarEvent):
            self.scalar(event)
        elif isinstance(event, CollectionStartEvent):
            self.start(event)
        elif isinstance(event, CollectionEndEvent):
            anchor, end_is_written = self.open.pop()
            self.remember(anchor, self.build.close(_span(event).end if end_is_written else None))
        elif isinstance(event, AliasEvent):
            self.alias(event)
        elif isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.build.abort(SEVERAL_DOCUMENTS, "a second document starts here", _span(event))

    def finish(self) -> Node | None:
        """The root, unless something was left out of the tree. Raises Unreadable."""
        if self.build.failed:
            return None
        match self.build.root:
            case None | ScalarNode(None):
                self.build.abort(EMPTY, "the file holds nothing", Span(0, 0), "a flow file is a mapping")
        if self.has_aliases:
            self.build.measure()
        return self.build.root

    def scalar(self, event: ScalarEvent) -> None:
        span = self.text_span(event)
        tag = event.tag
        if tag is None or tag == "!":
            tag = resolve(event.value) if event.implicit[0] else STR
        is_key = self.build.wants_key
        if is_key and tag == MERGE:
            self.build.merge_key(span)
            return
        if is_key and tag == VALUE:
            tag = STR
        value = event.value if tag == STR else self.value(tag, event, span)
        if is_key:
            self.build.key(value, span)
        else:
            self.build.scalar(value, span)
        if event.anchor is not None:
            self.declare(event.anchor, span)
            self.remember(event.anchor, ScalarNode(value, span))

    def value(self, tag: str, event: ScalarEvent, span: Span) -> ScalarValue:
        text = event.value
        made = construct(tag, text, self.limits.digits)
        if isinstance(made, BadScalar):
            self.build.fail(made.definition, made.message, span)
            return None
        meaning = surprise(tag, text, made) if event.implicit[0] else None
        if meaning is not None:
            message, help = f"{quoted(text)} is read as {meaning}", "if it is text, put it in quotes"
            if self.build.fills_an_input:
                help = "text has no place here: in quotes it is looked up as a context key"
            self.build.add(YAML_11, message, span, help, instead=None if self.build.wants_key else plainly(made))
        return made

    def start(self, event: CollectionStartEvent) -> None:
        span = _span(event)
        if self.build.wants_key:
            self.build.abort(BAD_YAML, "a key of a mapping is a scalar, not a list or a mapping", span)
        self.declare(event.anchor, span)
        self.open.append((event.anchor, bool(event.flow_style)))
        is_sequence = isinstance(event, SequenceStartEvent)
        if event.tag not in (SEQUENCE_TAGS if is_sequence else MAPPING_TAGS):
            refusal = unknown_tag(str(event.tag))
            self.build.fail(refusal.definition, refusal.message, span)
        if is_sequence:
            self.build.open_sequence(span, pairs=event.tag in PAIRS_TAGS)
        else:
            self.build.open_mapping(span, is_set=event.tag == SET_TAG)

    def alias(self, event: AliasEvent) -> None:
        span = _span(event)
        name = event.anchor
        if name not in self.anchors:
            self.build.abort(BAD_YAML, f"no anchor {quoted(name)} stands before this alias", span)
        node = self.anchors[name]
        if node is None:
            self.build.abort(CYCLIC_ALIAS, f"the alias {quoted(name)} stands inside its own anchor", span)
        if not self.build.wants_key:
            self.has_aliases = True
            self.build.shared(replace(node, span=span))
        elif isinstance(node, ScalarNode):
            self.build.key(node.value, span)
        else:
            self.build.abort(BAD_YAML, "a key of a mapping is a scalar, not a list or a mapping", span)

    def declare(self, anchor: str | None, span: Span) -> None:
        if anchor is None:
            return
        if anchor in self.anchors:
            self.build.abort(BAD_YAML, f"the anchor {quoted(anchor)} stands twice in this file", span)
        self.anchors[anchor] = None

    def remember(self, anchor: str | None, node: Node) -> None:
        if anchor is not None:
            self.anchors[anchor] = node

    def text_span(self, event: ScalarEvent) -> Span:
        """The span of a scalar; libyaml counts the blank lines after a block scalar to it."""
        span = _span(event)
        if event.style not in ("|", ">"):
            return span
        return Span(span.start, span.start + len(self.source.text[span.start : span.end].rstrip()))


def _untabbed(source: Source) -> tuple[Edit, ...]:
    """The edits that indent by spaces where all of a text is indented by tabs, so that their width makes no difference.

    None where the text is no YAML then, or holds texts whose own indentation counts.
    """
    indents = [found for found in _INDENT.finditer(source.text) if found.group()]
    if any(" " in found.group() for found in indents) or _BLOCK_SCALAR.search(source.text):
        return ()
    edits = [(Span(*found.span()), _STEP * len(found.group())) for found in indents]
    try:
        list(yaml.parse(edited(source.text, dict(edits)), Loader=LOADER))
    except MarkedYAMLError:
        return ()
    return tuple(Edit(Label(source.path, span), spaces) for span, spaces in edits)


def _span(event: Event) -> Span:
    start, end = event.start_mark, event.end_mark
    assert start is not None
    assert end is not None
    return Span(start.index, end.index)


def _syntax_error(source: Source, error: MarkedYAMLError, limits: Limits) -> Diagnostic:
    problem, context = error.problem_mark, error.context_mark
    place = None if problem is None else Span(problem.index, min(problem.index + 1, len(source.text)))
    if error.problem == _LIBYAML_TOO_DEEP:
        return Diagnostic(definition=TOO_DEEP, message=too_deep(limits), primary=Label(source.path, place))
    related: tuple[Label, ...] = ()
    if context is not None and problem is not None and context.index < problem.index:
        related = (Label(source.path, Span(context.index, context.index + 1), str(error.context)),)
    is_tab = place is not None and source.text[place.start : place.end] == "\t"
    return Diagnostic(
        definition=BAD_YAML,
        message=f"this is not valid YAML: {error.problem or error.context}",
        primary=Label(source.path, place),
        related=related,
        help=("indent with spaces: YAML takes no tabs there",) if is_tab else (),
        fix=_untabbed(source) if is_tab else (),
    )
