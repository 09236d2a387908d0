"""What `cwc check --fix` mends is as it was before the slip, to the byte: comments, quotes, line ends and layout."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from cwc.diagnostics.model import Report
from cwc.driver.fixing import fix_project
from cwc.driver.project import Request
from tests.projects import ROOT, inside

YAML = """\
# Comments stay, those that stand first among them.
type: Flow
name: example   # as does what stands behind a value
version: "1.0"
description: "Doubles a number: 2 × n, and adds ten."

on_context_collision: overwrite
input_schema_ref: tools:NumberInput
steps:
  - tool_name: double
    input_mapping: {number: number}   # in braces
    output_mapping:
      doubled: value
  # between two steps
  - tool_name: add_ten
    input_mapping:
      value: doubled
    output_mapping: {sum: value}
    retry: {max_retries: 8, jitter: true}
    on_error: "fallback:add_ten"
"""
JSON = """\
{
  "type": "Flow",
  "name": "example", "version": "1.0",
  "description": "Doubles a number: 2 × n.",
  "input_schema_ref": "tools:NumberInput",
  "steps": [
    {"tool_name": "double", "input_mapping": {"number": "number"}, "output_mapping": {"doubled": "value"}},
    {
      "tool_name": "add_ten",
      "input_mapping": {
        "value": "doubled"
      }
    }
  ]
}
"""
SLIPS = {
    "yaml": (
        ("type: Flow\n", ""), ('version: "1.0"', "version: 1.0"), ("description:", "desription:"),
        ("on_context_collision: overwrite", "on_context_collision: overwite"),
        ("tool_name: double", "tool_name: doubel"), ("{number: number}", "{nubmer: number}"),
        ("{number: number}", "{number: number, number: number}"), ("doubled: value\n", "doubled: valeu\n"),
        ("value: doubled", "value: doubeld"), ("value: doubled\n", "value: doubled\n      value: doubled\n"),
        ("max_retries: 8", "max_retries: 010"), ("jitter: true", "jitter: yes"),
        ("fallback:add_ten", "fallback:ad_ten"),
        ("steps:\n", "version: '1.0'\nsteps:\n"), ("retry: {max_retries: 8,", "retry: {max_retrys: 8,"),
        ("  - tool_name: add_ten\n", "  - tool_name: add_ten\n    tool_name: add_ten\n"),
        ("fallback:add_ten\"\n", "fallback:add_ten\"\n    on_error: 'fallback:add_ten'\n"),
    ),
    "json": (
        ('"type": "Flow",\n  ', ""), ('"description"', '"desription"'), ('"double"', '"doubel"'),
        ('"version": "1.0"', '"version": 1.0'), ('"number": "number"}', '"number": "number", "number": "number"}'),
        ('"value": "doubled"\n', '"value": "doubled",\n        "value": "doubled"\n'),
        ('"doubled": "value"', '"doubled": "vlue"'),
        ('"steps": [', '"name": "example",\n  "steps": ['),
    ),
}  # fmt: skip


@contextmanager
def project() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "flows").mkdir()
        (folder / "tools.py").write_text((ROOT / "tests" / "example_tools.py").read_text("utf-8"), "utf-8")
        with inside(folder):
            yield folder


def fixed(text: str, ending: str) -> tuple[str, Report]:
    with project() as folder:
        path, report = folder / f"flows/example.flow.{ending}", Report()
        path.write_bytes(text.encode())
        fix_project(Request(tools=("tools",)), report)
        once = path.read_bytes()
        again = fix_project(Request(tools=("tools",)), Report())
        assert (again.files, path.read_bytes()) == ({}, once)
        return once.decode(), report


def slipped(text: str, slips: set[tuple[str, str]]) -> str:
    """The text with those slips that can still be made in it."""
    for right, wrong in sorted(slips):
        if text.count(right) == 1:
            text = text.replace(right, wrong)
    return text


@settings(max_examples=40)
@given(
    st.sampled_from(sorted(SLIPS)).flatmap(
        lambda kind: st.tuples(st.just(kind), st.sets(st.sampled_from(SLIPS[kind]), min_size=1, max_size=5))
    ),
    st.sampled_from(("\n", "\r\n")),
    st.booleans(),
)
def test_what_was_right_comes_back(made: tuple[str, set[tuple[str, str]]], end: str, mark: bool) -> None:
    kind, slips = made
    right = YAML if kind == "yaml" else JSON
    wrong = "\ufeff" * mark + slipped(right, slips).replace("\n", end)
    text, report = fixed(wrong, kind)
    event(f"{len(slips)} slips in {kind}")
    assert text == right.replace("\n", end)
    assert {found.slug for found in report} <= {"unread_output"}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_tabs_become_spaces_where_that_is_sure(end: str) -> None:
    tabbed = "".join(
        "\t" * ((len(line) - len(line.lstrip(" "))) // 2) + line.lstrip(" ") for line in YAML.splitlines(keepends=True)
    ).replace("\n", end)
    assert fixed(tabbed, "yaml")[0] == YAML.replace("\n", end)


UNSURE = {
    "spaces and tabs": "steps:\n  - tool_name: double\n    input_mapping:\n\t\tnumber: number\n",
    "a text whose indentation counts": "description: |\n\ta\n\t\tb\nsteps:\n\t- tool_name: double\n",
    "another value": "steps:\n  - tool_name: double\n    tool_name: add_ten\n",
    "a comment": "steps:\n  - tool_name: double\n    tool_name: double  # why\n",
    "an anchor": "steps:\n  - tool_name: double\n    tool_name: &name double\n    on_error: *name\n",
    "no steps to tell the type by": "steps: []\n",
}


@pytest.mark.parametrize("what", UNSURE)
def test_what_is_not_sure_is_left_alone(what: str) -> None:
    head = "name: a\n" if "type" in what else "type: Flow\nname: a\n"
    text = head + ("" if "description" in UNSURE[what] else "description: b\n") + UNSURE[what]
    assert fixed(text, "yaml")[0] == text
