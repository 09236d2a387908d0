"""Kinds of nodes: those that rules look at, those that nothing stands in, and the fields of all others."""

from __future__ import annotations

import ast
from collections.abc import Iterator

PLAIN = frozenset({
    ast.Load, ast.Store, ast.Del, ast.Pass, ast.Break, ast.Continue, ast.alias, ast.Constant,
})  # fmt: skip
_SKIPPED = frozenset({"ctx", "op", "ops", "attr", "id", "arg", "kind", "type_comment", "conversion", "is_async"})


def _kinds(base: type[ast.AST]) -> Iterator[type[ast.AST]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


FIELDS = {kind: tuple(name for name in kind._fields if name not in _SKIPPED) for kind in _kinds(ast.AST)}
"""The fields of each kind of node in which others stand."""
SITES = frozenset({
    ast.AugAssign, ast.BinOp, ast.Call, ast.Compare, ast.Delete, ast.DictComp, ast.Expr, ast.For, ast.FormattedValue,
    ast.FunctionDef, ast.GeneratorExp, ast.AsyncFor, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.Assign,
    ast.Starred, ast.Subscript, ast.YieldFrom, ast.AnnAssign, ast.Global, ast.ClassDef, ast.Return, ast.Yield,
})  # fmt: skip
"""Kinds of nodes that rules may ask for, besides names and attributes that are read."""
