"""DET302: imports by call of a module that is known only at run time."""

from __future__ import annotations

import ast

from cwc.contract.closure.dynamic import named
from cwc.contract.rules.rule import Rule, Use, banned, defined


def _unknown_name(use: Use) -> bool:
    """A call whose names are all known is an import like any other; an alias is judged where it is called."""
    if use.call is not None:
        return named(use.look.evaluator, use.call, use.look.scope)[1]
    parent = use.look.parent(use.node)
    if isinstance(parent, ast.Assign | ast.AnnAssign | ast.NamedExpr | ast.Compare):
        return False
    return not (isinstance(parent, ast.Call) and "functools.partial" in use.look.names(parent.func))


RULE = Rule(
    definition=defined("DET302", "dynamic_import", "error", "A module is imported by a name that nobody knows before"),
    instead="import it by name, or choose from a dict of modules that are imported by name",
    members={
        **banned("builtins.__import__ importlib.import_module", when=_unknown_name),
        **banned("""
            importlib.util.* importlib.machinery.* importlib.reload importlib.find_loader importlib.invalidate_caches
            sys.path_hooks sys.meta_path builtins.__loader__
        """),
    },
)  # fmt: skip
