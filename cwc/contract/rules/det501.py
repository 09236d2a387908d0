"""DET501: state that outlives a run."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.closure import facts as f
from cwc.contract.closure.bindings import first_parameter
from cwc.contract.rules.rule import Found, Look, Rule, defined, words
from cwc.contract.rules.state import is_object_of_module, is_shared, is_state

_MUTATORS = words("""
    append add extend insert update setdefault pop popitem clear remove discard appendleft popleft extendleft sort
    reverse
    subtract __setitem__ __delitem__ difference_update intersection_update symmetric_difference_update rotate
    move_to_end
    __next__ put put_nowait __iadd__ __ior__
""")
_FUNCTIONS = words("""
    operator.setitem operator.delitem operator.iadd operator.ior operator.iconcat heapq.heappush heapq.heappop
    heapq.heapify heapq.heapreplace heapq.heappushpop bisect.insort bisect.insort_left bisect.insort_right builtins.next
""")
_SETTERS = frozenset({"builtins.setattr", "builtins.delattr", "object.__setattr__"})
_PLAIN = frozenset(f"{kind}.{name}" for kind in ("list", "dict", "set", "bytearray", "deque") for name in _MUTATORS)
"""Methods taken of their class: ``list.append(x, …)``."""


def _global(node: ast.AST, look: Look) -> Iterator[Found]:
    """A ``global`` whose names the function binds."""
    assert isinstance(node, ast.Global)
    function = look.scope.function
    for name in node.names if function is not None else ():
        bindings = look.view.scope.names.get(name, ())
        if any(binding.scope is look.scope or binding.scope.function is function for binding in bindings):
            yield Found(node, f"the function writes the global `{name}`")
            return


def _call(node: ast.AST, look: Look) -> Iterator[Found]:
    assert isinstance(node, ast.Call)
    callees = look.names(node.func)
    first = node.args[0] if node.args else None
    sets = callees & _SETTERS
    if sets and first is not None and _is_written(first, look):
        yield Found(node, "an attribute of a module or class is written")
    if look.scope.function is None:
        return
    if isinstance(node.func, ast.Attribute) and node.func.attr in _MUTATORS and is_state(node.func.value, look):
        yield Found(node, f"the function changes `{ast.unparse(node.func.value)}`, which outlives the run")
    elif first is not None and (callees & _FUNCTIONS or callees & _PLAIN) and is_state(first, look):
        yield Found(node, f"the function changes `{ast.unparse(first)}`, which outlives the run")


def _bound(node: ast.AST, look: Look) -> Iterator[Found]:
    """A method that changes shared state, kept to be called later."""
    assert isinstance(node, ast.Attribute)
    if node.attr in _MUTATORS and look.call_of(node) is None and is_state(node.value, look):
        yield Found(node, f"`{node.attr}` of `{ast.unparse(node.value)}`, which outlives the run, is handed on")


def _targets(node: ast.AST, look: Look) -> Iterator[Found]:
    match node:
        case ast.Assign(targets=targets) | ast.Delete(targets=targets):
            for target in targets:
                yield from _target(target, look)
        case ast.For(target=target) | ast.AsyncFor(target=target):
            yield from _target(target, look)
        case ast.AugAssign(target=target):
            yield from _target(target, look)
            if isinstance(target, ast.Name) and look.scope.function is not None and _is_in_place(target, look):
                yield Found(target, f"the function changes `{target.id}`, which outlives the run")
        case ast.AnnAssign(target=target, value=value) if value is not None:
            yield from _target(target, look)


def _is_in_place(target: ast.Name, look: Look) -> bool:
    """``rows += […]`` of a parameter whose default is shared."""
    return is_state(ast.copy_location(ast.Name(target.id, ast.Load()), target), look)


def _target(target: ast.expr, look: Look) -> Iterator[Found]:
    in_function = look.scope.function is not None
    match target:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for each in parts:
                yield from _target(each, look)
        case ast.Starred(value=inner):
            yield from _target(inner, look)
        case ast.Subscript(value=container) if in_function:
            if is_state(container, look) or _is_namespace(container, look):
                yield Found(target, f"the function changes `{ast.unparse(container)}`, which outlives the run")
        case ast.Attribute(value=owner, attr=attribute):
            if _is_written(owner, look):
                yield Found(target, f"the attribute `{attribute}` of a module or class is written")
            elif in_function and is_object_of_module(owner, look):
                yield Found(target, f"the function changes `{ast.unparse(owner)}`, which outlives the run")


def _is_written(owner: ast.expr, look: Look) -> bool:
    if _is_being_made(owner, look):
        return False
    return is_shared(owner, look) and (look.scope.function is not None or _is_foreign(owner, look))


def _is_being_made(owner: ast.expr, look: Look) -> bool:
    """The class in ``__init_subclass__``: what it is given there is as good as written in its body."""
    function = look.scope.function
    if function is None or function.name != "__init_subclass__":
        return False
    return isinstance(owner, ast.Name) and owner.id == first_parameter(function)


def _is_foreign(node: ast.expr, look: Look) -> bool:
    return any(isinstance(fact, f.Outside | f.Inside) for fact in look.facts(node))


def _is_namespace(node: ast.expr, look: Look) -> bool:
    """``globals()`` and ``vars(module)``."""
    return any(
        isinstance(fact, f.Namespace) and isinstance(fact.owner, f.Inside | f.Class | f.Outside)
        for fact in look.facts(node)
    )


RULE = Rule(
    definition=defined("DET501", "global_write", "error", "Something is changed that outlives the run"),
    instead="keep it in a local, an instance, or the context of the flow",
    weight="warning",
    heeds={ast.Attribute: _MUTATORS, ast.Call: _MUTATORS | _FUNCTIONS | _SETTERS | _PLAIN},
    checks={
        ast.Global: _global, ast.Call: _call, ast.Assign: _targets, ast.AugAssign: _targets, ast.AnnAssign: _targets,
        ast.Delete: _targets, ast.For: _targets, ast.AsyncFor: _targets, ast.Attribute: _bound,
    },
)  # fmt: skip
