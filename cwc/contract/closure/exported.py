"""What a module says that it exports."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from cwc.contract.closure.scopes import View


def note_all(view: View, target: ast.expr, value: ast.expr, *, dead: bool) -> None:
    """Read ``__all__`` where it is written out; otherwise nobody knows what a star import brings."""
    if not isinstance(target, ast.Name) or target.id != "__all__" or dead:
        return
    names = _written_names(value)
    view.exported = (
        None if names is None or (view.has_all and view.exported is None) else [*(view.exported or ()), *names]
    )
    view.has_all = True


def _written_names(value: ast.expr) -> Sequence[str] | None:
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        left, right = _written_names(value.left), _written_names(value.right)
        return None if left is None or right is None else [*left, *right]
    if not isinstance(value, ast.List | ast.Tuple):
        return None
    names = [each.value for each in value.elts if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return names if len(names) == len(value.elts) else None
