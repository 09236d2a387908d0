"""Predicates and Python files of any text are read or refused, and nothing is raised."""

from __future__ import annotations

import warnings

from hypothesis import given
from hypothesis import strategies as st

from cwc.contract.finding import Finding
from cwc.contract.generated import Allowed, check_generated
from cwc.plan.predicates import BadPredicate, Predicate, parse_predicate, truth

BITS = (
    "a", "value", "_", "é", "ﬁ", "𝄞", " ", "\n", "\t", "\\", "\0", "\ud800", "#", ";", "(", ")", "[", "]", "{", "}",
    "'", '"', "'''", "b'x'", "f'{a}'", "r'", "==", "!=", "<", ">", "<=", " in ", " not in ", " is ", " and ", " or ",
    "not ", " if ", " else ", "lambda: ", " for a in ", ":=", "=", ".", "..", "...", ".__class__", ",", ":", "*", "**",
    "-", "+", "~", "@", "0", "1", "9" * 4301, "0x", "1e999", "1j", "None", "True", "()", "(a)", "[0]", "await ",
    "yield ", "import a", "def f(): ", "class A: ", "return ", "exec('1')", "(" * 250, "-" * 1000, "a." * 300,
)  # fmt: skip
texts = st.lists(st.sampled_from(BITS), max_size=12).map("".join) | st.text(
    st.characters(codec=None, exclude_categories=()), max_size=40
)


@given(texts)
def test_predicates(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = parse_predicate(text)
    assert isinstance(found, Predicate | BadPredicate)
    if isinstance(found, Predicate):
        assert truth(found) in (True, False, None)


@given(texts)
def test_generated_modules(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = check_generated(text, "a.py", Allowed(frozenset(), frozenset()))
    assert all(isinstance(each, Finding) for each in found)
