"""Flows given as text: what is JSON, and what is YAML although it begins as JSON does."""

from __future__ import annotations

import pytest

import cwc
from cwc.driver.memory import CompileError

STEPLESS = {
    "JSON": '\n{"type": "Flow", "name": "a", "description": "d", "steps": []}\n',
    "a flow mapping": "{type: Flow, name: a, description: d, steps: []}",
    "one with quotes, and a comment": '{"type": "Flow", "name": a, # the name\n description: d, steps: []}\n',
    "one with a comma at its end": '{"type": "Flow", "name": "a", "description": "d", "steps": [],}',
    "a block mapping": "type: Flow\nname: a\ndescription: d\nsteps: []\n",
}


@pytest.mark.parametrize("text", STEPLESS.values(), ids=STEPLESS)
def test_what_is_either(text: str) -> None:
    assert cwc.compile_flow(text, []).name == "a"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"type": "Flow", "steps": [}', "this is not valid JSON: expected a value"),
        ('{"type": "Flow" "name": "a"}', "this is not valid JSON: expected a comma or '}'"),
        ('{"type": "Flow", "name": "a"\n', "this is not valid JSON: "),
        ("{type: Flow, steps: [}", "this is not valid YAML: "),
        ('{"type": Flow, "steps": [}', "this is not valid YAML: "),
        ("{", "this is not valid JSON: "),
        ("{" * 5000, "nested"),
    ],
)
def test_what_is_neither_is_told_of_as_what_it_is_for_longer(text: str, told: str) -> None:
    with pytest.raises(CompileError) as raised:
        cwc.compile_flow(text, [])
    (found,) = raised.value.report
    assert told in found.message
