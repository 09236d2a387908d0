"""The shape of a module stands for it: the same tokens, and nothing is clean by its shape that is not by its text."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings

import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwc.contract import check_generated, generated
from cwc.contract.grammar import check
from cwc.contract.grammar.check import findings, is_clean
from cwc.contract.shape import definitions_in, shape_of
from tests.contract.samples import ALLOWED, GOLDENS, SMALL, allowed_in

PIECES = (
    "'", '"', "'''", '"""', "#", "\\", "b", "r", "f", "\n", " ", "    ", "0", "1.5", "1e3", "0x1f", "1_0", "1j", "x",
    "'a'", 'b"a"', "rb'\\'", "f'{exec}'", "# no", "(", ")", ",", "=", ":", ";", "exec('1')", "'\\''", '"\\\\"',
    "'#'", '"""a\n# """', "a\\\n", "\n# it's\n", "\nimport os\n", "in_double, fn_double, out_double = x\n",
)  # fmt: skip
IGNORED = {tokenize.COMMENT, tokenize.NL, tokenize.ENCODING}


def tokens(text: str) -> list[tuple[int, str]]:
    """The tokens of a text as far as the grammar looks at them."""
    found = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        string = token.string
        if token.type == tokenize.STRING:
            string = string[: string.index(string[-1])] + "''"
        elif token.type == tokenize.NUMBER and string.isdecimal():
            string = "0"
        elif token.type in {tokenize.NEWLINE, tokenize.INDENT}:
            string = ""
        if token.type not in IGNORED:
            found.append((token.type, string))
    return found


def is_python(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except (SyntaxError, ValueError):
            return False
    return True


@st.composite
def changed(draw: st.DrawFn) -> str:
    """A module with some pieces put in, over or away."""
    text = draw(st.sampled_from((SMALL, "x = f('a', 1)  # b\ny = [\n    'c',\n    2,\n]\n")))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(PIECES)) + text[at + draw(st.sampled_from((0, 0, 1, 3))) :]
    return text


@given(changed())
def test_a_shape_has_the_tokens_of_its_text(text: str) -> None:
    shape = shape_of(text)
    if shape is not None and is_python(text):
        assert tokens(shape + "\n") == tokens(text if text.endswith("\n") else text + "\n")
        assert "".join(definitions_in(shape)) == shape + "\n"


@given(changed())
def test_what_is_clean_by_its_shape_is_clean(text: str) -> None:
    shape = shape_of(text)
    if shape is not None and is_python(text) and is_clean(shape, ALLOWED.imports, ALLOWED.facade):
        assert findings(text, "x.py", ALLOWED.imports, ALLOWED.facade) == []


@pytest.mark.parametrize("name", GOLDENS)
def test_modules_are_clean_by_their_shapes(name: str) -> None:
    shape, allowed = shape_of(GOLDENS[name]), allowed_in(GOLDENS[name])
    assert shape is not None
    assert is_clean(shape, allowed.imports, allowed.facade)


def test_strings_side_by_side_stay_apart() -> None:
    assert shape_of("x = 'a''b'\"\"\n") == "x = '' '' ''"


@pytest.mark.parametrize("text", ["x = r'\\'", "x = f'{1}'", "x = '''", "x = 1 + \\\n2", "x = u'a'"])
def test_what_is_uncertain_has_no_shape(text: str) -> None:
    assert shape_of(text) is None


def test_a_shape_that_is_clean_is_not_parsed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated, "CLEAN", set())
    assert check_generated(SMALL, "x.py", ALLOWED) == []
    monkeypatch.setattr(cst, "parse_module", None)
    assert check_generated(SMALL.replace("größe", "weite").replace("0.1.0", "0.1.1"), "x.py", ALLOWED) == []
    monkeypatch.undo()
    assert check_generated(SMALL, "x.py", generated.Allowed(frozenset(), ALLOWED.facade)) != []


def test_definitions_are_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated, "CLEAN", set())
    check._trees.cache_clear()
    assert check_generated(SMALL, "x.py", ALLOWED) == []
    parsed = check._trees.cache_info().misses
    assert check_generated(SMALL + "\n\nimport os\n", "x.py", ALLOWED) != []
    assert check._trees.cache_info().misses == parsed + 1
