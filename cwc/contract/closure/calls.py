"""What a call gives: of functions and classes of the repository, and of the few outside ones that matter."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from cwc.contract.closure import facts as f
from cwc.contract.closure.copies import copied, deep_copy, kept_in, shallow_copy
from cwc.contract.closure.facts import NOTHING, UNKNOWN, Fact, Facts
from cwc.contract.closure.folding import constants, folded
from cwc.contract.closure.outside import call_gives, canonical, words
from cwc.contract.closure.parts import all_values, element, items_of
from cwc.contract.closure.scopes import Imported, Scope

if TYPE_CHECKING:
    from cwc.contract.closure.evaluate import Evaluator


def call_facts(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    """What a call may give."""
    value = folded(evaluator, node, scope)
    if value is not None:
        return value
    found: set[Fact] = set()
    for fact in evaluator.facts(node.func, scope):
        found |= called(evaluator, fact, node, scope)
    if isinstance(node.func, ast.Attribute):
        found |= _method(evaluator, node.func, node, scope)
    return frozenset(found) or UNKNOWN


def called(evaluator: Evaluator, fact: Fact, node: ast.Call, scope: Scope) -> Facts:
    """What a call of one certain thing gives."""
    match fact:
        case f.Function(function):
            return _returned(evaluator, fact, function, node, scope)
        case f.Class(inner):
            return frozenset({f.Object(inner)}) | outside_bases(evaluator, inner)
        case f.Object(inner):
            found: set[Fact] = set()
            for binding in inner.names.get("__call__", ()):
                found |= evaluator.join(binding.scope.returns, binding.scope)
            return frozenset(found) or UNKNOWN
        case f.Outside(name):
            special = SPECIAL.get(name)
            given = special(evaluator, node, scope) if special is not None else call_gives(name)
            return given | {f.Fresh(node, scope)} if name in CONTAINERS else given
        case f.Partial(inner_node, inner_scope):
            return _prepared(evaluator, inner_node, inner_scope, node, scope)
        case f.Getter():
            return apply_getter(evaluator, fact, node, scope)
    return UNKNOWN


def _returned(evaluator: Evaluator, fact: f.Function, function: Scope, node: ast.Call, scope: Scope) -> Facts:
    if function.yields:
        return frozenset({fact})
    found = set(evaluator.join(function.returns, function))
    returns = getattr(function.node, "returns", None)
    if returns is not None and function.parent is not None:
        from cwc.contract.closure.annotations import annotated

        found |= {each for each in annotated(evaluator, returns, function.parent) if isinstance(each, f.Made)}
    return frozenset(found) or UNKNOWN


def outside_bases(evaluator: Evaluator, scope: Scope) -> Facts:
    """What an instance of a class is besides, by its outside bases."""
    node, found = scope.node, set[Fact]()
    if isinstance(node, ast.ClassDef) and scope.parent is not None and "__iter__" not in scope.names:
        for base in node.bases:
            for fact in evaluator.facts(base, scope.parent):
                if isinstance(fact, f.Outside) and fact.name in ("builtins.set", "builtins.frozenset", "builtins.dict"):
                    found.add(f.Made(fact.name.removeprefix("builtins.")))
    return frozenset(found)


def _prepared(evaluator: Evaluator, inner: ast.Call, inner_scope: Scope, node: ast.Call, scope: Scope) -> Facts:
    """A call of ``partial(function, …)``, as if all arguments stood in one call."""
    if not inner.args:
        return UNKNOWN
    found: set[Fact] = set()
    whole = prepared(inner, node)
    for fact in evaluator.facts(inner.args[0], inner_scope):
        found |= called(evaluator, fact, whole, scope if scope.view is inner_scope.view else inner_scope)
    return frozenset(found)


def prepared(inner: ast.Call, node: ast.Call) -> ast.Call:
    """The call that ``node`` amounts to, whose function ``inner``, a call of ``partial``, has made."""
    arguments, keywords = [*inner.args[1:], *node.args], [*inner.keywords, *node.keywords]
    return ast.copy_location(ast.Call(func=inner.args[0], args=arguments, keywords=keywords), node)


def apply_getter(evaluator: Evaluator, getter: f.Getter, node: ast.Call, scope: Scope) -> Facts:
    """What ``attrgetter("a.b")(x)`` and its siblings give."""
    if not node.args:
        return UNKNOWN
    if getter.kind == "namespace":
        return NOTHING
    owner = evaluator.facts(node.args[0], scope)
    found: set[Fact] = set()
    for path in getter.names or ():
        value = owner
        if getter.kind == "itemgetter":
            value = items_of(evaluator, value, ast.Constant(path), scope)
        else:
            for name in path.split("."):
                value = evaluator.attribute(value, name, scope.view)
        found |= value
    return frozenset(found) or UNKNOWN


def _method(evaluator: Evaluator, func: ast.Attribute, node: ast.Call, scope: Scope) -> Facts:
    """Methods of containers, namespaces and values whose outcome matters."""
    owner = evaluator.facts(func.value, scope)
    containers = frozenset(fact for fact in owner if isinstance(fact, f.Container))
    spaces = frozenset(fact for fact in owner if isinstance(fact, f.Namespace))
    found: set[Fact] = set()
    if func.attr in ("get", "pop", "__getitem__", "setdefault") and node.args and (containers or spaces):
        found |= items_of(evaluator, containers | spaces, node.args[0], scope)
        found |= evaluator.facts(node.args[1], scope) if len(node.args) > 1 else NOTHING
    elif func.attr in ("pop", "popleft", "__next__", "send") and containers:
        found |= element(evaluator, containers, None)
    elif func.attr == "values" and containers:
        found.add(f.Each(all_values(evaluator, containers)))
    elif func.attr == "items" and containers:
        found.add(f.Columns((element(evaluator, containers, None), all_values(evaluator, containers))))
    elif func.attr in ("copy", "keys") and containers:
        found |= copied(evaluator, containers)
    elif func.attr in ("__getattribute__", "__getattr__") and len(node.args) == 1:
        found |= attribute_named(evaluator, owner, node.args[0], scope)
    elif func.attr in ("union", "intersection", "difference", "symmetric_difference", "copy"):
        found |= {fact for fact in owner if isinstance(fact, f.Made) and fact.of in ("set", "frozenset")}
    elif func.attr in ("enter_context", "enter_async_context") and node.args:
        found |= evaluator.entered(evaluator.facts(node.args[0], scope))
    elif func.attr in ("replace", "astimezone"):
        found |= {fact for fact in owner if isinstance(fact, f.Made) and fact.of.startswith("datetime.")}
    return frozenset(found)


def attribute_named(evaluator: Evaluator, owner: Facts, name: ast.expr, scope: Scope) -> Facts:
    """What ``getattr(owner, name)`` gives, for every name that ``name`` may be."""
    found: set[Fact] = set()
    known, unclear = constants(evaluator, name, scope)
    for each in known:
        if isinstance(each, str):
            found |= evaluator.attribute(owner, each, scope.view)
    return frozenset(found) | (UNKNOWN if unclear else NOTHING)


def _getattr(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    if len(node.args) < 2:
        return UNKNOWN
    found = attribute_named(evaluator, evaluator.facts(node.args[0], scope), node.args[1], scope)
    return found | (evaluator.facts(node.args[2], scope) if len(node.args) > 2 else NOTHING)


def _object_getattribute(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    return _getattr(evaluator, node, scope)


def _vars(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    if node.args:
        return frozenset(f.Namespace(fact) for fact in evaluator.facts(node.args[0], scope))
    return frozenset({f.Namespace(f.Inside(scope.view))})


def _imported(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    given = node.args[:1] or [each.value for each in node.keywords if each.arg == "name"]
    names, _ = constants(evaluator, given[0], scope) if given else ([], True)
    is_plain = isinstance(node.func, ast.Name) and node.func.id == "__import__"
    lists = len(node.args) > 3 or any(each.arg == "fromlist" for each in node.keywords)
    found: set[Fact] = set()
    for name in names:
        if isinstance(name, str) and name:
            found |= import_named(evaluator, name, scope, top=is_plain and not lists)
    return frozenset(found) or UNKNOWN


def import_named(evaluator: Evaluator, name: str, scope: Scope, *, top: bool) -> Facts:
    """The module of a name; its first part only for a plain ``__import__``."""
    level = len(name) - len(name.lstrip("."))
    module = name.lstrip(".").partition(".")[0] if top else name.lstrip(".")
    found = evaluator.world.find(Imported(module, level), scope.view.file)
    if found is None:
        return f.outside(canonical(module))
    return evaluator.module(found.files[-1]) if found.module is not None and found.missing is None else UNKNOWN


def _first(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    return evaluator.facts(node.args[0], scope) if node.args else UNKNOWN


def _second(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    return evaluator.facts(node.args[1], scope) if len(node.args) > 1 else UNKNOWN


def _type(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    if len(node.args) != 1:
        return UNKNOWN
    found: set[Fact] = set()
    for fact in evaluator.facts(node.args[0], scope):
        if isinstance(fact, f.Object):
            found.add(f.Class(fact.scope))
        elif isinstance(fact, f.Made):
            found.add(f.Outside(fact.of if "." in fact.of else f"builtins.{fact.of}"))
    return frozenset(found) or UNKNOWN


def _next(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    return element(evaluator, evaluator.facts(node.args[0], scope), None) if node.args else UNKNOWN


def _algebra(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    """``operator.or_(a, b)`` of sets."""
    both = frozenset().union(*(evaluator.facts(each, scope) for each in node.args[:2]))
    return frozenset({fact for fact in both if isinstance(fact, f.Made) and fact.of in ("set", "frozenset")}) or UNKNOWN


def _defaulting(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    """``defaultdict(factory)``: what the factory makes stands under every key."""
    found = set(f.made("dict"))
    for fact in evaluator.facts(node.args[0], scope) if node.args else UNKNOWN:
        if isinstance(fact, f.Outside):
            found.add(f.Valued(call_gives(fact.name)))
        elif isinstance(fact, f.Function):
            found.add(f.Valued(evaluator.join(fact.scope.returns, fact.scope)))
    return frozenset(found)


def _counted(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    """A counter keeps the order in which it first saw things."""
    inner = evaluator.facts(node.args[0], scope) if node.args else NOTHING
    unordered = any(isinstance(fact, f.Made) and fact.of in ("set", "frozenset", "unordered") for fact in inner)
    return f.made("collections.Counter") | (f.made("unordered") if unordered else NOTHING)


def _passed_on(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    """An iterator over the same elements, in the same order or the same lack of one."""
    inner = evaluator.facts(node.args[0], scope) if node.args else UNKNOWN
    return frozenset(
        f.Made("unordered") if f.Made("set") == fact or f.Made("frozenset") == fact else fact for fact in inner
    )


def _mapped(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    found: set[Fact] = set()
    if len(node.args) > 1:
        for fact in evaluator.facts(node.args[1], scope):
            if isinstance(fact, f.Made) and fact.of in ("set", "frozenset", "unordered"):
                found.add(f.Made("unordered"))
        results = applied(
            evaluator, node.args[0], element(evaluator, evaluator.facts(node.args[1], scope), None), scope
        )
        found.add(f.Each(results))
    return frozenset(found) or UNKNOWN


def applied(evaluator: Evaluator, function: ast.expr, argument: Facts, scope: Scope) -> Facts:
    """What a function gives for an argument of these facts: for getters, whose outcome hangs on it."""
    found: set[Fact] = set()
    for fact in evaluator.facts(function, scope):
        if isinstance(fact, f.Getter) and fact.kind in ("attrgetter", "methodcaller"):
            for path in fact.names or ():
                found |= evaluator.attribute(argument, path.partition(".")[0], scope.view)
        elif isinstance(fact, f.Function):
            found |= evaluator.join(fact.scope.returns, fact.scope)
        elif isinstance(fact, f.Class):
            found.add(f.Object(fact.scope))
        elif isinstance(fact, f.Outside):
            found |= call_gives(fact.name)
    return frozenset(found) or UNKNOWN


def _enumerated(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    inner = element(evaluator, evaluator.facts(node.args[0], scope), None) if node.args else UNKNOWN
    return frozenset({f.Columns((f.made("int"), inner))})


def _zipped(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    columns = tuple(element(evaluator, evaluator.facts(each, scope), None) for each in node.args)
    return frozenset({f.Columns(columns)}) if columns else UNKNOWN


def _getter(kind: str) -> Callable[[Evaluator, ast.Call, Scope], Facts]:
    def getter(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
        names: list[str] = []
        wanted = node.args[:1] if kind == "methodcaller" else node.args
        for each in wanted:
            known, unclear = constants(evaluator, each, scope)
            if unclear:
                return frozenset({f.Getter(kind, None)})
            names.extend(str(name) if not isinstance(name, str) else name for name in known)
        return frozenset({f.Getter(kind, tuple(names))})

    return getter


def _partial(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    return frozenset({f.Partial(node, scope)})


def _super(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    function = scope.function
    owner = function.owner if function is not None else None
    return frozenset({f.Parent(owner)}) if owner is not None else UNKNOWN


def _simple_namespace(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    return frozenset({f.Display(node, scope)})


def _reduced(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Facts:
    """``reduce(getattr, ["a", "b"], x)``."""
    if len(node.args) < 3 or f.Outside("builtins.getattr") not in evaluator.facts(node.args[0], scope):
        return UNKNOWN
    value = evaluator.facts(node.args[2], scope)
    if isinstance(node.args[1], ast.List | ast.Tuple):
        for each in node.args[1].elts:
            value = attribute_named(evaluator, value, each, scope)
    return value


CONTAINERS = words("""
    builtins.list builtins.dict builtins.set builtins.bytearray collections.deque collections.defaultdict
    collections.Counter collections.OrderedDict collections.ChainMap array.array weakref.WeakKeyDictionary
    weakref.WeakValueDictionary weakref.WeakSet queue.Queue itertools.count itertools.cycle builtins.iter
""")
"""Calls that make something that can be changed."""

SPECIAL: dict[str, Callable[[Evaluator, ast.Call, Scope], Facts]] = {
    "builtins.getattr": _getattr, "inspect.getattr_static": _getattr, "object.__getattribute__": _object_getattribute,
    "type.__getattribute__": _object_getattribute, "builtins.vars": _vars, "builtins.globals": _vars,
    "builtins.locals": _vars, "builtins.__import__": _imported, "importlib.import_module": _imported,
    "importlib.reload": _first, "builtins.type": _type, "builtins.next": _next, "builtins.list": kept_in("list"),
    "builtins.tuple": kept_in("tuple"), "builtins.set": kept_in("set"), "builtins.frozenset": kept_in("frozenset"),
    "builtins.sorted": kept_in("list"), "builtins.dict": kept_in("dict"), "collections.deque": kept_in("deque"),
    "collections.OrderedDict": kept_in("dict"), "collections.ChainMap": kept_in("dict"),
    "types.MappingProxyType": kept_in("dict"),
    "builtins.iter": _passed_on, "builtins.reversed": _passed_on, "builtins.map": _mapped, "builtins.filter": _second,
    "builtins.enumerate": _enumerated, "builtins.zip": _zipped, "operator.attrgetter": _getter("attrgetter"),
    "operator.methodcaller": _getter("methodcaller"), "operator.itemgetter": _getter("itemgetter"),
    "functools.partial": _partial, "functools.partialmethod": _partial, "functools.reduce": _reduced,
    "collections.defaultdict": _defaulting, "collections.Counter": _counted, "builtins.super": _super,
    "types.SimpleNamespace": _simple_namespace, "typing.cast": _second, "copy.copy": shallow_copy,
    "copy.deepcopy": deep_copy, "contextlib.nullcontext": _first, "contextlib.closing": _first,
    "functools.lru_cache": _first, "functools.cache": _first, "functools.wraps": _first,
    "builtins.staticmethod": _first, "builtins.classmethod": _first, "builtins.property": _first,
    "functools.singledispatch": _first, "itertools.chain": _first, "itertools.cycle": _first, "weakref.proxy": _first,
    "operator.or_": _algebra, "operator.and_": _algebra, "operator.sub": _algebra, "operator.xor": _algebra,
    "operator.ior": _algebra, "operator.iand": _algebra, "operator.isub": _algebra, "operator.ixor": _algebra,
    "asyncio.run": _first, "dataclasses.replace": _first, "typing.assert_type": _second,
}  # fmt: skip
