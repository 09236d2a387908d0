"""Drawings of flows: what they show, and that no name in a flow can break out of the place where it stands."""

from __future__ import annotations

import html.parser
import re
import unicodedata
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, create_model

import cwc
from cwc.diagnostics.model import Report
from cwc.diagnostics.terminal import visible
from cwc.driver.memory import compile_in_memory
from cwc.driver.project import Request, compile_project
from cwc.driver.views import DRAWINGS, graph_of
from cwc.driver.views.graph import END, INPUT, Graph
from cwc.plan.model import Plan
from tests.projects import ROOT, inside

Json = dict[str, Any]


class Number(BaseModel):
    number: int


class Value(BaseModel):
    value: int


def a_tool(name: str, takes: type[BaseModel] = Number, gives: type[BaseModel] = Value) -> cwc.Tool:
    return cwc.Tool(name=name, description=name, input_schema=takes, output_schema=gives, fn=lambda given: {"value": 1})


TOOLS = (a_tool("double"), a_tool("triple"), a_tool("add", create_model("Two", left=(int, ...), right=(int, 0))))
ROUTE: list[Json] = [
    {
        "step_id": "first",
        "tool_name": "double",
        "input_mapping": {"number": "number"},
        "output_mapping": {"doubled": "value"},
        "retry": {"max_retries": 2},
        "branches": [{"target_step_id": "large", "predicate": "doubled > 10"}],
        "default_next": "small",
    },
    {
        "step_id": "large",
        "tool_name": "triple",
        "depends_on": ["first"],
        "input_mapping": {"number": "doubled"},
        "output_mapping": {"result": "value"},
        "on_error": "fallback:double",
    },
    {
        "step_id": "small",
        "tool_name": "double",
        "depends_on": ["first"],
        "input_mapping": {"number": "doubled"},
        "output_mapping": {"result": "value"},
        "decision_candidates": ["double", "triple"],
    },
    {
        "step_id": "join",
        "tool_name": "add",
        "depends_on": ["large", "small"],
        "input_mapping": {"left": "result", "right": "number"},
        "output_mapping": {"doubled": "value"},
    },
    {
        "step_id": "after",
        "tool_name": "add",
        "depends_on": ["large"],
        "input_mapping": {"left": "result", "right": "/extra/deep"},
    },
]
ASCII = """\
route 1.0
  flow.flow.json; lanes: sync; on collision: warn

 (input)  number, ...
   |
-- level 0 --------------------------------------------------
  [first] double
   |    reads number from (input)
   |    tries up to 3 times
   |    writes doubled
   |    -> [large] if 1: doubled > 10
   |    -> [small] otherwise
   |
-- level 1 --------------------------------------------------
  [large] triple  (not in every run)
   |    reads doubled from [first]
   |    falls back to double
   |    writes result
  [small] double  (not in every run)
   |    reads doubled from [first]
   |    chooses among double, triple
   |    writes result
   |
-- level 2 --------------------------------------------------
  [join] add
   |    reads number from (input)
   |    reads result from [large]
   |    reads result from [small]
   |    writes doubled
   |  ! overwrites doubled
  [after] add  (not in every run)
   |    reads extra/deep? from (input)
   |    reads result from [large]
   |    writes value
   |  ? extra may be missing
   |
 (end)  number, doubled, result, extra?, value?

! a key that is written again   ? left to the run   X a mistake
"""


def plan_of(steps: Sequence[Json], tools: Sequence[cwc.Tool] = TOOLS, **fields: Any) -> Plan:
    flow = {"type": "DAGFlow", "name": "route", "version": "1.0", "description": "", "steps": list(steps), **fields}
    return compile_in_memory(flow, tools).flows[0].plan


def edges_of(graph: Graph) -> dict[tuple[str, str], tuple[str, list[str], list[str]]]:
    names = {node.id: node.name for node in graph.nodes}
    return {
        (names[edge.source], names[edge.target]): (edge.kind, [*map(str, edge.keys)], [*edge.conditions])
        for edge in graph.edges
    }


def test_the_whole_drawing_in_ascii() -> None:
    assert DRAWINGS["ascii"](plan_of(ROUTE)) == ASCII


def test_edges_come_from_every_writer_that_can_be_the_one_and_no_other() -> None:
    edges = edges_of(graph_of(plan_of(ROUTE)))
    assert edges["first", "large"] == ("branch", ["doubled"], ["1: doubled > 10"])
    assert edges["first", "small"] == ("branch", ["doubled"], ["else"])
    assert edges["small", "join"] == edges["large", "join"] == ("data", ["result"], [])
    assert edges["large", "after"] == ("data", ["result"], [])
    assert ("small", "after") not in edges
    assert edges["join", "end"] == ("order", [], [])


def test_keys_that_are_not_in_every_run_are_marked_at_the_end_of_every_drawing() -> None:
    step = {"tool_name": "double", "input_mapping": {"number": "number"}, "on_error": "skip"}
    skipped = {**step, "output_mapping": {"perhaps": "value"}}
    surely = {**step, "output_mapping": {"surely": "value"}, "on_error": "fail"}
    plan = plan_of([skipped, surely], type="Flow", input_schema_ref=f"{__name__}:Number")
    assert graph_of(plan).rows[-1][0].keys == ("number", "perhaps?", "surely")
    for draw in DRAWINGS.values():
        assert "perhaps?" in draw(plan).replace("#63;", "?")


def test_the_order_alone_is_an_edge_too() -> None:
    steps = [
        {"step_id": "a", "tool_name": "double", "input_mapping": {"number": 1}, "output_mapping": {}},
        {"step_id": "b", "tool_name": "double", "input_mapping": {"number": 2}, "depends_on": ["a"]},
    ]
    edges = edges_of(graph_of(plan_of(steps)))
    assert edges == {("input", "a"): ("order", [], []), ("a", "b"): ("order", [], []), ("b", "end"): ("order", [], [])}


def test_keys_behind_a_step_that_may_write_any() -> None:
    class Open(Value, extra="allow"):
        pass

    steps = [
        {"tool_name": "double", "input_mapping": {"number": "number"}, "output_mapping": {"before": "value"}},
        {"tool_name": "open", "input_mapping": {"number": "number"}},
        {"tool_name": "add", "input_mapping": {"left": "before", "right": "number"}},
        {"tool_name": "double", "input_mapping": {"number": "unknown"}, "output_mapping": {}},
    ]
    plan = plan_of(steps, [*TOOLS, a_tool("open", Number, Open)], type="Flow", input_schema_ref=f"{__name__}:Number")
    edges = edges_of(graph_of(plan))
    assert edges["0", "2"] == ("data", ["before"], [])
    assert edges["1", "2"] == ("data", ["before", "number"], [])
    assert edges["input", "2"] == ("data", ["number"], [])
    assert edges["1", "3"] == edges["input", "3"] == ("data", ["unknown?"], [])


def test_a_flow_without_steps() -> None:
    graph = graph_of(plan_of([]))
    assert [(edge.source, edge.target) for edge in graph.edges] == [(INPUT, END)]
    for draw in DRAWINGS.values():
        assert draw(plan_of([])).endswith("\n")


def test_mistakes_are_drawn() -> None:
    steps = [{"step_id": "a", "tool_name": "dubble", "input_mapping": {"number": "nothing"}}]
    plan = plan_of(steps, input_schema_ref=f"{__name__}:Number")
    assert "X dubble cannot be run\n   |  X nothing is never produced\n" in DRAWINGS["ascii"](plan)
    for form in ("mermaid", "dot", "svg", "html"):
        assert "dubble cannot be run" in DRAWINGS[form](plan)


def test_tools_stand_on_the_page_with_their_schemas() -> None:
    class Described(BaseModel):
        number: int = Field(description="How <many>.")

    page = DRAWINGS["html"](plan_of([{"step_id": "a", "tool_name": "t"}], [a_tool("t", Described)]))
    assert "&#34;description&#34;: &#34;How &lt;many&gt;.&#34;" in page
    assert "takes Described" in page


def test_the_page_tells_the_types_of_what_steps_pass_on() -> None:
    page = DRAWINGS["html"](plan_of(ROUTE))
    assert '<td class="key">from doubled</td><td class="key soft">int</td>' in page
    assert '<td class="key">from value</td><td class="key soft">int</td>' in page


def test_a_page_needs_nothing_else() -> None:
    page = DRAWINGS["html"](plan_of(ROUTE))
    assert not re.search(r"<(script|link|img|iframe)|https?://(?!www\.w3\.org/2000/svg)|url\(|@import", page)
    assert page.count("prefers-color-scheme: dark") == 2
    assert "default-src 'none'" in page


HOSTILE = (
    'a"b',
    "a]b",
    "a}b",
    "a\nb",
    "</text></svg><script>alert(1)</script>",
    "<!--",
    "]]>",
    "&lt;",
    "a\\",
    'a\\"; b',
    "%%{init: {}}%%",
    "end",
    "`x`",
    "#quot;",
    "\u202e\x1b[31m",
    "a|b",
    "日本",
    "{{ plan }}",
    "  ",
)


def hostile_plan(text: str) -> Plan:
    steps: list[Json] = [
        {
            "step_id": text,
            "tool_name": text,
            "input_mapping": {"number": text},
            "output_mapping": {text: "value"},
            "branches": [{"target_step_id": "b", "predicate": "x == " + repr(text)}],
        },
        {"step_id": "b", "tool_name": "double", "depends_on": [text], "input_mapping": {"number": text}},
    ]
    return plan_of(steps, [*TOOLS, a_tool(text)], name=text, description=text)


class Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def shape_of_page(page: str) -> list[str]:
    tags = Tags()
    tags.feed(page)
    assert not tags.handlers
    return tags.seen


@pytest.mark.parametrize("text", HOSTILE)
def test_no_name_changes_the_form_of_a_drawing(text: str) -> None:
    check_forms(hostile_plan(text), hostile_plan("p" * len(visible(text))))


@settings(max_examples=20)
@given(st.text(min_size=1, max_size=12).filter(lambda text: text != "b" and not text.startswith("/")))
def test_nor_does_any_text(text: str) -> None:
    check_forms(hostile_plan(text), hostile_plan("p" * len(visible(text))))


def check_forms(plan: Plan, plain: Plan) -> None:
    """The drawings of two flows that differ in names only have the same structure."""
    drawn = {form: (draw(plan), draw(plain)) for form, draw in DRAWINGS.items()}
    for one, _ in drawn.values():
        one.encode()
        assert not [char for char in one.replace("\n", "") if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp")]
    assert drawn["ascii"][0].isascii()
    assert drawn["ascii"][0].count("\n") == drawn["ascii"][1].count("\n")
    assert skeleton_of_dot(drawn["dot"][0]) == skeleton_of_dot(drawn["dot"][1])
    assert skeleton_of_mermaid(drawn["mermaid"][0]) == skeleton_of_mermaid(drawn["mermaid"][1])
    tags = [[element.tag for element in ElementTree.fromstring(svg).iter()] for svg in drawn["svg"]]
    assert tags[0] == tags[1]
    assert shape_of_page(drawn["html"][0]) == shape_of_page(drawn["html"][1])


def skeleton_of_dot(text: str) -> list[str]:
    """Everything outside of strings; a string is what DOT's grammar takes for one."""
    return re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', text).split("\n")


def skeleton_of_mermaid(text: str) -> list[str]:
    """Everything outside of labels, in which there must be nothing that Mermaid looks for."""
    for label in re.findall(r'"([^"\n]*)"', text):
        assert not re.search(r"[`{}\[\]|<>&%;](?!\d)", re.sub(r"#\d+;|<br/>", "", label)), label
    return re.sub(r'"[^"\n]*"', '""', text).split("\n")


@pytest.mark.parametrize("case", ["dag/branches", "dag/composed", "dag/mistakes", "linear/handling", "linear/wiring"])
def test_every_flow_of_a_project_can_be_drawn(case: str) -> None:
    with inside(ROOT / "tests" / "cases" / case):
        compiled = compile_project(Request(tools=("tools",)), Report())
    assert compiled is not None
    for flow in compiled.flows:
        graph = graph_of(flow.plan)
        ids = {node.id for node in graph.nodes}
        assert all(edge.source in ids and edge.target in ids for edge in graph.edges)
        for draw in DRAWINGS.values():
            assert draw(flow.plan) == draw(flow.plan)


def test_every_step_that_nothing_follows_leads_to_the_end() -> None:
    """Also where it stands above the last level."""
    first, leaf = {**ROUTE[0], "default_next": "leaf"}, {**ROUTE[2], "step_id": "leaf"}
    plan = plan_of([first, ROUTE[1], leaf, {**ROUTE[4], "depends_on": ["large"]}])
    graph = graph_of(plan)
    assert {edge.source for edge in graph.edges} == {node.id for node in graph.nodes if node.id != END}
    assert [edge.source for edge in graph.edges if edge.target == END] == ["s2", "s3"]
    assert "  s2 -.- n_end\n" in DRAWINGS["mermaid"](plan)
    assert "  s2 -> n_end [" in DRAWINGS["dot"](plan)


def test_keys_in_several_lines_have_their_commas() -> None:
    steps = [
        {"step_id": f"step_{n}", "tool_name": "double", "output_mapping": {f"what_was_found_there_{n}": "value"}}
        for n in range(3)
    ]
    drawing = DRAWINGS["svg"](plan_of(steps))
    end = re.findall(r">([^<>]*)</text>", drawing[drawing.index(">end<") :])
    assert end[:4] == ["end", *(f"what_was_found_there_{n}" + "," * (n < 2) for n in range(3))]
