"""Strings and numbers that are put together from known ones,
so that a name cannot be hidden by spelling it in parts."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable
from itertools import product
from typing import TYPE_CHECKING, Any

from cwc.contract.closure import facts as f
from cwc.contract.closure.facts import Facts
from cwc.contract.closure.scopes import Scope

if TYPE_CHECKING:
    from cwc.contract.closure.evaluate import Evaluator

_MOST = 16
_DEEPEST = 2
"""How many names of sequences within each other are followed."""
_LONGEST = 4096
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], object]] = {
    ast.Add: operator.add, ast.Mod: operator.mod, ast.Mult: operator.mul, ast.Sub: operator.sub,
    ast.BitXor: operator.xor,
}  # fmt: skip
_METHODS = frozenset({
    "join", "format", "lower", "upper", "replace", "strip", "lstrip", "rstrip", "title", "capitalize", "swapcase",
    "casefold", "removeprefix", "removesuffix", "decode", "encode", "zfill", "hex", "expandtabs", "translate",
})  # fmt: skip


def constants(evaluator: Evaluator, node: ast.expr, scope: Scope) -> tuple[list[object], bool]:
    """The values that an expression may have as far as they are known, and whether it may have others."""
    found = evaluator.facts(node, scope)
    known = [fact.value for fact in found if isinstance(fact, f.Const)]
    unclear = any(not isinstance(fact, f.Const | f.Made) for fact in found)
    return sorted(known, key=repr), unclear or not known


def folded(evaluator: Evaluator, node: ast.expr, scope: Scope) -> Facts | None:
    """The constants that an expression may come to; None if it may come to anything else."""
    operands = _operands(node)
    if operands is None:
        return None
    options: list[list[object]] = []
    for operand in operands:
        values, unclear = _values(evaluator, operand, scope)
        if unclear:
            return None
        options.append(values)
    results: set[f.Fact] = set()
    for count, combination in enumerate(product(*options)):
        value = _apply(node, combination)
        if count >= _MOST or not isinstance(value, str | bytes | int | float):
            return None
        if isinstance(value, str | bytes) and len(value) > _LONGEST:
            return None
        results |= {f.Const(value), f.Made(type(value).__name__)}
    return frozenset(results)


def _values(evaluator: Evaluator, node: ast.expr, scope: Scope, depth: int = 0) -> tuple[list[object], bool]:
    evaluator.spend()
    if isinstance(node, ast.Tuple | ast.List):
        parts = [_values(evaluator, each, scope, depth) for each in node.elts]
        if any(unclear or len(values) != 1 for values, unclear in parts):
            return [], True
        return [tuple(values[0] for values, _ in parts)], False
    if isinstance(node, ast.Slice):
        bounds = [(None,) if each is None else tuple(_values(evaluator, each, scope)[0]) for each in _bounds(node)]
        return ([], True) if any(len(each) != 1 for each in bounds) else ([slice(*(each[0] for each in bounds))], False)
    if isinstance(node, ast.FormattedValue):
        return ([], True) if node.format_spec is not None else _values(evaluator, node.value, scope)
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "reversed"
        and len(node.args) == 1
    ):
        values, unclear = _values(evaluator, node.args[0], scope)
        return [tuple(reversed(value)) for value in values if isinstance(value, str)], unclear
    known, unclear = constants(evaluator, node, scope)
    if unclear and depth < _DEEPEST and (sequence := _sequence(evaluator, node, scope, depth + 1)) is not None:
        return [sequence], False
    return known, unclear


def _sequence(evaluator: Evaluator, node: ast.expr, scope: Scope, depth: int) -> tuple[object, ...] | None:
    """The elements of a name's or comprehension's one list of constants."""
    displays = [fact for fact in evaluator.facts(node, scope) if isinstance(fact, f.Display)]
    if len(displays) != 1 or displays[0] in evaluator.opened:
        return None
    evaluator.opened.add(displays[0])
    try:
        return _elements(evaluator, displays[0].node, displays[0].scope, depth)
    finally:
        evaluator.opened.discard(displays[0])


def _elements(evaluator: Evaluator, node: ast.expr, scope: Scope, depth: int) -> tuple[object, ...] | None:
    if isinstance(node, ast.ListComp | ast.GeneratorExp) and len(node.generators) == 1 and not node.generators[0].ifs:
        return _mapped(evaluator, node, scope, depth)
    if not isinstance(node, ast.Tuple | ast.List):
        return None
    values, unclear = _values(evaluator, node, scope, depth)
    return None if unclear or not isinstance(values[0], tuple) else values[0]


def _mapped(
    evaluator: Evaluator, node: ast.ListComp | ast.GeneratorExp, scope: Scope, depth: int
) -> tuple[object, ...] | None:
    """``chr(n) for n in (116, …)``: the one form of comprehension that names are spelt with."""
    generator = node.generators[0]
    values, unclear = _values(evaluator, generator.iter, scope, depth)
    if (
        unclear
        or len(values) != 1
        or not isinstance(values[0], tuple | str | bytes)
        or not isinstance(generator.target, ast.Name)
    ):
        return None
    match node.elt:
        case ast.Call(func=ast.Name(id="chr"), args=[ast.Name(id=name)]) if name == generator.target.id:
            codes = [each for each in values[0] if isinstance(each, int) and 0 <= each < 0x110000]
            return tuple(map(chr, codes)) if len(codes) == len(values[0]) else None
        case ast.Name(id=name) if name == generator.target.id:
            return tuple(values[0])
    return None


def _bounds(node: ast.Slice) -> Iterable[ast.expr | None]:
    return (node.lower, node.upper, node.step)


def _operands(node: ast.expr) -> list[ast.expr] | None:
    match node:
        case ast.BinOp(op=op) if type(op) in _OPERATORS:
            return [node.left, node.right]
        case ast.JoinedStr():
            return list(node.values)
        case ast.Subscript():
            return [node.value, node.slice]
        case ast.UnaryOp(op=ast.USub() | ast.Not()):
            return [node.operand]
        case ast.Call(func=ast.Attribute(value=owner, attr=method), keywords=[]) if method in _METHODS:
            return [owner, *node.args]
        case ast.Call(func=ast.Attribute(attr="fromhex"), args=[_]):
            return list(node.args)
        case ast.Call(func=ast.Name(id="chr" | "ord" | "str" | "bytes" | "repr" | "ascii"), args=[_, *_], keywords=[]):
            return list(node.args)
    return None


def _grows(node: ast.expr, values: tuple[Any, ...]) -> bool:
    """Whether an operation on short values may give one that fills the memory: ``"%99999999d" % 1``."""
    if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Mult | ast.Mod):
        return False
    if isinstance(node, ast.BinOp | ast.Call) and any(
        isinstance(each, int) and abs(each) > _LONGEST for each in values
    ):
        return not isinstance(node, ast.Call) or isinstance(node.func, ast.Attribute)
    return any(isinstance(each, str | bytes) and _wide(each) for each in values)


def _wide(text: str | bytes) -> bool:
    digits = text if isinstance(text, str) else text.decode("latin-1")
    return ("%" in digits or "{" in digits) and _WIDE.search(digits) is not None


_WIDE = re.compile(r"\d{4}|\*")


def _apply(node: ast.expr, values: tuple[Any, ...]) -> object:
    if _grows(node, values):
        return None
    try:
        match node:
            case ast.BinOp(op=op):
                return _OPERATORS[type(op)](*values)
            case ast.JoinedStr():
                return "".join(map(str, values))
            case ast.Subscript():
                return operator.getitem(*values)
            case ast.UnaryOp(op=ast.Not()):
                return not values[0]
            case ast.UnaryOp():
                return operator.neg(*values)
            case ast.Call(func=ast.Attribute(attr="fromhex")):
                return bytes.fromhex(str(values[0]))
            case ast.Call(func=ast.Attribute(attr=method)):
                return getattr(values[0], method)(*values[1:]) if isinstance(values[0], str | bytes) else None
            case ast.Call(func=ast.Name(id=name)):
                return _call(name, values)
    except Exception:
        return None
    return None


def _call(name: str, values: tuple[object, ...]) -> object:
    match name, values:
        case "chr", (int(code),):
            return chr(code)
        case "ord", (str(text),):
            return ord(text)
        case "str", (bytes(data), str(encoding)):
            return data.decode(encoding)
        case "str", (value,):
            return str(value)
        case "bytes", (tuple(codes),):
            return bytes(code for code in codes if isinstance(code, int))
        case "bytes", (str(text), str(encoding)):
            return text.encode(encoding)
    return None
