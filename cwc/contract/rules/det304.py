"""DET304: the interpreter's own tables and frames."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.closure import facts as f
from cwc.contract.rules.rule import Found, Look, Rule, banned, defined

_INNER = frozenset({
    "__subclasses__", "__globals__", "__builtins__", "f_globals", "f_builtins", "f_locals", "f_back", "tb_frame",
    "gi_frame",
    "cr_frame", "ag_frame", "__code__", "load_module", "exec_module", "find_spec", "__closure__",
})  # fmt: skip
_NAMES = frozenset({"__builtins__", "__loader__"})


def _attributes(node: ast.AST, look: Look) -> Iterator[Found]:
    assert isinstance(node, ast.Attribute)
    if node.attr in _INNER:
        yield Found(node, f"`{node.attr}` reaches the inside of the interpreter")
    if node.attr == "loader" and isinstance(node.value, ast.Name) and node.value.id == "__spec__":
        yield Found(node, "`__spec__.loader` reaches the inside of the interpreter")


def _names(node: ast.AST, look: Look) -> Iterator[Found]:
    for (_, name), nodes in look.view.loads.items():
        if name in _NAMES and not look.view.scope.names.get(name):
            for each in nodes:
                if name != "__spec__" or not _is_a_name(look.parent(each)):
                    yield Found(each, f"`{name}` reaches the inside of the interpreter")


def _is_a_name(parent: ast.AST | None) -> bool:
    """Of a module's own spec, its name and that of its package are constants."""
    return isinstance(parent, ast.Compare) or (isinstance(parent, ast.Attribute) and parent.attr in ("name", "parent"))


def _calls(node: ast.AST, look: Look) -> Iterator[Found]:
    """``getattr(x, "__globals__")``, ``globals()[name]`` and ``globals()["__builtins__"]``."""
    assert isinstance(node, ast.Call)
    callees = look.names(node.func)
    if "builtins.getattr" in callees and len(node.args) > 1:
        for name in look.constants(node.args[1])[0]:
            if name in _INNER:
                yield Found(node, f"`{name}` reaches the inside of the interpreter")
    if callees & {"builtins.globals", "builtins.locals"} or ("builtins.vars" in callees and not node.args):
        parent = look.parent(node)
        key = _key(node, parent, look)
        if key is not None and not (isinstance(parent, ast.Subscript) and not isinstance(parent.ctx, ast.Load)):
            known, unclear = look.constants(key)
            if unclear or set(known) & _NAMES:
                yield Found(node, "a global is read whose name is known only at run time, or the builtins")


def _key(node: ast.Call, parent: ast.AST | None, look: Look) -> ast.expr | None:
    if isinstance(parent, ast.Subscript) and parent.value is node:
        return parent.slice
    if isinstance(parent, ast.Attribute) and parent.attr in ("get", "__getitem__", "pop"):
        call = look.call_of(parent)
        return call.args[0] if call is not None and call.args else None
    return None


def _subscripts(node: ast.AST, look: Look) -> Iterator[Found]:
    assert isinstance(node, ast.Subscript)
    if isinstance(node.value, ast.Name) and any(
        isinstance(fact, f.Namespace) and isinstance(fact.owner, f.Inside) for fact in look.facts(node.value)
    ):
        known, unclear = look.constants(node.slice)
        if isinstance(node.ctx, ast.Load) and (unclear or set(known) & _NAMES):
            yield Found(node, "a global is read whose name is known only at run time, or the builtins")


RULE = Rule(
    definition=defined("DET304", "builtins_or_sys_modules", "error", "The interpreter's own tables are reached"),
    instead="import what you need by name; pass what you need as arguments",
    members=banned("""
        sys.modules sys._getframe sys._getframemodulename sys._current_frames sys._current_exceptions sys.settrace
        sys.setprofile sys.addaudithook sys.setrecursionlimit sys.setswitchinterval sys.set_asyncgen_hooks
        sys.monitoring.* inspect.currentframe inspect.stack inspect.trace
        inspect.getouterframes inspect.getinnerframes inspect.getclosurevars inspect.getmodule gc.get_objects
        gc.get_referrers
        gc.get_referents builtins.__builtins__ builtins.__loader__
    """),
    heeds={
        ast.Attribute: _INNER | {"loader"},
        ast.Call: frozenset({"builtins.getattr", "builtins.globals", "builtins.locals", "builtins.vars"}),
    },
    checks={ast.Attribute: _attributes, ast.Module: _names, ast.Call: _calls, ast.Subscript: _subscripts},
)  # fmt: skip
