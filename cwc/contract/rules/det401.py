"""DET401: the order of what has none, taken into something that has one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.closure import facts
from cwc.contract.closure import facts as f
from cwc.contract.closure.parts import all_values
from cwc.contract.rules.force import facts_here, is_narrowed
from cwc.contract.rules.loops import is_ordered_body
from cwc.contract.rules.rule import Found, Look, Rule, defined
from cwc.contract.rules.unordered import is_unordered, unordered_parts

_CONSUMERS = frozenset({
    "builtins.list", "builtins.tuple", "builtins.enumerate", "builtins.str", "builtins.repr", "builtins.print",
    "collections.deque", "collections.OrderedDict", "collections.Counter.elements", "builtins.reversed",
    "builtins.ascii", "builtins.format",
    "builtins.bytes", "builtins.bytearray", "itertools.accumulate", "itertools.islice", "itertools.pairwise",
    "itertools.groupby", "itertools.batched",
    "itertools.combinations", "itertools.permutations", "itertools.product", "numpy.array", "numpy.fromiter",
    "array.array",
    "itertools.takewhile", "itertools.dropwhile", "pprint.pformat", "pprint.pprint", "builtins.dict", "heapq.merge",
    "asyncio.gather", "builtins.zip", "collections.Counter", "itertools.zip_longest", "itertools.cycle",
    "functools.reduce", "pickle.dumps",
    "copy.copy", "reprlib.repr", "csv.writer.writerow", "random.choice", "itertools.starmap",
}) - {"copy.copy", "collections.Counter"}  # fmt: skip
_METHODS = frozenset(
    {"join", "extend", "extendleft", "writelines", "fromkeys", "writerow", "writerows", "from_iterable", "format"}
)
_IGNORANT = frozenset({
    "builtins.sorted", "builtins.set", "builtins.frozenset", "builtins.len", "builtins.min", "builtins.max",
    "builtins.any",
    "builtins.all", "builtins.sum", "builtins.bool", "builtins.isinstance", "math.fsum", "collections.Counter",
    "math.prod",
    "statistics.median", "builtins.type", "builtins.iter", "math.gcd", "math.lcm",
})  # fmt: skip
_MAKERS = frozenset({"builtins.list", "builtins.tuple", "builtins.str", "builtins.repr"})
_EQUATING = frozenset({"builtins.len", "builtins.type", "builtins.bool", "str.lower", "str.casefold", "str.upper"})
_TYING = frozenset({"builtins.sorted", "builtins.max", "builtins.min"})
_LISTING = frozenset({"json.dumps", "json.dump"})
_SETS: f.Facts = frozenset({f.Made("set"), f.Made("frozenset")})
_MESSAGE = "the order of a set is taken, and it has none"


def _call(node: ast.AST, look: Look) -> Iterator[Found]:
    assert isinstance(node, ast.Call)
    callees = look.names(node.func)
    is_method = isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS
    if callees & _CONSUMERS or is_method:
        keys_only = isinstance(node.func, ast.Attribute) and node.func.attr == "fromkeys"
        for argument in node.args[:1] if keys_only else node.args:
            if not isinstance(argument, ast.Starred) and _is_taken(argument, look) and not _is_sorted(node, look):
                yield Found(node, _MESSAGE)
                return
    if callees & _LISTING and node.args and _listed_by_json(node, look):
        yield Found(node, _MESSAGE)
    if (
        "builtins.sum" in callees
        and len(node.args) > 1
        and is_unordered(node.args[0], look)
        and _adds_up_rows(node, look)
    ):
        yield Found(node, _MESSAGE)
    if callees & _TYING and node.args and is_unordered(node.args[0], look) and _ties(node, look):
        yield Found(node, "equal keys keep the order of a set, and it has none")


def _adds_up_rows(node: ast.Call, look: Look) -> bool:
    return bool(look.kinds(node.args[1]) & {"list", "tuple", "str"})


def _listed_by_json(node: ast.Call, look: Look) -> bool:
    """``json.dumps({"names": {…}}, default=list)``."""
    makers = {name for keyword in node.keywords if keyword.arg == "default" for name in look.names(keyword.value)}
    values = all_values(look.evaluator, look.facts(node.args[0]))
    return bool(makers & {"builtins.list", "builtins.tuple", "builtins.str", "builtins.repr"}) and facts.is_unordered(
        values
    )


def _is_taken(argument: ast.expr, look: Look) -> bool:
    return is_unordered(argument, look) or any(is_unordered(part, look) for part in unordered_parts(argument, look))


def _is_sorted(node: ast.expr, look: Look) -> bool:
    """Whether what is made of a set is at once sorted, or asked only what does not hang on order."""
    parent = look.parent(node)
    if isinstance(parent, ast.Call) and node in parent.args:
        names = look.names(parent.func)
        return bool(names & _IGNORANT) and not (names & {"builtins.iter"})
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1 and isinstance(parent.targets[0], ast.Name):
        return _is_sorted_later(parent.targets[0], look)
    return False


def _is_sorted_later(name: ast.Name, look: Look) -> bool:
    """``names = list(s)``, and then ``names.sort()``."""
    return any(scope is look.scope and line > name.lineno for line, scope in look.view.sorts.get(name.id, ()))


def _ties(node: ast.Call, look: Look) -> bool:
    """Whether a key surely takes different elements for equal: by length, kind or case."""
    key = next((keyword.value for keyword in node.keywords if keyword.arg == "key"), None)
    if isinstance(key, ast.Lambda):
        inner = Look(look.evaluator, look.view.inner(key), look.config)
        return isinstance(key.body, ast.Constant) or (
            isinstance(key.body, ast.Call) and bool(inner.names(key.body.func) & {"builtins.len"})
        )
    return key is not None and bool(look.names(key) & _EQUATING)


def _comprehension(node: ast.AST, look: Look) -> Iterator[Found]:
    assert isinstance(node, ast.ListComp | ast.DictComp | ast.GeneratorExp)
    for index, generator in enumerate(node.generators):
        inner = look if index == 0 else Look(look.evaluator, look.view.inner(node), look.config)
        if not is_unordered(generator.iter, inner):
            continue
        if isinstance(node, ast.GeneratorExp):
            if index and not _is_sorted(node, look):
                yield Found(node, _MESSAGE)
        elif not _is_sorted(node, look):
            yield Found(node, _MESSAGE)
        return


def _loop(node: ast.AST, look: Look) -> Iterator[Found]:
    assert isinstance(node, ast.For | ast.AsyncFor)
    if is_unordered(node.iter, look) and is_ordered_body(node, look):
        yield Found(node.iter, "a loop over a set does what hangs on the order")


def _starred(node: ast.AST, look: Look) -> Iterator[Found]:
    assert isinstance(node, ast.Starred)
    parent = look.parent(node)
    if not is_unordered(node.value, look) or isinstance(parent, ast.Set):
        return
    if isinstance(parent, ast.Call):
        if look.names(parent.func) & _IGNORANT or _is_set_method(parent, look):
            return
    elif isinstance(parent, ast.expr) and _is_sorted(parent, look):
        return
    yield Found(node, _MESSAGE)


def _is_set_method(call: ast.Call, look: Look) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in (
        "union", "intersection", "difference", "update", "intersection_update", "difference_update", "issubset",
    )  # fmt: skip


def _assigned(node: ast.AST, look: Look) -> Iterator[Found]:
    """``a, b = {…}``, ``xs[:] = {…}`` and ``xs += {…}``."""
    if isinstance(node, ast.AugAssign):
        if isinstance(node.op, ast.Add) and is_unordered(node.value, look):
            yield Found(node.value, _MESSAGE)
        return
    assert isinstance(node, ast.Assign)
    for target in node.targets:
        unpacks = isinstance(target, ast.Tuple | ast.List) or (
            isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Slice)
        )
        single = isinstance(target, ast.Tuple | ast.List) and len(target.elts) == 1
        if unpacks and not single and is_unordered(node.value, look):
            yield Found(node.value, _MESSAGE)


def _yielded(node: ast.AST, look: Look) -> Iterator[Found]:
    assert isinstance(node, ast.YieldFrom)
    if is_unordered(node.value, look):
        yield Found(node, _MESSAGE)


def _text(node: ast.AST, look: Look) -> Iterator[Found]:
    """A set in a text."""
    if isinstance(node, ast.FormattedValue) and _is_set(node.value, look):
        yield Found(node.value, "a text shows a set, in an order that it has not")
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and "str" in look.kinds(node.left):
        values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
        if any(_is_set(value, look) for value in values):
            yield Found(node, "a text shows a set, in an order that it has not")


def _is_set(node: ast.expr, look: Look) -> bool:
    sets = _SETS & look.facts(node)
    return bool(sets & facts_here(node, look)) and not is_narrowed(node, look) if sets else False


RULE = Rule(
    definition=defined("DET401", "unordered_iteration", "error", "The order of a set is taken"),
    instead="sort it: `sorted(…)`, or use a list or a dict, which keep their order",
    weight="warning",
    heeds={ast.Call: _CONSUMERS | _METHODS | _TYING | _LISTING | {"builtins.sum"}},
    checks={
        ast.Call: _call, ast.ListComp: _comprehension, ast.DictComp: _comprehension, ast.GeneratorExp: _comprehension,
        ast.For: _loop, ast.AsyncFor: _loop, ast.Starred: _starred, ast.Assign: _assigned, ast.AugAssign: _assigned,
        ast.YieldFrom: _yielded, ast.FormattedValue: _text, ast.BinOp: _text,
    },
)  # fmt: skip
