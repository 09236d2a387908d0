"""DET501: state that outlives a run."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.closure import facts as f
from cwc.contract.closure.bindings import first_parameter
from cwc.contract.closure.scopes import Binding, How, Scope
from cwc.contract.rules.rule import Found, Look, Rule, defined

_MUTATORS = frozenset({
    "append", "add", "extend", "insert", "update", "setdefault", "pop", "popitem", "clear", "remove", "discard",
    "appendleft",
    "popleft", "extendleft", "sort", "reverse", "subtract", "__setitem__", "__delitem__", "difference_update",
    "intersection_update", "symmetric_difference_update", "rotate", "move_to_end",
})  # fmt: skip
_CONTAINERS = frozenset({
    "list", "dict", "set", "deque", "bytearray", "collections.deque", "collections.defaultdict", "collections.Counter",
    "collections.OrderedDict", "collections.ChainMap", "array.array", "weakref.WeakKeyDictionary",
    "weakref.WeakValueDictionary",
    "weakref.WeakSet",
})  # fmt: skip


def _global(node: ast.AST, look: Look) -> Iterator[Found]:
    """A ``global`` whose names the function binds."""
    assert isinstance(node, ast.Global)
    function = look.scope.function
    if function is None:
        return
    for name in node.names:
        if any(
            binding.scope is look.scope or binding.scope.function is function
            for binding in look.view.scope.names.get(name, ())
        ):
            yield Found(node, f"the function writes the global `{name}`")
            return


def _call(node: ast.AST, look: Look) -> Iterator[Found]:
    assert isinstance(node, ast.Call)
    if isinstance(node.func, ast.Attribute) and node.func.attr in _MUTATORS and look.scope.function is not None:
        yield from _written(node, node.func.value, look)
    callees = look.names(node.func)
    if callees & {"builtins.setattr", "builtins.delattr"} and node.args and _is_shared(node.args[0], look):
        yield Found(node, "an attribute of a module or class is written")
    if callees & {"builtins.next"} and node.args and look.scope.function is not None:
        yield from _written(node, node.args[0], look, iterators=True)


def _targets(node: ast.AST, look: Look) -> Iterator[Found]:
    match node:
        case ast.Assign(targets=targets) | ast.Delete(targets=targets):
            for target in targets:
                yield from _target(target, look)
        case ast.AugAssign(target=target):
            yield from _target(target, look)
        case ast.AnnAssign(target=target, value=value) if value is not None:
            yield from _target(target, look)


def _target(target: ast.expr, look: Look) -> Iterator[Found]:
    if isinstance(target, ast.Tuple | ast.List):
        for each in target.elts:
            yield from _target(each, look)
    elif isinstance(target, ast.Starred):
        yield from _target(target.value, look)
    elif isinstance(target, ast.Subscript) and look.scope.function is not None:
        yield from _written(target, target.value, look)
        if isinstance(target.value, ast.Call) and look.names(target.value.func) & {"builtins.globals", "builtins.vars"}:
            yield Found(target, "a global is written by its name")
    elif isinstance(target, ast.Attribute) and _is_shared(target.value, look):
        is_foreign = any(isinstance(fact, f.Outside | f.Inside) for fact in look.facts(target.value))
        if is_foreign or look.scope.function is not None:
            yield Found(target, f"the attribute `{target.attr}` of a module or class is written")


def _is_shared(node: ast.expr, look: Look) -> bool:
    """A module, or a class, or a function: one for all runs."""
    if isinstance(node, ast.Call) and "builtins.type" in look.names(node.func):
        return True
    if isinstance(node, ast.Attribute) and node.attr == "__class__":
        return True
    return any(
        isinstance(fact, f.Inside | f.Class) or (isinstance(fact, f.Function) and isinstance(node, ast.Name))
        or (isinstance(fact, f.Outside) and not fact.name.startswith("builtins."))
        for fact in look.facts(node)
    )  # fmt: skip


def _written(node: ast.AST, container: ast.expr, look: Look, *, iterators: bool = False) -> Iterator[Found]:
    """A container of the module or a class, changed from within a function."""
    if isinstance(container, ast.Subscript):
        container = container.value
    if isinstance(container, ast.Name):
        owner = _owner(container.id, look.scope)
        if owner is not None and owner.kind == "module" and _holds_state(owner, container.id, look, iterators):
            yield Found(node, f"the function changes `{container.id}`, which outlives the run")
    elif isinstance(container, ast.Attribute):
        yield from _of_class(node, container, look, iterators)


def _of_class(node: ast.AST, container: ast.Attribute, look: Look, iterators: bool) -> Iterator[Found]:
    for fact in look.facts(container.value):
        match fact:
            case f.Class(scope) if _holds_state(scope, container.attr, look, iterators):
                yield Found(node, f"the function changes `{container.attr}` of a class, which outlives the run")
                return
            case f.Object(scope) if container.attr not in scope.attributes and _holds_state(
                scope, container.attr, look, iterators
            ):
                if _is_plain_class(scope) and first_parameter(look.scope.function) == getattr(
                    container.value, "id", None
                ):
                    yield Found(node, f"the method changes `{container.attr}` of its class, which outlives the run")
                    return
            case f.Inside(view) if _holds_state(view.scope, container.attr, look, iterators):
                yield Found(node, f"the function changes `{container.attr}` of a module, which outlives the run")
                return


def _is_plain_class(scope: Scope) -> bool:
    """Not a dataclass or model, whose class attributes are defaults of instances."""
    node = scope.node
    return isinstance(node, ast.ClassDef) and not node.decorator_list and not node.bases


def _owner(name: str, scope: Scope) -> Scope | None:
    """The scope whose name it is."""
    where: Scope | None = scope
    while where is not None:
        if where.declared.get(name) == "global":
            return where.view.scope
        if name in where.names and (where is scope or where.kind != "class"):
            return where
        where = where.parent
    return None


def _holds_state(scope: Scope, name: str, look: Look, iterators: bool) -> bool:
    wanted = _ITERATORS if iterators else _CONTAINERS
    inner = Look(look.evaluator, scope, look.config)
    for binding in scope.names.get(name, ()):
        if binding.how is How.VALUE and binding.node is not None and not binding.path and binding.scope is scope:
            if inner.kinds(binding.node) & wanted or _is_counter(binding.node, inner, iterators):
                return True
        elif binding.how is How.IMPORT and not iterators and _imports(binding, wanted, look):
            return True
    return False


def _imports(binding: Binding, wanted: frozenset[str], look: Look) -> bool:
    return any(isinstance(fact, f.Made) and fact.of in wanted for fact in look.evaluator.bound(binding))


_ITERATORS = frozenset({"iterator", "unordered"})


def _is_counter(node: ast.expr, look: Look, iterators: bool) -> bool:
    return (
        iterators
        and isinstance(node, ast.Call)
        and any(name.startswith("itertools.") or name == "builtins.iter" for name in look.names(node.func))
    )


RULE = Rule(
    definition=defined("DET501", "global_write", "error", "Something is changed that outlives the run"),
    instead="keep it in a local, an instance, or the context of the flow",
    weight="warning",
    checks={
        ast.Global: _global, ast.Call: _call, ast.Assign: _targets, ast.AugAssign: _targets, ast.AnnAssign: _targets,
        ast.Delete: _targets,
    },
)  # fmt: skip
