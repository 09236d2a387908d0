"""Hostile text anywhere in a flow is built to code whose literals evaluate back to it, or refused with diagnostics."""

from __future__ import annotations

import json
import runpy
import tokenize
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

import cwc
from cwc.diagnostics.as_json import render_json
from cwc.diagnostics.model import SeveritySettings
from cwc.runtime.flow import Flow
from tests.projects import run_cwc
from tests.properties.hostile import CANARY, PLACES, TEXTS, UTF_7_TEXTS, flow


class Number(BaseModel):
    number: int = 1


class Value(BaseModel):
    value: int


class Thing(BaseModel):
    thing: Any = None


class Text(BaseModel):
    text: str


def tools(name: str = "double") -> list[cwc.Tool]:
    return [
        cwc.Tool(name=name, description=name, input_schema=Number, output_schema=Value, fn=lambda given: {"value": 2}),
        cwc.Tool(name="show", description="", input_schema=Thing, output_schema=Text, fn=lambda given: {"text": "x"}),
    ]


def compiled(document: dict[str, Any], made: list[cwc.Tool]) -> Flow[Any] | None:
    """The flow, loaded and run once; None if it was refused, with nothing but diagnostics that can be shown."""
    try:
        built = cwc.compile_flow(document, made)
    except cwc.CompileError as error:
        shown = render_json(error.report, SeveritySettings(), files=1, flows=1)
        assert json.loads(shown)["summary"]["errors"] > 0
        str(error).encode(errors="surrogatepass")
        assert CANARY == []
        return None
    given = dict.fromkeys(built.required_inputs, 1)
    result = built.run(given)
    assert len(result.execution_log) <= len(built.steps)
    assert CANARY == []
    return built


@pytest.mark.parametrize("place", PLACES)
def test_texts_in_every_place(place: str) -> None:
    outcomes = {text: compiled(_flow_with(place, text), tools()) for text in TEXTS}
    for text, built in outcomes.items():
        if built is not None and place in ("name", "description"):
            assert getattr(built, place) == text


def _flow_with(place: str, text: str) -> dict[str, Any]:
    document = flow()
    PLACES[place](document, text)
    return document


def _rename(flow: dict[str, Any], text: str) -> None:
    flow["steps"][0]["step_id"] = text
    flow["steps"][1]["depends_on"] = [text]


DAG_PLACES: dict[str, Callable[[dict[str, Any], str], None]] = {
    "id": lambda flow, text: flow["steps"][2].update(step_id=text),
    "id that others name": _rename,
    "dependency": lambda flow, text: flow["steps"][1].update(depends_on=["a", text]),
    "target": lambda flow, text: flow["steps"][0]["branches"][0].update(target_step_id=text),
    "default": lambda flow, text: flow["steps"][0].update(default_next=text),
    "predicate": lambda flow, text: flow["steps"][0]["branches"][0].update(predicate=text),
    "text in a predicate": lambda flow, text: flow["steps"][0]["branches"][0].update(predicate=f"value == {text!r}"),
    "key in a predicate": lambda flow, text: flow["steps"][0]["branches"][0].update(predicate=f"value[{text!r}]"),
    "composed flow": lambda flow, text: flow["steps"].append({"step_id": "z", "flow_name": text}),
}


@pytest.mark.parametrize("place", DAG_PLACES)
def test_texts_in_every_place_of_a_dag(place: str) -> None:
    for text in TEXTS:
        document: dict[str, Any] = {
            "type": "DAGFlow",
            "name": "dag",
            "version": "1.0",
            "description": "",
            "steps": [
                {
                    "step_id": "a",
                    "tool_name": "double",
                    "branches": [{"target_step_id": "b", "predicate": "value == 2"}],
                },
                {"step_id": "b", "tool_name": "show", "depends_on": ["a"], "input_mapping": {"thing": "value"}},
                {"step_id": "c", "tool_name": "show", "depends_on": ["b"], "output_mapping": {"other": "text"}},
            ],
        }
        DAG_PLACES[place](document, text)
        compiled(document, tools())


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_texts_as_the_name_of_a_tool(text: str) -> None:
    if not text:
        return
    document = flow()
    document["steps"][0]["tool_name"] = text
    built = compiled(document, tools(text))
    if built is not None:
        assert built.steps[0].tool_name == text
        assert built.run({"number": 1}).execution_log[0].tool_name == text


def test_there_are_enough() -> None:
    assert len(set(TEXTS)) >= 60
    assert len(PLACES) >= 18


@pytest.mark.parametrize("name", [text for text in TEXTS if "coding" in text])
@pytest.mark.parametrize("description", UTF_7_TEXTS)
def test_a_flow_does_not_choose_the_encoding_of_its_module(name: str, description: str, tmp_path: Path) -> None:
    document = {**flow(), "name": name, "description": description, "version": name, "steps": []}
    (tmp_path / "pyproject.toml").write_text("[tool.cwc]\n")
    (tmp_path / "flows").mkdir()
    for version in (name, "1.0"):
        (tmp_path / "flows/a.flow.json").write_text(json.dumps({**document, "version": version}))
        run_cwc("build", cwd=tmp_path)
    (generated,) = (file for file in (tmp_path / "generated").glob("*.py") if file.stem != "__init__")
    with generated.open("rb") as file:
        assert tokenize.detect_encoding(file.readline)[0] == "utf-8"
    loaded = runpy.run_path(str(generated))
    assert (loaded["FLOW"].name, loaded["FLOW"].description) == (name, description)
    assert CANARY == []
    built = compiled({**document, "version": "1.0"}, [])
    assert built is not None
    assert built.description == description


@given(st.sampled_from(sorted(PLACES)), st.text(st.characters(codec=None, exclude_categories=()), max_size=30))
def test_any_text_in_any_place(place: str, text: str) -> None:
    compiled(_flow_with(place, text), tools())


@given(st.text(st.characters(codec=None, exclude_categories=()), min_size=1, max_size=30))
def test_keys_and_literals_come_back(text: str) -> None:
    document = flow()
    document["steps"] = [
        {"tool_name": "double", "output_mapping": {text: "value"}},
        {"tool_name": "show", "input_mapping": {"thing": [text, {text: text}]}},
    ]
    built = compiled(document, tools())
    assert built is not None
    result = built.run({})
    assert result.success
    assert result.final_output is not None
    assert result.final_output[text] in (2, "x")
    assert result.execution_log[1].inputs == {"thing": [text, {text: text}]}
