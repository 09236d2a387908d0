"""The closed grammar of generated modules: all that the templates can write. To let them write more, add it here.

What else may have to grow stands in `cwc.contract.grammar.roles`: which names there are, and who may use them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import libcst as cst

from cwc.contract.grammar.imports import import_from
from cwc.contract.grammar.inspection import Inspection
from cwc.contract.grammar.production import Parts, Production, Symbol, production, symbol
from cwc.contract.grammar.roles import Kind
from cwc.contract.grammar.rules import (
    annotates,
    attribute,
    awaited,
    begins,
    binds,
    calls,
    calls_literal,
    calls_only,
    caught,
    compares,
    is_named,
    keyword,
    plain,
    read,
    scalar,
    singleton,
)
from cwc.contract.grammar.statements import (
    assignment,
    at_most_done,
    constant,
    coroutine,
    function,
    handler,
    required,
    single,
)


def _name(rule: Callable[[Inspection, cst.Name], None]) -> Production:
    return production(cst.Name, rule, seen=("value",))


def _call(rule: Callable[[Inspection, cst.Call], Parts | None], arguments: Symbol) -> Production:
    return production(cst.Call, rule, seen=("func",), args=arguments)


_TEXT = production(cst.SimpleString, plain, seen=("value",))
_NUMBERS = (production(cst.Integer, seen=("value",)), production(cst.Float, seen=("value",)))
_SCALARS = (_TEXT, *_NUMBERS)
_READ = _name(read)
_MEMBER = production(cst.Attribute, attribute, seen=("value", "attr"))
_CALL = _call(calls("argument"), "argument")
_AWAIT = production(cst.Await, awaited, expression="call")
_IF = production(cst.If, test="expression", body="block", orelse="else block")


def _displays(element: Symbol, entry: Symbol) -> tuple[Production, ...]:
    sequences = tuple(production(node, elements=element) for node in (cst.Tuple, cst.List, cst.Set))
    return (*sequences, production(cst.Dict, elements=entry))


def _targets(own: Symbol, kind: Kind) -> dict[type[cst.CSTNode], Production]:
    """What is assigned to: a name, or a tuple of names."""
    return symbol(
        production(cst.AssignTarget, target=own),
        production(cst.Tuple, elements=own),
        production(cst.Element, value=own),
        _name(binds(kind)),
    )


_MODULE: dict[Symbol, Mapping[type[cst.CSTNode], Production]] = {
    "definition": symbol(
        production(cst.SimpleStatementLine, single("body"), body="definition line"),
        production(
            cst.FunctionDef, function, seen=("name", "asynchronous"),
            params="parameters", returns="annotation", body="block",
        ),
        production(cst.If, test="type checking", body="typing block"),
    ),
    "definition line": symbol(
        production(cst.ImportFrom, import_from, seen=("module", "names", "relative")),
        production(cst.Expr, value="handshake"),
        production(cst.Assign, constant, value="constant", targets="new constant"),
        production(cst.AnnAssign, constant, annotation="annotation", value="constant", target="new constant"),
    ),
    "handshake": symbol(_TEXT, _call(calls_only("expect_format"), "literal argument")),
    "new constant": _targets("new constant", Kind.CONSTANT),
    "tool part": _targets("tool part", Kind.BOUND),
    "contract check": _targets("contract check", Kind.CONTRACT),
    "new decision": _targets("new decision", Kind.DECISION),
    "constant": symbol(
        *_SCALARS, _READ, _MEMBER,
        *_displays("constant element", "constant entry"),
        production(cst.UnaryOperation, operator="sign", expression="number"),
        _call(calls("constant argument"), "constant argument"),
    ),
    "constant element": symbol(production(cst.Element, value="constant")),
    "constant entry": symbol(production(cst.DictElement, key="constant", value="constant")),
    "constant argument": symbol(production(cst.Arg, keyword="keyword", value="constant")),
}  # fmt: skip

_TYPES: dict[Symbol, Mapping[type[cst.CSTNode], Production]] = {
    "type checking": symbol(_name(is_named("TYPE_CHECKING"))),
    "typing block": symbol(production(cst.IndentedBlock, body="typing statement")),
    "typing statement": symbol(production(cst.SimpleStatementLine, single("body"), body="typing line")),
    "typing line": symbol(production(cst.Assign, single("targets"), value="typed dict", targets="new type")),
    "new type": _targets("new type", Kind.TYPE),
    "typed dict": symbol(_call(calls_only("TypedDict"), "typed dict argument")),
    "typed dict argument": symbol(production(cst.Arg, value="typed dict part")),
    "typed dict part": symbol(_TEXT, production(cst.Dict, elements="typed field")),
    "typed field": symbol(production(cst.DictElement, key="text", value="type")),
    "annotation": symbol(production(cst.Annotation, annotation="type")),
    "type": symbol(
        _TEXT,
        _name(annotates),
        production(cst.Subscript, value="type", slice="type argument"),
        production(cst.BinaryOperation, left="type", operator="either", right="type"),
    ),
    "either": symbol(production(cst.BitOr)),
    "type argument": symbol(production(cst.SubscriptElement, slice="type index")),
    "type index": symbol(production(cst.Index, value="type")),
}

_STATEMENTS: dict[Symbol, Mapping[type[cst.CSTNode], Production]] = {
    "parameters": symbol(production(cst.Parameters, params="parameter")),
    "parameter": symbol(production(cst.Param, annotation="annotation", name="new parameter")),
    "new parameter": symbol(_name(binds(Kind.PARAMETER))),
    "block": symbol(production(cst.IndentedBlock, body="statement")),
    "statement": symbol(
        production(cst.SimpleStatementLine, single("body"), body="line"),
        _IF,
        production(cst.For, iter="rounds", target="new local", body="block"),
        production(cst.Try, single("handlers"), body="block", handlers="handler", orelse="else block"),
        production(
            cst.FunctionDef,
            coroutine,
            seen=("name", "asynchronous"),
            params="no parameters",
            returns="annotation",
            body="block",
        ),
    ),
    "no parameters": symbol(production(cst.Parameters, at_most_done, params="coroutine parameter")),
    "coroutine parameter": symbol(production(cst.Param, annotation="annotation", name="new local")),
    "line": symbol(
        production(cst.Expr, value="effect"),
        production(cst.Assign, assignment, value="expression", targets="new local"),
        production(cst.Return, required("value"), value="expression"),
        production(cst.Raise, required("exc"), exc="call", cause="cause"),
        production(cst.Break),
    ),
    "effect": symbol(_CALL, _AWAIT, _TEXT),
    "new local": {
        **_targets("new local", Kind.LOCAL),
        **symbol(production(cst.Subscript, single("slice"), value="final context", slice="index")),
    },
    "final context": symbol(_name(is_named("final"))),
    "new step": _targets("new step", Kind.STEP),
    "else block": symbol(production(cst.Else, body="block"), _IF),
    "rounds": symbol(_call(calls_only("range"), "literal argument")),
    "handler": symbol(production(cst.ExceptHandler, handler, type="caught class", name="handler name", body="block")),
    "nothing": symbol(production(cst.IndentedBlock, body="nothing statement")),
    "nothing statement": symbol(production(cst.SimpleStatementLine, single("body"), body="nothing line")),
    "nothing line": symbol(production(cst.Pass)),
    "caught class": symbol(_name(caught)),
    "handler name": symbol(production(cst.AsName, name="new local")),
    "cause": symbol(production(cst.From, item="base")),
}

_EXPRESSIONS: dict[Symbol, Mapping[type[cst.CSTNode], Production]] = {
    "expression": symbol(
        *_SCALARS, _READ, _MEMBER, _CALL, _AWAIT,
        *_displays("element", "entry"),
        production(cst.Subscript, single("slice"), value="base", slice="index"),
        production(cst.IfExp, test="expression", body="expression", orelse="expression"),
        production(cst.Comparison, compares, left="expression", comparisons="comparison"),
        production(cst.BooleanOperation, left="expression", operator="conjunction", right="expression"),
        production(cst.UnaryOperation, operator="prefix", expression="expression"),
    ),
    "element": symbol(production(cst.Element, value="expression")),
    "entry": symbol(
        production(cst.DictElement, key="literal", value="expression"), production(cst.StarredDictElement, value="base")
    ),
    "argument": symbol(production(cst.Arg, keyword="keyword", value="expression")),
    "keyword": symbol(_name(keyword)),
    "call": symbol(_call(calls("argument", is_awaited=True), "argument")),
    "begun argument": symbol(production(cst.Arg, value="begun")),
    "begun": symbol(_call(begins, "argument")),
    "base": symbol(_READ),
    "index": symbol(production(cst.SubscriptElement, slice="index key")),
    "index key": symbol(production(cst.Index, value="text")),
    "text": symbol(_TEXT),
    "class of": symbol(_call(calls_only("type"), "class argument")),
    "class argument": symbol(production(cst.Arg, value="base")),
    "same class": symbol(production(cst.ComparisonTarget, operator="same", comparator="scalar")),
    "same": symbol(production(cst.Is)),
    "scalar": symbol(_name(scalar)),
    "comparison": symbol(production(cst.ComparisonTarget, operator="comparator", comparator="expression")),
    "comparator": symbol(
        production(cst.In), production(cst.NotIn), production(cst.Is), production(cst.IsNot), production(cst.Equal),
        production(cst.NotEqual, seen=("value",)), production(cst.LessThan), production(cst.LessThanEqual),
        production(cst.GreaterThan), production(cst.GreaterThanEqual),
    ),
    "conjunction": symbol(production(cst.And), production(cst.Or)),
    "prefix": symbol(production(cst.Not), production(cst.Minus), production(cst.Plus)),
}  # fmt: skip

_LITERALS: dict[Symbol, Mapping[type[cst.CSTNode], Production]] = {
    "literal": symbol(
        *_SCALARS,
        *_displays("literal element", "literal entry"),
        _name(singleton),
        production(cst.UnaryOperation, operator="sign", expression="number"),
        _call(calls_literal, "literal argument"),
    ),
    "literal element": symbol(production(cst.Element, value="literal")),
    "literal entry": symbol(production(cst.DictElement, key="literal", value="literal")),
    "literal argument": symbol(production(cst.Arg, keyword="keyword", value="literal")),
    "sign": symbol(production(cst.Minus)),
    "number": symbol(*_NUMBERS),
}

GRAMMAR: Mapping[Symbol, Mapping[type[cst.CSTNode], Production]] = {
    **_MODULE, **_TYPES, **_STATEMENTS, **_EXPRESSIONS, **_LITERALS,
}  # fmt: skip
