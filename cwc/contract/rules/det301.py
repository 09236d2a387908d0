"""DET301: code that is made from text."""

from __future__ import annotations

from cwc.contract.rules.rule import Rule, banned, defined

RULE = Rule(
    definition=defined("DET301", "eval_exec_compile", "error", "Code is made from text and run"),
    instead="write the code out, or parse the text with `ast.literal_eval`",
    members=banned("types.FunctionType types.CodeType types.LambdaType", when=lambda use: use.call is not None)
    | banned("""
        builtins.eval builtins.exec builtins.compile
        builtins.breakpoint pdb.* bdb.* doctest.* pandas.eval numexpr.* simpleeval.* asteval.*
        builtins.execfile
    """),
)  # fmt: skip
