"""The shape of a module stands for it: the same tokens, and nothing is clean by its shape that is not by its text."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings

import libcst as cst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwc.contract import check_generated, generated
from cwc.contract.grammar import check
from cwc.contract.grammar.check import findings, is_clean
from cwc.contract.reading import unseen
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


QUOTES = ("'", '"', "'''", '"""', "b'", 'b"')
INSIDE = st.lists(
    st.sampled_from(
        ("a", "é", "٣", " ", "#", "'", '"', "\n", "\\", "\\\\", "\\'", "\\n", "\\8", "\\x41", "\\x4", "\\u00e9",
         "\\u12", "\\U0001f600", "\\U00110000", "\\N{DIGIT ONE}", "\\N{x}"),
    ),
    max_size=3,
).map("".join)  # fmt: skip
RAW = st.tuples(st.sampled_from(QUOTES), INSIDE).map(lambda pair: f"{pair[0]}{pair[1]}{pair[0].lstrip('b')}")
NUMBERS = st.one_of(st.integers(0, 10**30).map(str), st.sampled_from(("00", "007", "٣", "1_0", "9" * 5000, "0.5")))
OTHERS = {tokenize.STRING: RAW, tokenize.NUMBER: NUMBERS, tokenize.COMMENT: INSIDE.map("#{}".format)}
BASES = (
    "x = 'a'\n", "x = b'a'\n", "x = 1\n", "x = 'a''b'\n", "x = f('a', 'b' \"c\", [1, 20], '')  # b\n",
    "# a\ndef g(x=3):\n    'doc'\n    # c\n    return 'e' + x\n", SMALL,
)  # fmt: skip


@st.composite
def with_other_values(draw: st.DrawFn) -> tuple[str, str]:
    """A text, and the same with something else in the place of some strings, numbers and comments."""
    text = draw(st.sampled_from(BASES))
    lines = text.splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines))]
    found = [token for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type in OTHERS]
    other = text
    chosen = draw(st.lists(st.sampled_from(found), min_size=1, max_size=3, unique=True))
    for token in sorted(chosen, key=lambda token: token.start, reverse=True):
        begin, end = (starts[line - 1] + column for line, column in (token.start, token.end))
        other = other[:begin] + draw(OTHERS[token.type]) + other[end:]
    return text, other


def structure(text: str) -> str:
    """The tree of a text without what its constants are."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes | int):
            node.value = type(node.value)()
    return ast.dump(tree)


@given(with_other_values())
@settings(max_examples=500)
def test_texts_of_one_shape_are_python_or_none_is(texts: tuple[str, str]) -> None:
    text, other = texts
    shape = shape_of(other)
    if shape is not None and shape == shape_of(text) and unseen(other, "x.py") is None:
        assert is_python(other)
        assert structure(other) == structure(text)


@pytest.mark.parametrize("value", ["'\\x00\\n\\u20ac\\U0001f600'", "b'\\xff\\\\'", "12345", '"it\'s"'])
def test_what_literals_are_spelt_as_has_the_shape_of_others(value: str) -> None:
    plain = {"b": "b''", "'": "''", '"': "''"}.get(value[0], "0")
    assert shape_of(f"x = [{value}]") == shape_of(f"x = [{plain}]") is not None


def test_strings_side_by_side_stay_apart() -> None:
    assert shape_of("x = 'a' 'b' \"\"\n") == "x = ''  ''  ''"
    assert shape_of("x = 'a''b'") is None


@pytest.mark.parametrize(
    "text",
    [
        "x = r'\\'", "x = f'{1}'", "x = '''", "x = 1 + \\\n2", "x = u'a'", "x = B'a'", "x = '\\N{DIGIT ONE}'",
        "x = '\\x1'", "x = '\\u12'", "x = '\\U00110000'", "x = b'\\x4'", "x = b'\\u1234'", "x = b'\u00e9'",
        "x = '\\8'", 'x = """"a"',
    ],
)  # fmt: skip
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
