"""The pages of the contract's rules: their wrong code gives the finding, their right code is clean."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cwc.contract import Allowed, check_generated
from cwc.diagnostics.model import Definition
from cwc.diagnostics.pages import page
from cwc.driver.catalogue import all_definitions
from tests.contract.checking import codes_of
from tests.contract.samples import FACADE

RULES = [
    definition for definition in all_definitions() if definition.code.startswith("DET") and definition.pages is None
]
FORM = re.compile(
    r"# (?P<code>DET\d{3}) (?P<slug>[a-z0-9_]+)\n\n(?!\n).+?\n\n(?!#).+?\n"
    r"\n## Wrong\n\n```python\n(?P<wrong>.+?)```\n\n## Right\n\n```python\n(?P<right>.+?)```\n"
    r"(?:\n## Wrong by hand\n\n```python\n(?P<wrong_by_hand>.+?)```\n"
    r"\n## Right by hand\n\n```python\n(?P<right_by_hand>.+?)```\n)?",
    re.DOTALL,
)
ALLOWED = Allowed(frozenset({("tools", "double"), ("tools", "NumberInput")}), FACADE)


@pytest.mark.parametrize("definition", RULES, ids=lambda definition: definition.code)
def test_page(definition: Definition) -> None:
    text = page(definition)
    assert text is not None
    form = FORM.fullmatch(text)
    assert form is not None
    assert (form["code"], form["slug"]) == (definition.code, definition.slug)
    assert definition.code in {finding.code for finding in check_generated(form["wrong"], "wrong.py", ALLOWED)}
    assert check_generated(form["right"], "right.py", ALLOWED) == []


@pytest.mark.parametrize("code", ["DET106", "DET107", "DET905"])
def test_what_holds_for_code_by_hand_too(code: str, tmp_path: Path) -> None:
    (definition,) = (each for each in RULES if each.code == code)
    form = FORM.fullmatch(page(definition) or "")
    assert form is not None
    assert code in codes_of(form["wrong_by_hand"], tmp_path / "wrong")
    assert code not in codes_of(form["right_by_hand"], tmp_path / "right")
