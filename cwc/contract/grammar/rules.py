"""What the grammar cannot say: names are known, and calls and attributes are those that code of a role may use."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from cwc.contract.finding import NOT_IN_GRAMMAR, UNKNOWN_CALL, UNKNOWN_NAME
from cwc.contract.grammar.inspection import Inspection
from cwc.contract.grammar.production import Parts, Symbol
from cwc.contract.grammar.roles import ANNOTATIONS, MODULE, SCALARS, Kind, Members

_SINGLETONS = frozenset({"False", "None", "True"})
_AT_ONCE = "together"
"""The function that runs steps at once."""
_LIMIT = "concurrency"
"""The function that tells how many steps may run at once."""


def read(inspection: Inspection, node: cst.Name) -> None:
    """A name as a value: bound before, and of a kind that code of this role uses as a value."""
    name = None if node.value in _SINGLETONS else inspection.spelt(node)
    if name is None:
        return
    kind = inspection.kind(name)
    if kind is None:
        inspection.report(UNKNOWN_NAME, node, f"nothing has bound the name {name!r}")
    elif kind not in inspection.role.reads:
        inspection.report(UNKNOWN_NAME, node, f"{name!r} is {kind.value}, which is no value here")


def singleton(inspection: Inspection, node: cst.Name) -> None:
    """None, True or False."""
    if node.value not in _SINGLETONS:
        inspection.report(UNKNOWN_NAME, node, f"{node.value!r} is no literal")


def plain(inspection: Inspection, node: cst.SimpleString) -> None:
    """A string or bytes as `repr` writes them, or a docstring."""
    if node.prefix not in ("", "b"):
        inspection.report(NOT_IN_GRAMMAR, node, f"a string has the prefix {node.prefix!r}")


def binds(kind: Kind) -> Callable[[Inspection, cst.Name], None]:
    def bind(inspection: Inspection, node: cst.Name) -> None:
        inspection.bind(node, kind)

    return bind


def annotates(inspection: Inspection, node: cst.Name) -> None:
    """A name in an annotation: of a type, or at the top of a module of an imported class."""
    name = inspection.spelt(node)
    if name is None or node.value == "None":
        return
    if inspection.kind(name) is Kind.CLASS and inspection.role is MODULE:
        return
    if name not in ANNOTATIONS or not inspection.knows(name):
        inspection.report(UNKNOWN_NAME, node, f"{name!r} is no type that generated modules name")


def caught(inspection: Inspection, node: cst.Name) -> None:
    """What a handler is for: any failure, or what an output is refused with."""
    if not (is_refusal_name(node.value) and inspection.kind(node.value) is Kind.BOUND):
        is_named("Exception")(inspection, node)


def is_refusal_name(name: str) -> bool:
    """Whether a name says that it stands for what outputs are refused with."""
    return name.partition("_")[0] == "refused"


def keyword(inspection: Inspection, node: cst.Name) -> None:
    """The name of an argument."""
    name = inspection.spelt(node)
    if name is not None and name.startswith("_"):
        inspection.report(UNKNOWN_NAME, node, f"{name!r} is private")


def is_named(expected: str) -> Callable[[Inspection, cst.Name], None]:
    """One certain name, bound as usual or a builtin."""

    def check(inspection: Inspection, node: cst.Name) -> None:
        if node.value != expected or not inspection.knows(expected):
            inspection.report(UNKNOWN_NAME, node, f"{node.value!r} stands where only {expected!r} may")

    return check


def calls(arguments: Symbol, *, is_awaited: bool = False) -> Callable[[Inspection, cst.Call], Parts]:
    """A call of what code of this role may call; of a constructor of literals, on literals.

    Bodies of the async lane await what their steps give, or let the runtime run them at once.
    """

    def rule(inspection: Inspection, node: cst.Call) -> Parts:
        callee = node.func
        if isinstance(callee, cst.Name):
            name = inspection.spelt(callee)
            kind = None if name is None else inspection.kind(name)
            if name is not None and kind not in inspection.role.calls:
                what = "nothing that this module has bound" if kind is None else kind.value
                inspection.report(UNKNOWN_CALL, callee, f"{name!r} is called, but it is {what}")
            if kind is Kind.STEP and inspection.is_async and not is_awaited:
                inspection.report(NOT_IN_GRAMMAR, callee, f"{name!r} is called, and not awaited")
            if name == _AT_ONCE:
                return {"args": "begun argument"}
            return {"args": "literal argument" if kind is Kind.LITERAL else arguments}
        if isinstance(callee, cst.Attribute):
            _reach(inspection, callee, inspection.role.methods)
        else:
            inspection.report(UNKNOWN_CALL, callee, "what an expression gives is called")
        return {"args": arguments}

    return rule


def begins(inspection: Inspection, node: cst.Call) -> None:
    """What is run at once: calls of steps, or of coroutines that prepare them; and how many may run."""
    callee = node.func
    name = inspection.spelt(callee) if isinstance(callee, cst.Name) else None
    kind = None if name is None else inspection.kind(name)
    if kind not in (Kind.STEP, Kind.COROUTINE) and not (name == _LIMIT and inspection.knows(_LIMIT) and not node.args):
        inspection.report(UNKNOWN_CALL, callee, f"{_AT_ONCE!r} is given something else than steps")


def calls_literal(inspection: Inspection, node: cst.Call) -> None:
    """A call within a literal: of a constructor of literals again."""
    callee = node.func
    name = inspection.spelt(callee) if isinstance(callee, cst.Name) else ""
    if name is not None and inspection.kind(name) is not Kind.LITERAL:
        inspection.report(UNKNOWN_CALL, callee, "something else than a literal is made within a literal")


def calls_only(expected: str) -> Callable[[Inspection, cst.Call], None]:
    """A call of one certain function."""

    def rule(inspection: Inspection, node: cst.Call) -> None:
        callee = node.func
        if not isinstance(callee, cst.Name) or callee.value != expected or not inspection.knows(expected):
            inspection.report(UNKNOWN_CALL, callee, f"something is called where only {expected!r} may be")

    return rule


def compares(inspection: Inspection, node: cst.Comparison) -> Parts | None:
    """A comparison: of values, or of the class of an input with a builtin one."""
    callee = node.left.func if isinstance(node.left, cst.Call) else None
    if isinstance(callee, cst.Name) and callee.value == "type":
        return {"left": "class of", "comparisons": "same class"}
    return None


def scalar(inspection: Inspection, node: cst.Name) -> None:
    """A builtin class whose objects do not change."""
    if node.value not in SCALARS:
        inspection.report(UNKNOWN_NAME, node, f"the class of an input is compared with {node.value!r}")


def attribute(inspection: Inspection, node: cst.Attribute) -> None:
    """An attribute as a value: one that code of this role reads, or a class within an imported class."""
    if not _is_nested_class(inspection, node):
        _reach(inspection, node, inspection.role.values)


def awaited(inspection: Inspection, node: cst.Await) -> None:
    if not inspection.is_async:
        inspection.report(NOT_IN_GRAMMAR, node, "something is awaited outside a coroutine")


def _reach(inspection: Inspection, node: cst.Attribute, members: tuple[Members, ...]) -> None:
    owner, name = node.value, inspection.spelt(node.attr)
    if name is None:
        return
    if not isinstance(owner, cst.Name):
        inspection.report(UNKNOWN_CALL, node, f"the attribute {name!r} of an expression is used")
        return
    if not any(each.owner.fullmatch(owner.value) and name in each.names for each in members):
        inspection.report(UNKNOWN_CALL, node, f"{owner.value!r} has no attribute {name!r} that may be used here")
    elif inspection.kind(owner.value) is None:
        inspection.report(UNKNOWN_NAME, owner, f"nothing has bound the name {owner.value!r}")


def _is_nested_class(inspection: Inspection, node: cst.Attribute) -> bool:
    rest: cst.BaseExpression = node
    while isinstance(rest, cst.Attribute):
        if not rest.attr.value.isascii() or rest.attr.value.startswith("__"):
            return False
        rest = rest.value
    is_class = isinstance(rest, cst.Name) and inspection.kind(rest.value) is Kind.CLASS
    return is_class and inspection.role is MODULE
