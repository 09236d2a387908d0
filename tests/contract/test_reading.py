"""Text that the grammar is not even asked about: no Python, another text than it seems, or too deep."""

from __future__ import annotations

import ast
import time

import pytest

from cwc.contract import Finding, check_generated
from tests.contract.samples import ALLOWED, SMALL, replaced


def only(text: str) -> Finding:
    (finding,) = check_generated(text, "x.py", ALLOWED)
    return finding


@pytest.mark.parametrize(
    "text", ["x = (", "def", "x = 1\n  y = 2\n", "x = '", "(" * 3000, "0777", "x = 1 1", "return = 1"]
)
def test_text_that_is_no_python_is_a_finding(text: str) -> None:
    assert only(text).code == "DET905"


def test_a_syntax_error_says_where() -> None:
    finding = only("x = 1\ny = = 2\n")
    assert (finding.line, finding.column) == (2, 5)


@pytest.mark.parametrize(
    "character", ["\x00", "\t", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u202e", "\u200b", "\ufeff", "\ud800"]
)
def test_characters_that_repr_escapes_are_found(character: str) -> None:
    finding = only(replaced("# step 0 ", f"# step{character}0 "))
    assert finding.code == "DET905"
    assert f"U+{ord(character):04X}" in finding.message
    assert (finding.line, finding.column) == (SMALL[: SMALL.index("# step 0 ")].count("\n") + 1, 7)


def test_a_line_break_in_a_comment_hides_no_code() -> None:
    assert check_generated(replaced("# flow: 'größe'", "# flow: '\rimport os\r'"), "x.py", ALLOWED)


@pytest.mark.parametrize(
    "comment", ["# flow: 'coding: utf-7' '0.1.0'", "# -*- coding: latin-1 -*-", "# vim: set fileencoding=utf-7 :"]
)
def test_a_comment_that_changes_the_encoding_is_found(comment: str) -> None:
    """A file whose second line is such a comment is another text to Python than the text that was checked."""
    lines = SMALL.split("\n")
    finding = only("\n".join([lines[0], comment, *lines[2:]]))
    assert (finding.code, finding.line) == ("DET905", 2)
    assert only("\n".join([comment, *lines[1:]])).line == 1


def test_such_a_comment_says_nothing_further_down() -> None:
    lines = SMALL.split("\n")
    assert check_generated("\n".join([*lines[:2], "# coding: utf-7", *lines[2:]]), "x.py", ALLOWED) == []


@pytest.mark.parametrize(("start", "end"), [("[", "]"), ("{'a': ", "}"), ("(", ",)"), ("[{'a': ", "}]")])
def test_literals_are_clean_as_deep_as_flows_may_have_them(start: str, end: str) -> None:
    levels = 64 // start.count("'") if "[{" in start else 64
    deep = start * levels + "1" + end * levels
    text = SMALL.replace("[1, -2.5,", f"[{deep}, 1, -2.5,").replace("Constant([-1,", f"Constant([{deep}, -1,")
    assert text.count(deep) == 2
    assert check_generated(text, "x.py", ALLOWED) == []


def test_findings_deep_inside_have_their_place() -> None:
    line = f"WRITTEN = frozenset({'[' * 64}eval{']' * 64})"
    assert (only(line).code, only(line).line, only(line).column) == ("DET702", 1, 20 + 64 + 1)


TOO_DEEP = {
    "brackets": f"x = {'[' * 150}{']' * 150}\n",
    "not": f"x = {'not ' * 2500}1\n",
    "signs": f"x = {'-' * 2500}1\n",
    "attributes": f"x = a{'.b' * 2500}\n",
    "sums": f"x = 1{' + 1' * 2500}\n",
    "conjunctions": f"x = 1{' and 1' * 20_000}\n",
    "conditions": f"x = {'1 if a else ' * 2500}1\n",
    "elif": "if a:\n    x = 1\n" + "elif a:\n    x = 1\n" * 500,
    "lambda": f"x = {'lambda: ' * 2500}1\n",
}


@pytest.mark.parametrize("what", TOO_DEEP)
def test_what_would_overflow_a_stack_is_a_finding_and_soon(what: str) -> None:
    started = time.monotonic()
    assert only(TOO_DEEP[what]).code == "DET905"
    assert time.monotonic() - started < 5


def test_long_is_not_deep() -> None:
    keys = ", ".join(f"'key_{number}': {number}" for number in range(3000))
    text = replaced("{1: set()}", f"{{{keys}}}")
    ast.parse(text)
    assert check_generated(text, "x.py", ALLOWED) == []
