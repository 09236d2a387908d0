"""The grammar from inside: it is whole, it closes every field that it does not mention, and no node escapes it."""

from __future__ import annotations

import ast
import builtins
import dataclasses
import random
import re
from typing import get_args

import libcst as cst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwc.contract import Allowed, check_generated
from cwc.contract.grammar.production import Production, Symbol, is_punctuation
from cwc.contract.grammar.roles import ANNOTATIONS, DEFINING, LITERAL, TYPES, TYPING
from cwc.contract.grammar.table import GRAMMAR
from cwc.contract.grammar.walk import violations
from cwc.driver.memory import compile_in_memory
from tests.contract.samples import ALLOWED, FACADE, SMALL
from tests.differential.reference import schemas_of, tools_of
from tests.strategies import FlowCase, linear_flows

PRODUCTIONS = [(symbol, each) for symbol, productions in GRAMMAR.items() for each in productions.values()]
LAYOUT = {
    "AssignEqual", "BaseParenthesizableWhitespace", "Comma", "Dot", "EmptyLine", "LeftCurlyBrace", "LeftParen",
    "LeftSquareBracket", "MaybeSentinel", "NoneType", "Optional", "RightCurlyBrace", "RightParen", "RightSquareBracket",
    "Semicolon", "Sequence", "SimpleWhitespace", "TrailingWhitespace", "Union", "str",
}  # fmt: skip
"""Types of fields that hold no code; ``str`` is the indentation of a block."""


def test_every_symbol_has_productions() -> None:
    assert set(GRAMMAR) == set(get_args(Symbol))


def test_every_symbol_is_reached() -> None:
    # Targets and arguments are chosen by rules, which may name symbols that no production does.
    named = {symbol for _, production in PRODUCTIONS for symbol in production.parts.values()}
    assert set(GRAMMAR) - named <= {
        "definition",
        "tool part",
        "contract check",
        "new step",
        "begun argument",
        "class of",
        "nothing",
        "same class",
    }


@pytest.mark.parametrize(("symbol", "production"), PRODUCTIONS, ids=lambda value: getattr(value, "node", value))
def test_productions_name_fields_that_there_are(symbol: Symbol, production: Production) -> None:
    assert set(production.parts) <= {field.name for field in dataclasses.fields(production.node)}


def test_fields_that_are_passed_over_hold_no_code() -> None:
    for node in {production.node for _, production in PRODUCTIONS}:
        for field in dataclasses.fields(node):
            if is_punctuation(field.name):
                types = {name.rpartition(".")[2] for name in re.findall(r"[\w.]+", str(field.type))}
                assert types <= LAYOUT | {"class"}, f"{node.__name__}.{field.name}: {field.type}"


def test_the_facade_has_what_the_grammar_names() -> None:
    assert FACADE >= DEFINING | LITERAL | TYPES
    assert FACADE | TYPING | {"Output"} | set(dir(builtins)) >= ANNOTATIONS


def test_lazy_imports_are_late_where_libcst_knows_them() -> None:
    if not hasattr(cst, "LazyImport"):
        pytest.skip("this libcst is older than PEP 810")
    module = cst.parse_module("lazy import os\nlazy from tools import double as tool_double\n")
    found = violations(module.body, ALLOWED.imports, ALLOWED.facade)
    assert [violation.definition.code for violation in found] == ["DET108", "DET108"]


LINES = SMALL.split("\n")
NODES = list(ast.walk(ast.parse(SMALL)))
EXPRESSIONS = [node for node in NODES if isinstance(node, ast.expr)]
STATEMENTS = [node for node in NODES if isinstance(node, ast.stmt)]
FORBIDDEN = ("eval('1')", "(lambda: 1)", "__import__('os')", "initial.__class__", "[x for x in (1,)]", "f'{1}'")


def spliced(node: ast.expr | ast.stmt, text: str) -> str:
    """The small module with one node replaced."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    first, last = LINES[node.lineno - 1].encode(), LINES[node.end_lineno - 1].encode()
    joined = f"{first[: node.col_offset].decode()}{text}{last[node.end_col_offset :].decode()}"
    return "\n".join([*LINES[: node.lineno - 1], joined, *LINES[node.end_lineno :]])


@settings(max_examples=80)
@given(st.sampled_from(EXPRESSIONS), st.sampled_from(FORBIDDEN))
def test_no_expression_can_be_replaced(node: ast.expr, text: str) -> None:
    assert check_generated(spliced(node, text), "x.py", ALLOWED)


@settings(max_examples=50)
@given(st.sampled_from(STATEMENTS), st.sampled_from(("import os", "exec('1')", "while True: exec('1')", "del initial")))
def test_no_statement_can_be_replaced(node: ast.stmt, text: str) -> None:
    assert check_generated(spliced(node, text), "x.py", ALLOWED)


@settings(max_examples=60)
@given(st.data())
def test_nothing_raises(data: st.DataObject) -> None:
    """Pieces of a module in any order are findings or fine, never an exception."""
    words = SMALL.replace("\n", " \n ").split(" ")
    start = data.draw(st.integers(0, len(words) - 1))
    piece = words[start : start + data.draw(st.integers(1, 60))]
    order = random.Random(data.draw(st.integers(0, 99)))
    if data.draw(st.booleans()):
        order.shuffle(piece)
    for finding in check_generated(" ".join(piece), "x.py", Allowed(frozenset(), FACADE)):
        assert finding.line >= 1
        assert finding.column >= 1
        assert str(finding)


@settings(max_examples=40)
@given(linear_flows())
def test_whatever_the_emitter_writes_is_clean(case: FlowCase) -> None:
    with schemas_of(case) as flow:
        compiled = compile_in_memory(flow, tools_of(case))
    for each in compiled.flows:
        if each.artifact is not None:
            assert check_generated(each.artifact.text, each.file, Allowed(each.artifact.imports, FACADE)) == []
