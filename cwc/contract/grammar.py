"""The closed grammar of generated modules: the nodes that templates produce, and the fields of each that they use.

A field that is not listed must be empty, so that a construct which is new to Python or to libcst is refused until a
template needs it. To let templates produce something more, add it here, and a case to the contract's tests.
"""

from __future__ import annotations

import libcst as cst

EXPRESSIONS: dict[type[cst.CSTNode], tuple[str, ...]] = {
    cst.Name: ("value",),
    cst.Attribute: ("value", "attr"),
    cst.Call: ("func", "args"),
    cst.Arg: ("value", "keyword"),
    cst.Subscript: ("value", "slice"),
    cst.SubscriptElement: ("slice",),
    cst.Index: ("value",),
    cst.Dict: ("elements",),
    cst.DictElement: ("key", "value"),
    cst.StarredDictElement: ("value",),
    cst.List: ("elements",),
    cst.Tuple: ("elements",),
    cst.Set: ("elements",),
    cst.Element: ("value",),
    cst.SimpleString: ("value",),
    cst.Integer: ("value",),
    cst.Float: ("value",),
    cst.UnaryOperation: ("operator", "expression"),
    cst.Minus: (),
    cst.Not: (),
    cst.BooleanOperation: ("left", "operator", "right"),
    cst.And: (),
    cst.Comparison: ("left", "comparisons"),
    cst.ComparisonTarget: ("operator", "comparator"),
    cst.In: (),
    cst.Is: (),
    cst.IsNot: (),
    cst.IfExp: ("test", "body", "orelse"),
    cst.Await: ("expression",),
}

STATEMENTS: dict[type[cst.CSTNode], tuple[str, ...]] = {
    cst.SimpleStatementLine: ("body",),
    cst.IndentedBlock: ("body",),
    cst.Assign: ("targets", "value"),
    cst.AssignTarget: ("target",),
    cst.Expr: ("value",),
    cst.Return: ("value",),
    cst.Raise: ("exc", "cause"),
    cst.From: ("item",),
    cst.Break: (),
    cst.If: ("test", "body", "orelse"),
    cst.Else: ("body",),
    cst.For: ("target", "iter", "body"),
    cst.Try: ("body", "handlers", "orelse"),
    cst.ExceptHandler: ("body", "type", "name"),
    cst.AsName: ("name",),
}
"""What may stand in a function."""

MODULE: dict[type[cst.CSTNode], tuple[str, ...]] = {
    cst.Module: ("body",),
    cst.ImportFrom: ("module", "names"),
    cst.ImportAlias: ("name", "asname"),
    cst.AnnAssign: ("target", "annotation", "value"),
    cst.Annotation: ("annotation",),
    cst.FunctionDef: ("name", "params", "body", "returns", "asynchronous"),
    cst.Asynchronous: (),
    cst.Parameters: ("params",),
    cst.Param: ("name", "annotation"),
}
"""What may stand at the top of a module, beside statements."""

GRAMMAR = {**EXPRESSIONS, **STATEMENTS, **MODULE}

TRIVIA = frozenset(
    {
        "colon", "comma", "default_indent", "default_newline", "dot", "encoding", "equal", "footer", "header", "indent",
        "has_trailing_newline", "lbrace", "lbracket", "leading_lines", "leading_whitespace", "lines_after_decorators",
        "lpar", "rbrace", "rbracket", "rpar", "semicolon", "trailing_whitespace",
    }
)  # fmt: skip
"""Fields that say how code is laid out, beside all whose names begin with ``whitespace``."""

NOT_READ = frozenset(
    {
        (cst.Attribute, "attr"), (cst.Arg, "keyword"), (cst.ImportAlias, "name"), (cst.ImportAlias, "asname"),
        (cst.ImportFrom, "module"), (cst.Param, "name"), (cst.FunctionDef, "name"), (cst.AssignTarget, "target"),
        (cst.AsName, "name"), (cst.For, "target"), (cst.AnnAssign, "target"),
    }
)  # fmt: skip
"""Fields in which a name is not read."""

BUILTINS = frozenset(
    {
        "Exception", "False", "None", "True", "bool", "bytes", "dict", "float", "frozenset", "int", "range", "set",
        "str", "tuple",
    }
)  # fmt: skip
CALLABLE_BUILTINS = frozenset({"float", "frozenset", "range", "set"})
TYPING = frozenset({"Any", "TYPE_CHECKING", "TypedDict"})
RUNTIME = "cwc.runtime.generated"
METHODS = frozenset({"get", "isdisjoint"})
"""Methods of dicts and sets that bodies call."""

ATTRIBUTES = frozenset({"over", "wait", "run", "run_async"})
"""Attributes that are read of locals and of FLOW."""


def is_trivia(field: str) -> bool:
    return field in TRIVIA or field.startswith("whitespace")
