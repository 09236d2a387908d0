"""Every explain page of reading has its form; its wrong text gives its code, and its right text gives nothing."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import cwc.diagnostics
import cwc.language
import cwc.syntax
from cwc.diagnostics.model import Definition, Report
from cwc.language import read_document
from cwc.syntax import decode, parse

PAGES = Path(cwc.diagnostics.__file__).parent / "pages"
FORM = re.compile(
    r"# (?P<code>CWC\d{3}) (?P<slug>[a-z0-9_]+)\n\n(?!\n).+?\n\n(?!#).+?\n"
    r"\n## Wrong\n\n```yaml\n(?P<wrong>.+?)```\n\n## Right\n\n```yaml\n(?P<right>.+?)```\n",
    re.DOTALL,
)
FLOW = b"type: Flow\nname: a\ndescription: b\nsteps:\n"
STEP = b"- tool_name: double\n"
STAND_INS = {
    "CWC001": FLOW + STEP + b"#" * 5 * 1024 * 1024,
    "CWC002": FLOW.replace(b"name: a", b"name: gr\xfc\xdfe") + STEP,
    "CWC003": b"\xef\xbb\xbf" + FLOW + STEP,
    "CWC004": FLOW.replace(b"name: a", b"name: a\0") + STEP,
    "CWC022": FLOW.replace(b"name: a", b"name: " + b"a" * 100_001) + STEP,
    "CWC023": b"trigger_conditions: {a: " + b"1" * 4301 + b"}\n" + FLOW + STEP,
    "CWC119": FLOW + STEP * 1001,
}
"""What the wrong texts that no page can show stand for."""


def own_definitions() -> list[Definition]:
    found = {}
    for package in (cwc.syntax, cwc.language):
        for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for value in vars(importlib.import_module(info.name)).values():
                if isinstance(value, Definition):
                    found[value.code] = value
    return sorted(found.values(), key=lambda definition: definition.code)


OWN = own_definitions()


def slugs(data: bytes, path: str) -> list[str]:
    report = Report()
    source = decode(path, data, report)
    tree = None if source is None else parse(source, report)
    if tree is not None:
        read_document(tree, report)
    return [diagnostic.slug for diagnostic in report]


def parts(definition: Definition) -> tuple[str, str]:
    match = FORM.fullmatch((PAGES / f"{definition.code}.md").read_text(encoding="utf-8"))
    assert match is not None
    assert (match["code"], match["slug"]) == (definition.code, definition.slug)
    return match["wrong"], match["right"]


def path_of(text: str) -> str:
    """The path that an example says it is saved as, or one that fits its syntax."""
    named = re.match(r"# saved as (\S+)\n", text)
    return named[1] if named else "example.flow.json" if text.startswith("{") else "example.flow.yaml"


def test_there_are_pages_to_test() -> None:
    assert {"CWC010", "CWC101"} <= {definition.code for definition in OWN}


@pytest.mark.parametrize("definition", OWN, ids=lambda definition: definition.slug)
def test_the_wrong_text_gives_the_code_and_nothing_else(definition: Definition) -> None:
    wrong, _ = parts(definition)
    data = STAND_INS.get(definition.code, wrong.encode())
    assert slugs(data, path_of(wrong)) == [definition.slug]


@pytest.mark.parametrize("definition", OWN, ids=lambda definition: definition.slug)
def test_the_right_text_gives_nothing(definition: Definition) -> None:
    _, right = parts(definition)
    assert slugs(right.encode(), path_of(right)) == []


@pytest.mark.parametrize("definition", OWN, ids=lambda definition: definition.slug)
def test_the_code_is_of_its_family(definition: Definition) -> None:
    families = {"CWC0": cwc.syntax, "CWC1": cwc.language}
    owner = families[definition.code[:4]]
    modules = [
        importlib.import_module(info.name) for info in pkgutil.iter_modules(owner.__path__, f"{owner.__name__}.")
    ]
    assert any(definition in vars(module).values() for module in modules)
