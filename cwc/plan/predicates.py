"""The conditions of branches: parsed, held to their grammar, and looked at for what can never be evaluated.

The grammar is that of SEMANTICS B 9.13: one expression of context keys, constants, displays, subscripts, signs,
comparisons, ``not``, ``and`` and ``or``.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

LONGEST = 10_000
"""Characters."""
DEEPEST = 50
"""Levels of nesting."""
MOST_PARTS = 1_000

COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: lambda left, right: left == right,
    ast.NotEq: lambda left, right: left != right,
    ast.Lt: lambda left, right: left < right,
    ast.LtE: lambda left, right: left <= right,
    ast.Gt: lambda left, right: left > right,
    ast.GtE: lambda left, right: left >= right,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}

_HELP = "a predicate compares context keys and constants, and joins comparisons by and, or and not"
_KINDS: dict[type[ast.AST], str] = {
    ast.Attribute: "an attribute",
    ast.BinOp: "arithmetic",
    ast.Call: "a call",
    ast.Dict: "a dict display",
    ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.IfExp: "a conditional expression",
    ast.Invert: "the operator ~",
    ast.Is: "the operator 'is'",
    ast.IsNot: "the operator 'is not'",
    ast.JoinedStr: "an f-string",
    ast.Lambda: "a lambda",
    ast.ListComp: "a comprehension",
    ast.NamedExpr: "an assignment",
    ast.SetComp: "a comprehension",
    ast.Slice: "a slice",
    ast.Starred: "a starred expression",
}


@dataclass(frozen=True, slots=True)
class BadPredicate:
    """A predicate that no run can evaluate, and why."""

    message: str
    help: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Predicate:
    """A predicate that can be evaluated.

    ``names`` are the context keys that it may read, each once; ``surely_read`` those that every evaluation reads.
    ``unusable`` maps parts of the tree that fail where they are reached, which not every evaluation does, to why.
    """

    text: str
    tree: ast.expr
    names: tuple[str, ...]
    surely_read: frozenset[str]
    unusable: dict[ast.AST, str] = field(default_factory=dict)

    @property
    def outcome(self) -> bool | None:
        """What every evaluation that does not fail comes to, whatever the context holds; None where it depends."""
        return _outcome(self.tree)


def parse_predicate(text: str) -> Predicate | BadPredicate:
    """Read a predicate. Raises nothing, whatever the text is."""
    if len(text) > LONGEST:
        return BadPredicate(f"the predicate has {len(text):,} characters; the limit is {LONGEST:,}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        return BadPredicate(f"the predicate is no expression: {error.msg}", (_HELP,))
    except (ValueError, MemoryError, RecursionError) as error:
        return BadPredicate(f"the predicate cannot be read: {error or type(error).__name__}")
    try:
        return _Reading(text, tree).predicate()
    except _Bad as bad:
        return BadPredicate(str(bad), bad.help)


def truth(predicate: Predicate) -> bool | None:
    """Whether a predicate holds wherever its evaluation comes to an end; None where that depends on the run."""
    return _truth(predicate.tree)


def _truth(node: ast.expr) -> bool | None:
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _truth(operand)
            return None if inner is None else not inner
        case ast.BoolOp(op=op, values=values):
            decisive = isinstance(op, ast.Or)
            parts = [_truth(value) for value in values]
            if decisive in parts:
                return decisive
            return None if None in parts else not decisive
        case _:
            try:
                return bool(_evaluated(node))
            except Exception:
                return None


class _Bad(Exception):
    """What every evaluation would fail at."""

    def __init__(self, message: str, *help: str) -> None:
        super().__init__(message)
        self.help = help


class _Unknown(Exception):
    """The value of an expression depends on the run."""


class _Reading:
    def __init__(self, text: str, tree: ast.expr) -> None:
        self.text, self.tree = text, tree
        self.names: dict[str, None] = {}
        self.surely_read: set[str] = set()
        self.unusable: dict[ast.AST, str] = {}
        self.parts = 0

    def predicate(self) -> Predicate:
        self.visit(self.tree, 1, reached=True)
        return Predicate(self.text, self.tree, tuple(self.names), frozenset(self.surely_read), self.unusable)

    def visit(self, node: ast.expr, depth: int, *, reached: bool) -> None:
        """Look at a part, which every evaluation comes to if ``reached``."""
        self.parts += 1
        if depth > DEEPEST:
            raise _Bad(f"the predicate is nested deeper than {DEEPEST} levels")
        if self.parts > MOST_PARTS:
            raise _Bad(f"the predicate has more than {MOST_PARTS:,} parts")
        match node:
            case ast.Name(id=name):
                self.names[name] = None
                if reached:
                    self.surely_read.add(name)
            case ast.Constant():
                pass
            case ast.UnaryOp(op=ast.Not() | ast.UAdd() | ast.USub(), operand=operand):
                self.visit(operand, depth + 1, reached=reached)
            case ast.Subscript(value=value, slice=key) if not isinstance(key, ast.Slice):
                self.visit(value, depth + 1, reached=reached)
                self.visit(key, depth + 1, reached=reached)
            case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
                for element in elements:
                    self.visit(element, depth + 1, reached=reached)
            case ast.BoolOp(op=op, values=values):
                self.visit_joined(op, values, depth, reached=reached)
            case ast.Compare():
                self.visit_comparison(node, depth, reached=reached)
            case _:
                self.refuse(node, node.slice if isinstance(node, ast.Subscript) else node, reached=reached)
        if node not in self.unusable:
            self.check_constant(node, reached=reached)

    def visit_joined(self, op: ast.boolop, values: list[ast.expr], depth: int, *, reached: bool) -> None:
        for value in values:
            self.visit(value, depth + 1, reached=reached)
            try:
                reached = reached and bool(_evaluated(value)) is isinstance(op, ast.And)
            except Exception:
                reached = False

    def visit_comparison(self, node: ast.Compare, depth: int, *, reached: bool) -> None:
        self.visit(node.left, depth + 1, reached=reached)
        for number, (op, right) in enumerate(zip(node.ops, node.comparators, strict=True)):
            # Behind the first comparison the others are reached only where it holds.
            here = reached and number == 0
            self.visit(right, depth + 1, reached=here)
            if type(op) not in COMPARISONS:
                self.refuse(right, op, reached=here)

    def refuse(self, part: ast.expr, what: ast.AST, *, reached: bool) -> None:
        kind = _KINDS.get(type(what.op) if isinstance(what, ast.UnaryOp) else type(what), "something else")
        message = f"{kind} is not part of predicates"
        if reached:
            raise _Bad(message, _HELP)
        self.unusable[part] = message

    def check_constant(self, node: ast.expr, *, reached: bool) -> None:
        """A part of which the value is known must have one."""
        try:
            _evaluated(node)
        except _Unknown:
            pass
        except Exception as error:
            message = f"`{ast.unparse(node)}` always fails: {error}"
            if reached:
                raise _Bad(message) from error
            self.unusable[node] = message


def _outcome(node: ast.expr) -> bool | None:
    """The truth of a part where it is known. A part of an ``and`` or ``or`` may settle it alone."""
    match node:
        case ast.BoolOp(op=op, values=values):
            settling = isinstance(op, ast.Or)
            outcomes = [_outcome(value) for value in values]
            if settling in outcomes:
                return settling
            return None if None in outcomes else not settling
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _outcome(operand)
            return None if inner is None else not inner
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn() as op], comparators=[display]) if _is_empty(display):
            return isinstance(op, ast.NotIn) if isinstance(left, ast.Name | ast.Constant) else None
        case _:
            try:
                return bool(_evaluated(node))
            except Exception:
                return None


def _is_empty(node: ast.expr) -> bool:
    return isinstance(node, ast.Tuple | ast.List) and not node.elts


def _evaluated(node: ast.expr) -> Any:
    """The value of a part that reads no key; raises _Unknown if it does, and whatever an evaluation would raise."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _evaluated(operand)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluated(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return +_evaluated(operand)
        case ast.Subscript(value=value, slice=key) if not isinstance(key, ast.Slice):
            return _evaluated(value)[_evaluated(key)]
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return [_evaluated(element) for element in elements]
        case ast.Set(elts=elements):
            return {_evaluated(element) for element in elements}
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARISONS:
            return COMPARISONS[type(op)](_evaluated(left), _evaluated(right))
        case _:
            raise _Unknown
