"""DET403: values that hang on where an object lies in memory, or on the hash seed."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.closure import facts as f
from cwc.contract.closure.bindings import first_parameter
from cwc.contract.closure.scopes import Scope
from cwc.contract.rules.rule import Found, Look, Rule, Use, banned, defined

_NUMBERS = frozenset({"int", "bool", "float", "complex"})
_TEXTS = frozenset({"builtins.repr", "builtins.str", "builtins.ascii", "builtins.format", "builtins.print"})
_SHOWN = frozenset({"__repr__", "__str__", "__format__"})


def _is_identity(use: Use) -> bool:
    """``id(a) == id(b)``, ``id(x) in seen`` and ``seen.add(id(x))`` hang on no address."""
    node = use.call or use.node
    match use.look.parent(node):
        case ast.Compare():
            return False
        case ast.Call(func=ast.Attribute(attr="add" | "discard"), args=[only]):
            return only is not node
    return True


def _is_seeded(use: Use) -> bool:
    """The hash of a number is always the same, and within ``__hash__`` nobody asks for more."""
    function = use.look.scope.function
    if function is not None and function.name == "__hash__":
        return False
    if use.call is None or not use.call.args:
        return True
    facts = use.look.facts(use.call.args[0])
    numbers = [fact for fact in facts if isinstance(fact, f.Made) and fact.of in _NUMBERS]
    return not numbers or any(not isinstance(fact, f.Const) and fact not in numbers for fact in facts)


def _shown(node: ast.AST, look: Look) -> Iterator[Found]:
    """The address in the default text of an object."""
    if isinstance(node, ast.Call):
        texts = look.names(node.func) & _TEXTS
        # A module that defines a `print` of its own somewhere does not surely call the builtin.
        is_builtin = all(isinstance(fact, f.Outside) for fact in look.facts(node.func))
        values = node.args if texts and is_builtin else []
        if isinstance(node.func, ast.Attribute) and node.func.attr == "format" and "str" in look.kinds(node.func.value):
            values = node.args
    else:
        assert isinstance(node, ast.FormattedValue)
        values = [node.value]
    receiver = first_parameter(look.scope.function)
    for value in values:
        # A subclass may well say what its text is.
        is_self = isinstance(value, ast.Name) and value.id == receiver
        if is_self or _is_replaced(value, look):
            continue
        facts = look.facts(value)
        if f.Unknown() not in facts and any(_has_address(fact, look) for fact in facts):
            yield Found(node, "the text of an object shows its address")
            return


def _is_replaced(value: ast.expr, look: Look) -> bool:
    """Whether a value is an attribute that the decorator or metaclass of its class may have put something else for."""
    if not isinstance(value, ast.Attribute):
        return False
    for fact in look.facts(value.value):
        node = fact.scope.node if isinstance(fact, f.Object | f.Class) else None
        if isinstance(node, ast.ClassDef) and (node.decorator_list or node.keywords):
            assert isinstance(fact, f.Object | f.Class)
            if value.attr in fact.scope.names:
                return True
    return False


def _has_address(fact: f.Fact, look: Look) -> bool:
    match fact:
        case f.Made(of):
            return of == "object"
        case f.Function(scope):
            return not getattr(scope.node, "decorator_list", None)
        case f.Object(scope):
            return _shows_address(scope, look, set())
    return False


def _shows_address(scope: Scope, look: Look, seen: set[Scope]) -> bool:
    """Whether a class, and every one above it, has no text of its own; ``seen`` are those that were asked."""
    if scope in seen:
        return True
    seen.add(scope)
    node = scope.node
    if not isinstance(node, ast.ClassDef) or node.decorator_list or node.keywords or scope.parent is None:
        return False
    if any(name in scope.names for name in _SHOWN):
        return False
    inner = Look(look.evaluator, scope.parent, look.config)
    for base in node.bases:
        for fact in inner.facts(base):
            if not isinstance(fact, f.Class) or not _shows_address(fact.scope, look, seen):
                return False
    return True


RULE = Rule(
    definition=defined("DET403", "identity_value", "error", "A value hangs on an address or on the hash seed"),
    instead="use a value of the thing itself; for digests `hashlib`",
    members={
        **banned("builtins.id", when=_is_identity),
        **banned("builtins.hash", when=_is_seeded),
        **banned("object.__repr__ object.__hash__ object.__str__ str.__hash__ bytes.__hash__ tuple.__hash__"),
    },
    heeds={ast.Call: _TEXTS | {"format"}},
    checks={ast.Call: _shown, ast.FormattedValue: _shown},
)
