"""DET303: reaching into modules and classes by names that are known only at run time."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.closure import facts as f
from cwc.contract.closure.outside import STANDARD, TELLING, is_class
from cwc.contract.rules.rule import Found, Look, Rule, defined

_GETS = frozenset({"builtins.getattr", "inspect.getattr_static", "object.__getattribute__", "type.__getattribute__"})
_LISTS = frozenset({"inspect.getmembers", "inspect.getmembers_static"})
_HARMLESS = frozenset({
    "builtins.isinstance", "builtins.hasattr", "builtins.getattr", "builtins.vars", "builtins.dir", "builtins.type",
    "builtins.id",
    "builtins.repr", "builtins.str", "builtins.print", "builtins.setattr", "builtins.delattr", "builtins.issubclass",
    "importlib.reload", "operator.attrgetter", "functools.partial", "inspect.getmembers", "inspect.getattr_static",
    "functools.reduce", "builtins.bool", "typing.cast", "inspect.getsource", "inspect.getdoc", "inspect.getfile",
    "inspect.ismodule", "builtins.map", "builtins.filter", "builtins.zip", "builtins.enumerate", "builtins.list",
    "builtins.tuple", "builtins.iter", "builtins.next", "contextlib.nullcontext", "types.SimpleNamespace",
    "builtins.dict",
    "importlib.resources.files", "typing.get_type_hints", "copy.copy",
})  # fmt: skip
"""Callees to which a module may be passed: harmless ones, and those whose outcome is followed."""


def _calls(node: ast.AST, look: Look) -> Iterator[Found]:
    assert isinstance(node, ast.Call)
    callees = look.names(node.func)
    if callees & _GETS and len(node.args) >= 2:
        yield from _unclear(node, node.args[0], node.args[1], look)
    elif callees & _LISTS and node.args and (owner := _owner(node.args[0], look)):
        yield Found(node, f"every member of {owner} is read")
    elif "builtins.vars" in callees and node.args and (owner := _owner(node.args[0], look)):
        yield from _whole(node, owner, look)
    if f.HIDDEN & look.facts(node.func) and node.args and (owner := _owner(node.args[0], look)):
        yield Found(node, f"an attribute of {owner} is read whose name is known only at run time")
    yield from _escapes(node, callees, look)


def _unclear(node: ast.Call, owner: ast.expr, name: ast.expr, look: Look) -> Iterator[Found]:
    shown = _owner(owner, look)
    if shown and look.constants(name)[1]:
        yield Found(node, f"an attribute of {shown} is read whose name is known only at run time")


def _whole(node: ast.expr, owner: str, look: Look) -> Iterator[Found]:
    """A namespace as a whole; what is taken from it by a known name is judged as such."""
    parent = look.parent(node)
    if isinstance(parent, ast.Subscript) and parent.value is node:
        if look.constants(parent.slice)[1]:
            yield Found(node, f"an attribute of {owner} is read whose name is known only at run time")
    elif isinstance(parent, ast.Attribute) and isinstance(call := look.call_of(parent), ast.Call):
        if parent.attr not in ("get", "__getitem__", "pop") or not call.args or look.constants(call.args[0])[1]:
            yield Found(node, f"the namespace of {owner} is read as a whole")
    elif not isinstance(parent, ast.Assign | ast.Compare):
        yield Found(node, f"the namespace of {owner} is read as a whole")


def _attributes(node: ast.AST, look: Look) -> Iterator[Found]:
    """``module.__dict__``."""
    assert isinstance(node, ast.Attribute)
    if node.attr == "__dict__" and (owner := _owner(node.value, look)):
        yield from _whole(node, owner, look)


def _subscripts(node: ast.AST, look: Look) -> Iterator[Found]:
    """A namespace under another name, asked for something that is known only at run time."""
    assert isinstance(node, ast.Subscript)
    if not isinstance(node.value, ast.Name):
        return
    spaces = [fact.owner for fact in look.facts(node.value) if isinstance(fact, f.Namespace)]
    owners = {owner for each in spaces if (owner := _shown(each, look))}
    if owners and look.constants(node.slice)[1]:
        yield Found(node, f"an attribute of {min(owners)} is read whose name is known only at run time")


def _escapes(node: ast.Call, callees: frozenset[str], look: Look) -> Iterator[Found]:
    """A module that is handed to code which is not followed."""
    for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
        hot = look.names(argument) & HOT if isinstance(argument, ast.Name | ast.Attribute) else ()
        if hot and not callees & _HARMLESS and not _is_followed(node.func, look):
            yield Found(argument, f"the module `{min(hot)}` is handed to code that is not followed")


def _is_followed(function: ast.expr, look: Look) -> bool:
    return any(not isinstance(fact, f.Outside | f.Unknown | f.Made) for fact in look.facts(function))


HOT = frozenset(
    {"time", "datetime", "os", "random", "uuid", "secrets", "sys", "builtins", "asyncio", "importlib", "socket"}
)
"""Modules of the standard library that hold something banned."""


def _owner(node: ast.expr, look: Look) -> str | None:
    return min((shown for fact in look.facts(node) if (shown := _shown(fact, look))), default=None)


def _shown(fact: f.Fact, look: Look) -> str | None:
    """A module, or a class of the standard library, for people; None of anything else."""
    match fact:
        case f.Outside(name) if "." not in name or name in TELLING or (is_class(name) and _is_standard(name)):
            # What is called `typing.Any` is a class that nothing is known of.
            return None if name.startswith(("builtins.", "typing.")) else f"`{name}`"
        case f.Inside(view) if view is not look.view:
            return f"the module `{view.name}`"
    return None


def _is_standard(name: str) -> bool:
    return name.partition(".")[0] in STANDARD


RULE = Rule(
    definition=defined("DET303", "module_reflection", "error", "A module or class is reached into by an unknown name"),
    instead="name the attribute, or choose from a dict of functions",
    heeds={ast.Attribute: frozenset({"__dict__"})},
    checks={ast.Call: _calls, ast.Attribute: _attributes, ast.Subscript: _subscripts},
)
