"""DET503: defaults and iterators that keep what earlier runs did."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.rules.rule import Found, Look, Rule, defined

_MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_MAKERS = frozenset({
    "builtins.list", "builtins.dict", "builtins.set", "builtins.bytearray", "collections.deque",
    "collections.defaultdict",
    "collections.Counter", "collections.OrderedDict",
})  # fmt: skip
_ITERATORS = frozenset({"itertools.count", "itertools.cycle", "builtins.iter", "itertools.repeat", "itertools.chain"})


def _function(node: ast.AST, look: Look) -> Iterator[Found]:
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    for default in (*node.args.defaults, *node.args.kw_defaults):
        if default is None:
            continue
        made = isinstance(default, ast.Call) and look.names(default.func) & (_MAKERS | _ITERATORS)
        if isinstance(default, _MUTABLE) or made:
            yield Found(default, "the default is made once and keeps what calls put into it")


def _assigned(node: ast.AST, look: Look) -> Iterator[Found]:
    """An iterator of the module or a class goes on where the run before stopped."""
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    if value is None or look.scope.kind not in ("module", "class"):
        return
    if isinstance(value, ast.Attribute) and value.attr == "__next__":
        value = value.value
    if isinstance(value, ast.GeneratorExp) or (isinstance(value, ast.Call) and look.names(value.func) & _ITERATORS):
        yield Found(value, "the iterator goes on where the run before stopped")


RULE = Rule(
    definition=defined("DET503", "lasting_default", "warning", "A default or iterator keeps what earlier runs did"),
    instead="make it within the function: `None` as default, and a new one for each call",
    checks={
        ast.FunctionDef: _function, ast.AsyncFunctionDef: _function, ast.Lambda: _function, ast.Assign: _assigned,
        ast.AnnAssign: _assigned,
    },
)  # fmt: skip
