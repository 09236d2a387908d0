"""The closed grammar from outside: what the emitter writes keeps it, and whatever is planted in a module is found."""

from __future__ import annotations

import subprocess
import sys
from textwrap import indent

import pytest

from cwc.contract import Allowed, ContractError, check_generated, expect_clean
from tests.contract.samples import ALLOWED, FACADE, GOLDENS, SMALL, allowed_in, replaced
from tests.projects import ROOT


def codes(text: str, allowed: Allowed = ALLOWED) -> set[str]:
    return {finding.code for finding in check_generated(text, "planted.py", allowed)}


@pytest.mark.parametrize("name", GOLDENS)
def test_goldens_are_clean(name: str) -> None:
    assert check_generated(GOLDENS[name], name, allowed_in(GOLDENS[name])) == []


def test_every_form_that_there_is_is_clean() -> None:
    assert check_generated(SMALL, "small.py", ALLOWED) == []


IMPORTS = {
    "import os": "DET106",
    "import os.path": "DET106",
    "import random as fn_double": "DET106",
    "from os import system": "DET106",
    "from os import path as tool_path": "DET106",
    "from . import other": "DET106",
    "from . import double as tool_again": "DET106",
    "from .tools import double as tool_again": "DET106",
    "from tools import other as tool_again": "DET106",
    "from tools import double": "DET106",
    "from tools.inner import double as tool_again": "DET106",
    "from os import *": "DET107",
    "from tools import *": "DET107",
    "from cwc.runtime.generated import FORMAT as tool_again": "DET106",
    "from cwc.runtime.generated import perf_counter": "DET106",
    "from cwc.runtime.errors import CwcError": "DET106",
    "from typing import cast": "DET106",
    "from __future__ import braces": "DET106",
    "from tools import double as fn_again": "DET702",
    "from tools import double as clock": "DET702",
    "from tools import double as tool_double": "DET702",
    "from tools import double as tool_ｄ": "DET704",
    "from ｏｓ import double as tool_again": "DET704",
}
"""Imports, and the code each has at the top of a module. In other places they are late, whatever they import."""

STATEMENTS = {
    "while True:\n    break": "DET701",
    "with clock() as x:\n    break": "DET701",
    "class Thing:\n    x = 1": "DET701",
    "del clock": "DET701",
    "global clock": "DET701",
    "nonlocal clock": "DET701",
    "assert True": "DET701",
    "pass": "DET701",
    "continue": "DET701",
    "x = yield 1": "DET701",
    "x += 1": "DET701",
    "x: int = 1": "DET701",
    "x: Any": "DET701",
    "x = y = 1": "DET701",
    "x, *y = (1, 2)": "DET701",
    "clock.x = 1": "DET701",
    "WRITTEN[0] = 1": "DET701",
    "x = 1; y = 2": "DET701",
    "x = 1; import os": "DET701",
    "if clock(): x = 1": "DET701",
    "for x in (1, 2):\n    x = 1": "DET701",
    "for x in range(2):\n    x = 1\nelse:\n    x = 2": "DET701",
    "async for x in range(2):\n    x = 1": "DET701",
    "try:\n    x = 1\nfinally:\n    x = 2": "DET701",
    "try:\n    x = 1\nexcept:\n    x = 2": "DET701",
    "try:\n    x = 1\nexcept* Exception as e:\n    x = 2": "DET701",
    "try:\n    x = 1\nexcept Exception as e:\n    x = 2\nexcept Exception as e:\n    x = 3": "DET701",
    "match 1:\n    case 1:\n        x = 1": "DET701",
    "raise": "DET701",
    "return": "DET701",
    "await clock": "DET701",
    "x = await clock": "DET701",
    "@clock\ndef step_9() -> Outputs:\n    return clock()": "DET701",
    "def step_9(x: Any = clock()) -> Outputs:\n    return x": "DET701",
    "def step_9(*x: Any) -> Outputs:\n    return x": "DET701",
    "def step_9(**x: Any) -> Outputs:\n    return x": "DET701",
    "def step_9(*, x: Any) -> Outputs:\n    return x": "DET701",
    "def step_9(x: Any, /) -> Outputs:\n    return x": "DET701",
    "def step_9(x: eval('1')) -> Outputs:\n    return x": "DET701",
    "def step_9(x: Any) -> eval('1'):\n    return x": "DET701",
    "def step_9() -> Outputs:\n    def inner() -> Outputs:\n        return 1": "DET701",
    "type X = int": "DET701",
    "ｘ = 1": "DET704",
}
"""Statements that stand nowhere, and the code each has wherever it does."""

EXPRESSIONS = {
    "lambda: 1": "DET701",
    "[y for y in (1, 2)]": "DET701",
    "{y for y in (1, 2)}": "DET701",
    "{y: 1 for y in (1, 2)}": "DET701",
    "(y for y in (1, 2))": "DET701",
    "f'{clock()}'": "DET701",
    "'a' 'b'": "DET701",
    "'__im' + 'port__'": "DET701",
    "r'a'": "DET701",
    "1 + 1": "DET701",
    "(y := 2)": "DET701",
    "(1, *(2, 3))": "DET701",
    "{'a': 1}['a']": "DET701",
    "{**{}}": "DET701",
    "...": "DET701",
    "1j": "DET701",
    "__builtins__": "DET702",
    "unknown": "DET702",
    "eval": "DET702",
    "float": "DET702",
    "tool_double.fn": "DET703",
    "model_Outer()": "DET703",
    "__import__('os')": "DET703",
    "eval('1')": "DET703",
    "exec('1')": "DET703",
    "getattr(clock, 'x')": "DET703",
    "print('x')": "DET703",
    "open('f')": "DET703",
    "type(1)": "DET703",
    "range(3)": "DET703",
    "clock.__class__": "DET703",
    "(1).__class__": "DET703",
    "'a'.format(1)": "DET703",
    "{}.get(1)": "DET703",
    "clock()()": "DET703",
    "[clock][0]()": "DET703",
    "(lambda: 1)()": "DET703",
    "float.fromhex('1')": "DET703",
    "frozenset({eval('1')})": "DET703",
    "date(clock())": "DET703",
    "tool_double.get(1)": "DET703",
    "model_Outer.__init__": "DET703",
    "bind_tool(*(1,))": "DET701",
    "bind_tool(**{})": "DET701",
    "bind_tool(_=1)": "DET702",
    "ｃｌｏｃｋ()": "DET704",
    "clock.ｆ": "DET704",
}
"""Expressions that stand nowhere, and the code each has in a value."""

PLACES = {
    "module": ("\nWRITTEN = ", ""),
    "step": ("    trial = None\n", "    "),
    "loop": ("            if trial.over:\n", "            "),
    "branch": ("                break\n", "                "),
    "body": ("    key = initial['key']\n", "    "),
    "elif": ("        require(out_0.get(", "        "),
    "coroutine": ("    await pause_async(", "    "),
    "type checking": ('    Output = TypedDict(\n        "Output"', "    "),
}


def planted(statement: str, place: str) -> str:
    anchor, margin = PLACES[place]
    lead = "\n" if anchor.startswith("\n") else ""
    return replaced(anchor, f"{lead}{indent(statement, margin)}\n{anchor.removeprefix(lead)}")


@pytest.mark.parametrize("statement", IMPORTS)
@pytest.mark.parametrize("place", ["module", "branch", "body", "type checking"])
def test_imports_are_found(statement: str, place: str) -> None:
    found = codes(planted(statement, place))
    assert (IMPORTS[statement] if place == "module" else "DET108") in found or found == {"DET905"}


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("place", ["module", "step", "loop", "elif", "coroutine", "type checking"])
def test_statements_are_found(statement: str, place: str) -> None:
    found = codes(planted(statement, place))
    assert STATEMENTS[statement] in found or found == {"DET905"} or place == "type checking"
    assert found


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize("place", ["module", "step", "body"])
def test_expressions_are_found(expression: str, place: str) -> None:
    name, maker = ("POLICY_9", "Policy") if place == "module" else ("x", "within")
    assert codes(planted(f"{name} = {expression}", place))
    assert EXPRESSIONS[expression] in codes(planted(f"{name} = {maker}({expression})", place))
    assert EXPRESSIONS[expression] in codes(planted(f"{name} = {maker}(1, [{{'a': {expression}}}])", place))


CHANGES = {
    "a parameter that hides the runtime": ("def step_0(key: Any)", "def step_0(key: Any, clock: Any)"),
    "a parameter that hides a class": ("def step_0(key: Any)", "def step_0(key: Any, model_Outer: Any)"),
    "a parameter that hides a builtin": ("def step_0(key: Any)", "def step_0(key: Any, set: Any)"),
    "a parameter that hides a tool's part": ("def step_0(key: Any)", "def step_0(key: Any, fn_double: Any)"),
    "an exception that hides the runtime": ("except Exception as error:", "except Exception as clock:"),
    "a local that hides the runtime": ("    trial = None\n", "    trial = None\n    failed = trial\n"),
    "a parameter that is bound again": ("    trial = None\n", "    trial = None\n    key = trial\n"),
    "a step that is bound again": ("    key = initial", "    step_0 = steps\n    key = initial"),
    "a private name": ("    trial = None\n", "    trial = None\n    _x = trial\n"),
    "a name before it is bound": ("    trial = None\n", "    outputs = trial\n    trial = None\n"),
    "a local of another function": ("    key = initial['key']\n", "    key = trial\n"),
    "the runtime bound at the top": ("WRITTEN = ", "clock = frozenset(('a',))\nWRITTEN = "),
    "a builtin bound at the top": ("WRITTEN = ", "set = frozenset(('a',))\nWRITTEN = "),
    "a constant that is not listed": ("WRITTEN = ", "WROTE = "),
    "a constant made otherwise": ("WRITTEN = frozenset(('text', 'value'))", "WRITTEN = ('text', 'value')"),
    "a constant without a value": ("WRITTEN = frozenset(('text', 'value'))", "WRITTEN: Any"),
    "a constant twice": ("run = FLOW.run\n", "run = FLOW.run\nrun = FLOW.run\n"),
    "a part of a tool made otherwise": ("bind_tool(tool_double)", "contract(tool_double)"),
    "a call for its effect": ("expect_format(1)", "expect_format(1)\npause(9)"),
    "a tool called at import": ("attempts=3", "attempts=fn_double(1)"),
    "the clock read at import": ("attempts=3", "attempts=clock()"),
    "a run at import": ("run = FLOW.run\n", "run = FLOW.run({})\n"),
    "a function of another name": ("def step_0(", "def helper() -> Outputs:\n    return clock()\n\n\ndef step_0("),
    "a function named as a builtin": ("def step_0(", "def set() -> Outputs:\n    return clock()\n\n\ndef step_0("),
    "a function named as the runtime's": ("def step_0(", "def clock() -> Outputs:\n    return 1\n\n\ndef step_0("),
    "a coroutine of the sync lane": ("def step_0(key", "async def step_0(key"),
    "a function of the async lane": ("async def step_0_async", "def step_0_async"),
    "something awaited in a function": ("pause(trial.wait)", "await pause(trial.wait)"),
    "a step without its call awaited": ("await step_0(initial['key'])", "await step_0"),
    "a body that takes more": ("initial: Outputs) -> Ran", "initial: Outputs, more: Any) -> Ran"),
    "a body that takes a default": ("initial: Outputs)", "initial: Outputs = {})"),
    "a body that calls a tool": ("step_0(key, [", "fn_double(key, ["),
    "a body that passes a tool on": ("step_0(key, [", "step_0(fn_double, ["),
    "a body that calls what it is given": ("step_0(key, [", "key(key, ["),
    "a step that calls a step": ("    raise exhausted(trial)", "    raise step_0(trial)"),
    "a step that unpacks a class": ("in_double({'key': key})", "in_double(model_Outer)"),
    "an argument that calls": ("in_double({'key': key})", "in_double({'key': __import__('os')})"),
    "a key that calls": ("in_double({'key': key})", "in_double({clock(): key})"),
    "a key that is a name": ("initial['key']", "initial[key]"),
    "a slice": ("initial['key']", "initial['a':'b']"),
    "two keys": ("initial['key']", "initial['a', 'b']"),
    "an attribute of a class": ("initial['key']", "initial.__class__"),
    "an attribute of an attribute": ("trial.over", "trial.over.real"),
    "another attribute of a trial": ("trial.over", "trial.texts"),
    "another method": ("out_0.get('text', ABSENT)", "out_0.pop('text', ABSENT)"),
    "a method of another": ("out_0.get('text', ABSENT)", "key.get('text', ABSENT)"),
    "a method of nothing": ("out_0.get('text', ABSENT)", "out_9.get('text', ABSENT)"),
    "a private nested class": ("model_Outer.Inner.Innermost", "model_Outer.Inner.__class__"),
    "more attempts than are counted": ("range(1, 4)", "range(1, key)"),
    "a loop over what a tool gives": ("range(1, 4)", "fn_double(key)"),
    "a loop over the context": ("range(1, 4)", "initial"),
    "another exception": ("except Exception as error:", "except BaseException as error:"),
    "several exceptions": ("except Exception as error:", "except (Exception, OSError) as error:"),
    "a refusal that is answered": ("        pass\n", "        return raw\n"),
    "a failure that is passed over": ("except refused_double:", "except Exception:"),
    "a part of a tool that is caught": ("except refused_double:", "except fn_double:"),
    "a refusal that nothing has bound": ("except refused_double:", "except refused_halve:"),
    "a key that is written elsewhere": ("final['text'] = text", "initial['text'] = text"),
    "a key that is written by a name": ("final['text'] = text", "final[text] = text"),
    "two keys that are written": ("final['text'] = text", "final['text', 'key'] = text"),
    "a key of what is not there": ("    final = initial.copy()\n", ""),
    "an unnamed cause": ("from error\n", "from clock()\n"),
    "a condition at the top": ("if TYPE_CHECKING:\n", "if True:\n"),
    "an else at the top": ("FLOW: Flow", "else:\n    x = 1\nFLOW: Flow"),
    "an import under TYPE_CHECKING": ("if TYPE_CHECKING:\n", "if TYPE_CHECKING:\n    import os\n"),
    "a call under TYPE_CHECKING": ("if TYPE_CHECKING:\n", "if TYPE_CHECKING:\n    clock()\n"),
    "TYPE_CHECKING bound to something": ("WRITTEN = ", "TYPE_CHECKING = frozenset(('a',))\nWRITTEN = "),
    "a type that calls": ("'any': Any,", "'any': clock(),"),
    "a type that is not listed": ("'any': Any,", "'any': object,"),
    "a type that is the runtime's": ("'any': Any,", "'any': clock,"),
    "an annotation that calls": ("FLOW: Flow[Output, model_Outer]", "FLOW: Flow[clock(), model_Outer]"),
    "a tool in what is known of the steps": ("Key('key', 'a/b')", "tool_double"),
    "a constant in what is known of the steps": ("Key('key', 'a/b')", "WRITTEN"),
    "the runtime in what is known of the steps": ("Key('key', 'a/b')", "clock()"),
    "a parameter of what is known of the steps": ("def all_steps()", "def all_steps(key: Any)"),
    "a table of lines that is made": ('LINES = """', 'LINES = frozenset("a"); """'),
    "an annotation that is no type": ("def step_0(key: Any)", "def step_0(key: clock)"),
    "a class as the type of a function": ("def step_0(key: Any)", "def step_0(key: model_Outer)"),
    "types that are added": ("list[int] | None", "list[int] + None"),
    "a function as the flow's input": ("FLOW: Flow[Output, model_Outer]", "FLOW: Flow[Output, tool_double]"),
    "an unknown annotation": ("FLOW: Flow[Output,", "FLOW: Flow[Putout,"),
    "a type parameter": ("def step_0(key", "def step_0[T](key"),
    "a lazy import": ("from typing import", "lazy from typing import"),
    "an import of the runtime that is not there": ("    clock,\n", ""),
    "a call for its effect in a function": ("            pause(trial.wait)", "            eval('1')"),
    "a tool's part called in an effect of a body": ("warn_collisions(0,", "fn_double(0,"),
    "attempts counted by something else": ("range(1, 4)", "frozenset(1, 4)"),
    "attempts that are unpacked": ("range(1, 4)", "range(*(1, 4))"),
    "a literal that unpacks": ("date(2024, 1, 2),", "date(*(2024, 1, 2)),"),
    "an awaited value in a function": ("= out_double(fn_double(in", "= out_double(await fn_double(in"),
    "a context that is not there": ("{**final, 'text'", "{**context_1, 'text'"),
    "a key of something that is not there": ("out_0['text'] if", "out_9['text'] if"),
    "an unpacked key": ("initial['key']", "initial[*'key']"),
    "a TypedDict that is none": ("Output = TypedDict(", "Output = eval("),
    "a TypedDict with options": ('        "Output",\n', '        "Output", total=False,\n'),
    "two names for a TypedDict": ("    Output = TypedDict(", "    Output = Other = TypedDict("),
    "two statements under TYPE_CHECKING": ("        },\n    )\n", "        },\n    ); Other = TypedDict('x', {})\n"),
    "two statements at the top": ("expect_format(1)\n", "expect_format(1); expect_format(1)\n"),
    "a TypedDict that is unpacked": ('        "Output",\n', '        *"Output",\n'),
    "a raw type": ("'any': Any,", "'any': r'Any',"),
    "a raw name of a TypedDict": ('        "Output",\n', '        r"Output",\n'),
    "a type that is unpacked": ("dict[str, list", "dict[*str, list"),
    "a raw docstring of the module": ("expect_format(1)\n", "expect_format(1)\nr'text'\n"),
    "a parameter that takes the rest": (
        "async def step_0_async(key: Any)",
        "async def step_0_async(*rest: Any, key: Any)",
    ),
    "a raw docstring": ('    """Run the steps', '    r"""Run the steps'),
    "a formatted docstring": ('    """Run the steps in', '    f"""{eval(1)}'),
    "a raw key": ("initial['key']", "initial[r'key']"),
    "a raw string in a literal": ("frozenset(('text', 'value'))", "frozenset((r'text', 'value'))"),
    "not Python": ("def step_0(", "def step_0(("),
}


@pytest.mark.parametrize("what", CHANGES)
def test_changes_are_found(what: str) -> None:
    assert codes(replaced(*CHANGES[what])), what


WIDE = {
    "a step that is not called": ("step_0(number),", "step_0,"),
    "a value among steps": ("step_0(number),", "number,"),
    "a call of the runtime among steps": ("step_0(number),", "clock(),"),
    "a limit with arguments": ("concurrency(),", "concurrency(number),"),
    "a tool among steps": ("step_0(number),", "fn_double(number),"),
    "steps that are unpacked": ("step_0(number),", "*step_0(number),"),
    "a step in something else": ("step_0(number),", "settled(step_0(number)),"),
    "a step that is awaited there": ("step_0(number),", "await step_0(number),"),
    "a step that is nobody's": ("step_0(number),", "step_9(number),"),
    "a coroutine that is nobody's": ("step_0(number),", "at_0(),"),
    "a step that nobody awaits": ("await step_2(left, right)", "step_2(left, right)"),
    "a step that is begun for its effect": ("    level_0 = await", "    step_0(number)\n    level_0 = await"),
}


@pytest.mark.parametrize("what", WIDE)
def test_levels_run_nothing_but_steps(what: str) -> None:
    golden = GOLDENS["levels/fan"]
    anchor, change = WIDE[what]
    at = golden.rindex(anchor)
    text = golden[:at] + change + golden[at + len(anchor) :]
    assert codes(text, allowed_in(golden)) & {"DET701", "DET702", "DET703"}


def test_annotations_may_be_text() -> None:
    assert codes(replaced("FLOW: Flow[Output,", 'FLOW: Flow["Output",')) == set()


def test_locals_of_a_body_may_hide_what_it_has_no_use_for() -> None:
    """Such as the parts of a tool that is named ``0``."""
    named = SMALL.replace("_double", "_0")
    assert check_generated(named, "named.py", allowed_in(named)) == []


def test_imports_are_only_what_is_allowed() -> None:
    assert codes(SMALL, Allowed(frozenset(), FACADE)) >= {"DET106", "DET702"}
    findings = check_generated(SMALL, "small.py", Allowed(ALLOWED.imports, FACADE - {"clock"}))
    undeclared = [finding for finding in findings if finding.code == "DET106"]
    assert [SMALL.split("\n")[finding.line - 1] for finding in undeclared] == ["    clock,"]


def test_findings_say_what_and_where_in_order() -> None:
    text = SMALL + "import os\nrun = FLOW.name; x = eval('1')\n"
    with pytest.raises(ContractError) as caught:
        expect_clean(text, "generated/small.py", ALLOWED)
    found = caught.value.findings
    end = SMALL.count("\n")
    assert [(finding.code, finding.line, finding.column) for finding in found] == [
        ("DET106", end + 1, 1),
        ("DET702", end + 2, 1),
        ("DET703", end + 2, 7),
        ("DET701", end + 2, 18),
        ("DET701", end + 2, 18),
        ("DET703", end + 2, 22),
    ]
    assert str(found[0]) == f"generated/small.py:{end + 1}:1: DET106 {found[0].message}"
    assert "`import os`" in found[0].message
    assert str(found[0]) in str(caught.value)


def test_what_is_clean_raises_nothing() -> None:
    expect_clean(SMALL, "small.py", ALLOWED)


def test_libcst_is_imported_on_use_and_its_matchers_never() -> None:
    code = """
import sys
from cwc.contract import Allowed, check_generated
assert "libcst" not in sys.modules
check_generated("x = eval", "x.py", Allowed(frozenset(), frozenset()))
assert "libcst" in sys.modules
assert "libcst.matchers" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


def test_positions_are_computed_only_for_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("positions were computed")

    monkeypatch.setattr("libcst.metadata.MetadataWrapper.resolve", refuse)
    assert check_generated(SMALL, "small.py", ALLOWED) == []
    with pytest.raises(AssertionError, match="positions"):
        check_generated(SMALL + "import os\n", "small.py", ALLOWED)
