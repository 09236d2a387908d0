"""The closed grammar: goldens keep it, and whatever is planted in them is found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cwc.contract import Allowed, ContractError, check_generated, expect_clean
from cwc.runtime import generated
from tests.projects import ROOT

FACADE = frozenset(generated.__all__)
GOLDENS = sorted((ROOT / "tests" / "cases").glob("*/*/generated/*.py"))
SAMPLE = (ROOT / "tests" / "cases" / "linear" / "handling" / "generated" / "robust.py").read_text("utf-8")


def allowed_in(text: str) -> Allowed:
    """What the module's own imports were allowed when it was generated."""
    imports = re.findall(r"^from (\S+) import (\w+) as", text, re.MULTILINE)
    return Allowed(frozenset(imports), FACADE)


ALLOWED = allowed_in(SAMPLE)


@pytest.mark.parametrize("path", GOLDENS, ids=lambda path: path.stem)
def test_goldens_are_clean(path: Path) -> None:
    text = path.read_text("utf-8")
    assert check_generated(text, path.name, allowed_in(text)) == []


STATEMENTS = {
    "import os": "DET106",
    "import random as fn_fetch": "DET106",
    "from os import system": "DET106",
    "from os import path as tool_path": "DET106",
    "from . import other": "DET106",
    "from .other import run as tool_run": "DET701",
    "from os import *": "DET107",
    "from cwc.runtime.generated import FORMAT as clock": "DET106",
    "from cwc.runtime.errors import CwcError": "DET106",
    "from typing import cast": "DET106",
    "from __future__ import braces": "DET106",
    "while True:\n    break": "DET701",
    "with clock() as x:\n    break": "DET701",
    "class Thing:\n    x = 1": "DET701",
    "del clock": "DET701",
    "global clock": "DET701",
    "assert True": "DET701",
    "x = yield 1": "DET701",
    "x = lambda: 1": "DET701",
    "x = [y for y in (1, 2)]": "DET701",
    "x = {y: 1 for y in (1, 2)}": "DET701",
    "x = (y for y in (1, 2))": "DET701",
    "x = f'{clock()}'": "DET701",
    "x = 'a' 'b'": "DET701",
    "x = r'a'": "DET701",
    "x = 1 + 1": "DET701",
    "x = 1 if (y := 2) else 3": "DET701",
    "x += 1": "DET701",
    "x = 1; y = 2": "DET701",
    "x: Any": "DET701",
    "x = (1, *(2, 3))": "DET701",
    "x = {}[0:1]": "DET701",
    "x = ...": "DET701",
    "x = 1j": "DET701",
    "match 1:\n    case 1:\n        x = 1": "DET701",
    "type X = int": "DET701",
    "try:\n    x = 1\nfinally:\n    x = 2": "DET701",
    "for x in (1, 2):\n    x = 1\nelse:\n    x = 2": "DET701",
    "async for x in (1, 2):\n    x = 1": "DET701",
    "def inner(x: Any) -> Outputs:\n    return x": "DET701",
    "x = __import__('os')": "DET703",
    "x = __builtins__": "DET702",
    "x = unknown": "DET702",
    "x = eval": "DET702",
    "x = eval('1')": "DET703",
    "x = exec('1')": "DET703",
    "x = getattr(clock, 'x')": "DET703",
    "x = print('x')": "DET703",
    "x = open('f')": "DET703",
    "x = type(1)": "DET703",
    "x = ｃｌｏｃｋ()": "DET704",
    "ｘ = 1": "DET704",
    "x = clock.__class__": "DET703",
    "x = (1).__class__": "DET703",
    "x = 'a'.format(1)": "DET703",
    "x = {}.get(1)": "DET703",
    "x = clock()()": "DET703",
    "x = (clock)()": "",
    "x = [clock][0]()": "DET703",
    "x = FLOW.name": "DET703",
    "x = FLOW.steps.get(1)": "DET703",
    "x = fn_fetch(*(1,))": "DET701",
    "x = fn_fetch(**{})": "DET701",
    "clock = 1": "DET702",
    "frozenset = 1": "DET702",
    "tool_fetch = 1": "DET702",
    "fn_fetch, clock = (1, 2)": "DET702",
    "fn_fetch.x = 1": "DET701",
    "STEPS[0] = 1": "DET701",
    "x = model_KeyInput()": "DET703",
    "x = model_KeyInput.__init__": "DET703",
    "x = float.fromhex('1')": "DET703",
}
"""Statements planted in a module, and the code of what must be found; none for the one that is harmless."""


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("place", ["module", "step", "body", "deep"])
def test_planted_statements_are_found(statement: str, place: str) -> None:
    text = _planted(statement, place)
    findings = check_generated(text, "planted.py", ALLOWED)
    codes = {finding.definition.code for finding in findings}
    if place == "module" and statement.startswith("def "):
        return
    assert (STATEMENTS[statement] in codes or "DET905" in codes) if STATEMENTS[statement] else not codes
    assert all(finding.line >= 1 for finding in findings)


def _planted(statement: str, place: str) -> str:
    anchors = {
        "module": ("\nPOLICY_1 = ", ""),
        "step": ("    trial = None\n", "    "),
        "body": ("    key = initial['key']\n", "    "),
        "deep": ("            if trial.over:\n", "            "),
    }
    anchor, indent = anchors[place]
    assert anchor in SAMPLE
    lines = "\n".join(indent + line for line in statement.split("\n"))
    before, after = SAMPLE.split(anchor, 1)
    if place == "module":
        return f"{before}\n{lines}{anchor}{after}"
    return f"{before}{lines}\n{anchor}{after}"


TEXTS = {
    "a default": ("def step_0(key: Any)", "def step_0(key: Any = clock())"),
    "a decorator": ("def step_0(", "@clock\ndef step_0("),
    "a star": ("def step_0(key: Any)", "def step_0(*key: Any)"),
    "an annotation that calls": ("def step_0(key: Any)", "def step_0(key: eval('1'))"),
    "a call as an argument": ("in_fetch({'key': key})", "in_fetch({'key': eval('1')})"),
    "a call as a key": ("in_fetch({'key': key})", "in_fetch({__import__('os'): key})"),
    "another exception": ("except Exception as error:", "except BaseException as error:"),
    "a bare except": ("except Exception as error:", "except:"),
    "an import under TYPE_CHECKING": ("if TYPE_CHECKING:\n", "if TYPE_CHECKING:\n    import os\n"),
    "a condition at the top": ("if TYPE_CHECKING:\n", "if True:\n"),
    "an else at the top": ("FLOW: Flow", "else:\n    x = 1\nFLOW: Flow"),
    "something awaited": ("out_1, end_1 = await step_1(raw)", "out_1, end_1 = await step_1"),
    "a parameter that shadows the runtime": ("def step_0(key: Any)", "def step_0(clock: Any)"),
    "a steps parameter that is called": ("step_0(key), clock()", "steps(key), clock()"),
    "an import that is not allowed": ("from tools import enrich as", "from tools import other as"),
    "a type parameter": ("def step_0(key", "def step_0[T](key"),
    "a lazy import": ("from typing import", "lazy from typing import"),
    "not Python": ("def step_0(", "def step_0(("),
}


@pytest.mark.parametrize("what", TEXTS)
def test_planted_texts_are_found(what: str) -> None:
    old, new = TEXTS[what]
    assert old in SAMPLE
    assert check_generated(SAMPLE.replace(old, new, 1), "planted.py", ALLOWED), what


def test_findings_say_where() -> None:
    with pytest.raises(ContractError) as caught:
        expect_clean(SAMPLE + "import os\nx = eval('1')\n", "planted.py", ALLOWED)
    end = SAMPLE.count("\n")
    found = [(finding.definition.code, finding.line, finding.column) for finding in caught.value.findings]
    assert found == [("DET106", end + 1, 1), ("DET702", end + 2, 5), ("DET703", end + 2, 5)]
    assert f"planted.py:{end + 1}:1: DET106" in str(caught.value)


def test_deep_literals_are_walked() -> None:
    deep = "[" * 90 + "]" * 90
    assert check_generated(f"x = {deep}\n", "deep.py", ALLOWED) == []
    assert check_generated(f"x = {deep[:90]}eval(1){deep[90:]}\n", "deep.py", ALLOWED)


def test_unparsable_text_is_a_finding() -> None:
    for text in ("x = (", "\x00", "\ud800", "(" * 3000):
        assert [finding.definition.code for finding in check_generated(text, "x.py", ALLOWED)] == ["DET905"]
