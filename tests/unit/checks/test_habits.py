"""What people write who know other systems: constants in mappings, fields that steps do not have."""

from __future__ import annotations

from typing import Any

import pytest

from cwc.diagnostics.model import Diagnostic
from cwc.driver.memory import compile_in_memory
from cwc.language.habits import HABITS
from cwc.language.steps import DAGStep
from tests.unit.checks.test_later import SCHEMAS, TOOLS


def found(slug: str, *, schemas: bool = True, **fields: Any) -> Diagnostic:
    steps = [{"tool_name": "mail", "input_mapping": {"start": "start"}}, {"tool_name": "merge"} | fields]
    flow = {"type": "Flow", "name": "example", "description": "", "steps": steps, **(SCHEMAS if schemas else {})}
    return [each for each in compile_in_memory(flow, TOOLS).report if each.slug == slug][-1]


@pytest.mark.parametrize("key", ["3", "-1.5", "true"])
def test_a_constant_in_quotes(key: str) -> None:
    told = found("missing_mapping_key", input_mapping={"m": key})
    assert (told.help, told.general) == ((f"for the constant, write {key} without quotes",), ())
    assert found("undeclared_input", schemas=False, input_mapping={"m": key}).help[0] == told.help[0]


def test_a_text_that_is_taken_for_a_key() -> None:
    told = found("missing_mapping_key", input_mapping={"m": "printer problems"})
    assert told.help == ()
    (help,) = told.general
    assert help.startswith("text in an input mapping is a context key or a pointer; ")
    assert found("undeclared_input", schemas=False, input_mapping={"m": "printer problems"}).help[0] == help


def test_a_misspelt_key_is_no_constant() -> None:
    told = found("missing_mapping_key", input_mapping={"m": "strat"})
    assert (told.help, told.general) == (("did you mean 'start', an input of the flow?",), ())


@pytest.mark.parametrize(
    ("field", "helps"),
    [
        ("when", "branches"), ("if", "branches"), ("condition", "branches"), ("for_each", "in the tool"),
        ("timeout", "at the tool"), ("timeout_seconds", "at the tool"), ("inputs", "input_mapping"),
        ("args", "input_mapping"), ("params", "input_mapping"), ("needs", "depends_on"), ("after", "depends_on"),
    ],
)  # fmt: skip
def test_fields_of_other_systems(field: str, helps: str) -> None:
    fields: dict[str, Any] = {field: "m > 3"}
    told = found("unknown_field", input_mapping={"m": "m"}, **fields)
    (help,) = told.help
    assert (told.definition.severity, told.fix) == ("warning", ())
    assert helps in help


def test_no_field_of_the_language_is_taken_for_one_of_others() -> None:
    assert not HABITS.keys() & DAGStep.model_fields.keys()


def test_an_output_mapping_the_wrong_way_round() -> None:
    told = found("unknown_output_key", input_mapping={"m": "m"}, output_mapping={"all": "letters"})
    assert told.help == ("an output mapping is {context key: output}: write `letters: all`",)


@pytest.mark.parametrize("name", ["my.tools.merge", "tools:merge"])
def test_a_tool_by_its_module(name: str) -> None:
    assert found("missing_tool", tool_name=name).help == ("did you mean 'merge'?",)
