"""Predicates are true, false, or fail, where ChainWeaver's are; and only what always fails is rejected."""

from __future__ import annotations

from typing import Any

import pytest
from chainweaver.contracts import evaluate_predicate
from chainweaver.exceptions import PredicateSyntaxError as ReferenceError
from hypothesis import event, given
from hypothesis import strategies as st

from cwc.emit.code import Code, compose, literal
from cwc.emit.predicates import predicate_code
from cwc.plan.predicates import BadPredicate, Predicate, parse_predicate
from cwc.runtime import predicates as runtime
from cwc.runtime.steps import ABSENT

NAMES = ("a", "b", "missing")
atoms = st.sampled_from(
    ("a", "b", "a", "b", "missing", "0", "1", "-1", "2.5", "'x'", "b'x'", "''", "None", "True", "...", "1j", "[]", "()")
)
wrong = st.sampled_from(("f(a)", "a.b", "a + 1", "a is 1", "~a", "a[1:2]", "f'{a}'", "[x for x in a]", "lambda: 1"))


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    comparison = st.sampled_from(("==", "!=", "<", "<=", ">", ">=", "in", "not in", "in", "is"))
    return st.one_of(
        st.builds("not {}".format, inner),
        st.builds("-{}".format, inner),
        st.builds("({} {} {})".format, inner, comparison, inner),
        st.builds("({} {} {} {} {})".format, inner, comparison, inner, comparison, inner),
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {} or {})".format, inner, inner, inner),
        st.builds("{}[{}]".format, st.sampled_from(("a", "b", "'xy'", "[1, 2]")), inner),
        st.builds("({}, {})".format, inner, inner),
        st.builds("[{}]".format, inner),
        st.builds("{{{}, {}}}".format, inner, inner),
        wrong,
    )


expressions = st.recursive(atoms, _larger, max_leaves=8)
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 3),
    st.sampled_from(("", "x", "xy", b"x", 2.5, (1, 2), [1, 2], [[1]], {"x": 1}, {1: {"x": [0]}}, {1, 2})),
)
contexts = st.fixed_dictionaries({"a": values, "b": values})


def code_of(predicate: Predicate) -> Code:
    keys = {name: compose("key_of(context.get({}, ABSENT), {})", literal(name), literal(name)) for name in NAMES}
    unknown = {name: compose("key_of(ABSENT, {})", literal(name)) for name in predicate.names if name not in keys}
    return predicate_code(predicate, {**keys, **unknown})


def ours(code: Code, predicate: str, context: dict[str, Any]) -> bool | str:
    scope = {**vars(runtime), "ABSENT": ABSENT, "context": context}
    try:
        return bool(eval(code, scope))
    except Exception as error:
        return type(runtime.predicate_error(predicate, error)).__name__


def theirs(predicate: str, context: dict[str, Any]) -> bool | str:
    try:
        return evaluate_predicate(predicate, context)
    except ReferenceError:
        return "PredicateSyntaxError"
    except Exception:
        return "PredicateEvaluationError"


@given(expressions, st.lists(contexts, min_size=1, max_size=4))
def test_predicates_agree(text: str, contexts: list[dict[str, Any]]) -> None:
    predicate = parse_predicate(text)
    if isinstance(predicate, BadPredicate):
        event("rejected")
        for context in contexts:
            assert isinstance(theirs(text, context), str), (text, context, predicate)
        return
    code = code_of(predicate)
    for context in contexts:
        found = ours(code, text, context)
        event(str(found))
        expected = theirs(text, context)
        if isinstance(expected, str) and predicate.unusable:
            assert isinstance(found, str)
        else:
            assert found == expected, (text, code, context)


@given(expressions)
def test_a_surely_read_key_that_is_missing_always_fails(text: str) -> None:
    predicate = parse_predicate(text)
    if isinstance(predicate, Predicate) and "missing" in predicate.surely_read:
        assert isinstance(ours(code_of(predicate), text, {"a": 1, "b": [1]}), str)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", " a", "a b", "(", "(" * 100_000, "not " * 100_000, "not " * 2_400 + "a", "-" * 9_000 + "1",
        "a<" * 4_000 + "a",
        "a[" * 3_000 + "0" + "]" * 3_000, "a" * 100_000, "9" * 9_000, "a\x00", "\ud800", "'\\ud800'", "a\nb", "a;b",
        "#", "\x0c", "\ufeffa", "a == '\\d'", "1 is 1", "a if b else", "yield a", "await a", "(a := 1)", "*a", "a = 1",
        "{**a}", "{a: b}", "0x", "1_000", "\u202ea", "ａ == 1", "__import__('os')", "().__class__", "[" * 60 + "]" * 60,
    ],
    ids=range(38),
)  # fmt: skip
def test_any_text_is_read_or_rejected_as_in_the_reference(text: str) -> None:
    predicate = parse_predicate(text)
    context = {"a": 1, "b": [1]}
    if isinstance(predicate, Predicate):
        assert ours(code_of(predicate), text, context) == theirs(text, context)
    elif len(text) < 1_000 and "[[[" not in text:
        assert isinstance(theirs(text, context), str)
