"""DET301: code that is made from text."""

from __future__ import annotations

import ast

from cwc.contract.rules.rule import Rule, Use, banned, defined


def _makes_code(use: Use) -> bool:
    """Called, or kept under another name; not where somebody only asks for the type."""
    return use.call is not None or isinstance(use.look.parent(use.node), ast.Assign | ast.NamedExpr | ast.Return)


RULE = Rule(
    definition=defined("DET301", "eval_exec_compile", "error", "Code is made from text and run"),
    instead="write the code out, or parse the text with `ast.literal_eval`",
    members=banned("types.FunctionType types.CodeType types.LambdaType", when=_makes_code)
    | banned("""
        builtins.eval builtins.exec builtins.compile
        builtins.breakpoint pdb.* bdb.* doctest.* pandas.eval numexpr.* simpleeval.* asteval.*
        builtins.execfile
    """),
)  # fmt: skip
