"""The explain pages."""

from __future__ import annotations

import importlib
import re

import pytest
import yaml

from cwc.diagnostics.model import Definition
from cwc.diagnostics.pages import PAGES, all_definitions, page

for _module in ("config", "files", "tools", "output", "manifest"):
    importlib.import_module(f"cwc.driver.{_module}")

FORM = re.compile(
    r"# (?P<code>[A-Z0-9-]+) (?P<slug>[a-z0-9_]+)\n\n[^\n#`](.+\n)+\n[^\n#`](.+\n)+"
    r"\n## Wrong\n\n```yaml\n(?P<wrong>(?s:.*?))```\n\n## Right\n\n```yaml\n(?P<right>(?s:.*?))```\n"
)


def test_the_definitions_stand_by_code() -> None:
    codes = [definition.code for definition in all_definitions()]
    assert codes == sorted(codes)
    assert "CWC801" in codes


def test_a_definition_without_a_page_has_none() -> None:
    assert page(Definition("CWC000", "no_such_thing", "error", "")) is None


@pytest.mark.parametrize(
    "definition",
    [definition for definition in all_definitions() if re.fullmatch("CWC(20|80|82|83).", definition.code)],
    ids=lambda definition: definition.code,
)
def test_a_page_has_its_form(definition: Definition) -> None:
    text = page(definition)
    assert text is not None
    match = FORM.fullmatch(text)
    assert match is not None
    assert (match["code"], match["slug"]) == (definition.code, definition.slug)
    assert yaml.safe_load(match["right"]) is not None


def test_no_page_is_left_over() -> None:
    own = {path.stem for path in PAGES.glob("CWC8*.md")}
    assert own <= {definition.code for definition in all_definitions()}
