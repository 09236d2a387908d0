"""Whatever a flow file holds, it is read as its syntax says, every finding has its place, and nothing is raised."""

from __future__ import annotations

import json
import math
from typing import Any

import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from cwc.diagnostics.model import Pointer
from cwc.syntax.tree import MappingNode, Node, ScalarNode, SequenceNode
from cwc.syntax.yaml_text import LOADER
from tests.unit.syntax.reading import Reading, read, syntax

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    st.sampled_from(("no", "012", "1:30", "2024-01-01", "<<", "=", "~", "a: b", "- a", "é𝄞", "'", "\u2028", "x\ny\n")),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)

YAML_BITS = (
    "a", "b", "key", "<<", "*a", "&a ", "&b ", "*b", "!!int ", "!!set ", "!!str ", "!!float ", "!!binary ", "! ", "!x ",
    "!!python/none ", "- ", "? ", ": ", ":", ",", "[", "]", "{", "}", "\n", "\n  ", "\n    ", " ", "#c", "'", '"', "|",
    "|-\n  x\n", ">\n  y\n", "%YAML 1.1\n", "---\n", "...\n", "1", "012", "0x1F", "1:30", "1.5", "yes", "~", "null",
    "2001-01-01", "2001-13-01", "é", "𝄞", "\u2028", "\x85", "\\x41", "@", "`", ".inf", "0b", "1_000", "a: 1\n",
    "b: [1, 2]\n", "- x\n", "x: y", "{a: 1}", "[a, b]", "x: &a {p: 1}\n", "y: {<<: *a, q: 2}\n",
)  # fmt: skip
JSON_BITS = (
    *'{}[],:" \n\\', '"a"', '"\\u00e9"', '"\\ud800"', '"\\ud83d\\ude00"', "null", "true", "NaN", "-Infinity", "-", "0",
    "01", "1.5", "1e3", "-0", "1.", '"a":', '{"a": 1}', "[1, 2]", "\u00a0", "\ufeff", "\x7f", '"\\x"', '"\t"', "٣",
    "/*",
)  # fmt: skip


def texts(bits: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(bits), max_size=14).map("".join)


def same(left: object, right: object) -> bool:
    """Equality that tells types apart and finds NaN equal to itself."""
    return repr(left) == repr(right)


def has_nan(value: object) -> bool:
    match value:
        case float():
            return math.isnan(value)
        case list():
            return any(map(has_nan, value))
        case dict():
            return any(map(has_nan, value.values()))
        case _:
            return False


def scalar_nodes(node: Node) -> list[ScalarNode]:
    match node:
        case ScalarNode():
            return [node]
        case SequenceNode(items):
            return [found for item in items for found in scalar_nodes(item)]
        case MappingNode(entries):
            return [found for entry in entries.values() for found in scalar_nodes(entry.value)]


def check_places(reading: Reading) -> None:
    length = len(reading.source.text)
    for diagnostic in reading.report:
        place = reading.report.place(diagnostic.primary)
        assert place is not None
        assert diagnostic.message.isprintable()
    if reading.tree is not None:
        for node in scalar_nodes(reading.tree.root):
            assert 0 <= node.span.start <= node.span.end <= length


@given(values)
def test_json_that_was_written_is_read_back(value: object) -> None:
    reading = syntax(json.dumps(value, indent=1), "json")
    assert reading.tree is not None
    assert same(reading.tree.data(), value)
    for node in scalar_nodes(reading.tree.root):
        assert same(json.loads(reading.source.text[node.span.start : node.span.end]), node.value)


@given(values, st.booleans())
def test_yaml_that_was_written_is_read_back(value: object, flow: bool) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=flow, sort_keys=False)
    reading = syntax(text)
    if value is None:
        assert reading.slugs == ["empty_document"]
        return
    assert reading.tree is not None
    assert same(reading.tree.data(), yaml.safe_load(text))
    for node in scalar_nodes(reading.tree.root):
        part = text[node.span.start : node.span.end]
        assert "\n" in part or same(yaml.safe_load(part), node.value)


@given(texts(YAML_BITS))
def test_yaml_is_what_the_safe_loader_makes_of_it(text: str) -> None:
    """PyYAML's loader over libyaml takes a little more than the one in Python: tabs between tokens, for one."""
    reading = syntax(text)
    check_places(reading)
    try:
        expected = yaml.load(text, Loader=LOADER)
    except Exception:
        assert reading.tree is None
        assert reading.errors
        return
    if expected is None:
        assert reading.tree is None or reading.tree.data() == ""
    elif reading.tree is None:
        assert "cyclic_alias" in reading.slugs
    else:
        assert reading.tree.data() == expected


@given(texts(JSON_BITS))
def test_json_is_what_the_json_module_makes_of_it(text: str) -> None:
    reading = syntax(text, "json")
    check_places(reading)
    try:
        expected = json.loads(text)
    except ValueError:
        assert reading.tree is None
        assert reading.errors
    else:
        assert reading.tree is not None
        assert same(reading.tree.data(), expected)


@given(st.text(max_size=60), st.sampled_from(("yaml", "json")))
def test_no_text_raises(text: str, extension: str) -> None:
    check_places(read(text, extension))


@given(st.dictionaries(st.sampled_from(("type", "name", "version", "steps", "retry", "x")), values, max_size=5))
def test_no_mapping_raises(flow: dict[str, Any]) -> None:
    check_places(read(json.dumps(flow), "json"))


@given(values)
def test_a_pointer_to_every_value_leads_to_it(value: object) -> None:
    assume(not has_nan(value))
    tree = syntax(json.dumps(value), "json").tree
    assert tree is not None
    stack: list[tuple[Pointer, object]] = [(Pointer(), value)]
    while stack:
        pointer, inner = stack.pop()
        span = tree.span(pointer)
        assert json.loads(tree.source.text[span.start : span.end]) == inner
        match inner:
            case dict():
                stack.extend((pointer / key, item) for key, item in inner.items())
            case list():
                stack.extend((pointer / position, item) for position, item in enumerate(inner))
