"""Expression → facts: what it may refer to, found by following names back to what binds them."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cwc.contract.closure import facts as f
from cwc.contract.closure.annotations import annotated
from cwc.contract.closure.calls import outside_bases
from cwc.contract.closure.facts import NOTHING, UNKNOWN, Fact, Facts, limited
from cwc.contract.closure.forms import FORMS, LEAVES
from cwc.contract.closure.members import member
from cwc.contract.closure.outside import canonical
from cwc.contract.closure.parts import element
from cwc.contract.closure.scopes import Binding, Entry, How, Imported, Scope, View

if TYPE_CHECKING:
    from cwc.contract.closure.world import World

_BUILTINS = frozenset(dir(builtins))
_FUEL = 50_000
"""How many expressions may be looked at again because they hang on each other; then what is known must do."""


class Exhausted(Exception):
    """Following what hangs on each other took too many steps."""


class Evaluator:
    """Facts of any expression of any module; each is computed once.

    Names that hang on each other are followed until they come back to themselves. What was found on such a way, short
    of its beginning, may be less than all: it serves until the beginning is known, and is then found again.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.opened: set[object] = set()
        self.current: Entry | None = None
        self.is_settled = False
        self._active: dict[object, tuple[int, Entry]] = {}
        self._partial: list[Entry] = []
        self._cut = 1 << 60
        self._fuel = _FUEL
        self.budget = 1 << 60
        self.unfinished: set[Path] = set()

    def facts(self, node: ast.expr, scope: Scope) -> Facts:
        """What an expression may refer to, evaluated in ``scope``."""
        kind = type(node)
        if kind is ast.Name:
            return self.name(node.id, scope)  # type: ignore[attr-defined]
        entry = scope.view.memo.get(id(node))
        if entry is not None:
            if self.current is not None:
                entry.users.append(self.current)
            return entry.facts
        leaf = LEAVES.get(kind)
        if leaf is not None:
            return leaf(self, node, scope)
        compute = FORMS.get(kind)
        if compute is None:
            return UNKNOWN
        return self._once(id(node), NOTHING, compute, node, scope, scope.view.memo)

    def name(self, name: str, scope: Scope) -> Facts:
        """What a name may refer to, read in ``scope``."""
        entry = scope.memo.get(name)
        if entry is not None:
            if self.current is not None:
                entry.users.append(self.current)
            return entry.facts
        return self._once((id(scope), name), None, _lookup, name, scope, scope.memo)

    def attribute(self, owner: Facts, attribute: str, view: View) -> Facts:
        """What an attribute of something may refer to."""
        found: set[Fact] = set()
        for fact in owner:
            found |= member(self, fact, attribute, view)
        return frozenset(found)

    def exported(self, view: View, name: str) -> Facts:
        """What another module gets by ``from view import name``."""
        bindings = view.scope.names.get(name)
        if bindings or not view.is_package:
            return self.name(name, view.scope) if bindings or view.stars else self._module_getattr(view)
        found = self.world.find(Imported("", 1, name), view.file)
        if found is not None and found.submodule is not None:
            return self.module(found.submodule)
        return self.name(name, view.scope) if view.stars else self._module_getattr(view)

    def module(self, file: Path) -> Facts:
        view = self.world.view(file)
        return UNKNOWN if view is None else frozenset({f.Inside(view)})

    def join(self, nodes: Iterable[ast.expr], scope: Scope) -> Facts:
        found: set[Fact] = set()
        for node in nodes:
            found |= self.facts(node, scope)
        return limited(found)

    def bound(self, binding: Binding) -> Facts:
        """What one binding gives its name."""
        node = binding.node
        match binding.how:
            case How.IMPORT:
                return self.imported(binding) if binding.target is not None else UNKNOWN
            case How.DEFINED:
                scope = binding.scope
                return frozenset({f.Class(scope) if scope.kind == "class" else f.Function(scope)})
            case How.PARAMETER if node is None:
                return UNKNOWN
            case How.ANNOTATED:
                return annotated(self, node, binding.scope) if node is not None else UNKNOWN
            case How.HELD if node is not None:
                return frozenset({f.Holding(node, binding.scope, not binding.path)})
            case How.VALUE | How.ENTERED | How.PARAMETER if node is not None:
                value = self.facts(node, binding.scope)
                if binding.how is How.ENTERED:
                    value = self.entered(value)
                path = () if binding.how is How.PARAMETER else binding.path
                for step in path:
                    value = element(self, value, step)
                return value
        return UNKNOWN

    def entered(self, manager: Facts) -> Facts:
        """What ``with manager as x`` binds: the manager itself, or what a generator made into one yields."""
        found: set[Fact] = set()
        for fact in manager:
            if isinstance(fact, f.Object):
                for entered in (
                    *member(self, fact, "__enter__", fact.scope.view),
                    *member(self, fact, "__aenter__", fact.scope.view),
                ):
                    if isinstance(entered, f.Function):
                        found |= self.join(entered.scope.returns, entered.scope)
            found.add(fact)
        return frozenset(found)

    def imported(self, binding: Binding) -> Facts:
        target, view = binding.target, binding.scope.view
        assert target is not None
        found = self.world.find(target, view.file)
        if found is None:
            if target.name is None:
                return f.outside(canonical(target.module))
            return self.attribute(f.outside(canonical(target.module)), target.name, view)
        if found.missing is not None:
            return UNKNOWN
        if target.name is None:
            return self.module(found.files[-1]) if found.module is not None else UNKNOWN
        result: Facts = NOTHING
        if found.module is not None:
            owner = self.world.view(found.module)
            if owner is None:
                return UNKNOWN
            if target.name in owner.scope.names or found.submodule is None:
                result = self.exported(owner, target.name)
        if found.submodule is not None and (not result or result == UNKNOWN):
            return self.module(found.submodule)
        return result or UNKNOWN

    def _module_getattr(self, view: View) -> Facts:
        found: set[Fact] = set(UNKNOWN)
        for binding in view.scope.names.get("__getattr__", ()):
            if binding.how is How.DEFINED:
                found |= self.join(binding.scope.returns, binding.scope)
        return frozenset(found)

    def lookup(self, name: str, scope: Scope) -> Facts:
        """What a name may refer to, by what binds it in ``scope`` or further out."""
        home = scope.view.scope
        if scope.declared.get(name) == "global" and scope is not home:
            return self.name(name, home)
        found: set[Fact] = set()
        bindings = scope.names.get(name)
        if bindings:
            for binding in bindings:
                if not binding.dead:
                    found |= self.bound(binding)
            if self.current is not None:
                scope.watch(name, self.current)
            if scope.incoming and name in scope.incoming:
                found |= _fitting(scope.incoming[name], bindings)
            if scope.kind in ("function", "lambda"):
                found |= self._receiver(name, scope, bindings)
            if found and (scope.kind not in ("module", "class") or not all(each.maybe for each in bindings)):
                return limited(found)
            if found and name not in _BUILTINS and scope.kind == "module":
                return limited(found)
        outer = scope.parent
        while outer is not None and outer.kind == "class":
            outer = outer.parent
        if outer is not None:
            return limited(found | self.name(name, outer)) if found else self.name(name, outer)
        found |= self._beyond(name, scope.view)
        return limited(found)

    def _receiver(self, name: str, function: Scope, bindings: list[Binding]) -> Facts:
        """The first parameter of a method: an instance, or the class."""
        owner = function.owner
        if owner is None or bindings[0].how is not How.PARAMETER or bindings[0].path != (0,):
            return NOTHING
        decorators = {_last(node) for node in getattr(function.node, "decorator_list", ())}
        if "staticmethod" in decorators:
            return NOTHING
        is_class = "classmethod" in decorators or function.name in ("__new__", "__init_subclass__", "__class_getitem__")
        return frozenset({f.Class(owner)}) if is_class else frozenset({f.Object(owner)}) | outside_bases(self, owner)

    def _beyond(self, name: str, view: View) -> Facts:
        """What star imports bring, then builtins."""
        for star in view.stars:
            found = self.world.find(star.imported, view.file)
            if found is None:
                if star.imported.module in _STAR_KNOWN:
                    return f.outside(canonical(f"{star.imported.module}.{name}"))
                continue
            owner = self.world.view(found.module) if found.module is not None else None
            if owner is not None and offers(owner, name):
                return self.exported(owner, name)
        if name == "__builtins__":
            return f.outside("builtins")
        return f.outside(f"builtins.{name}") if name in _BUILTINS else UNKNOWN

    def forget(self) -> None:
        """Drop what was being worked out when it was given up: it may be a part of the truth."""
        for entry in self._partial:
            entry.memo.pop(entry.key, None)
        self._partial.clear()
        self._cut = 1 << 60
        self.current = None

    def give_up(self, view: View) -> None:
        """Note that not all of a module could be followed."""
        self.forget()
        self.unfinished.add(view.file)

    def spend(self, steps: int = 1) -> None:
        """Count steps. Raises Exhausted when too many were taken, at the same one on every machine."""
        self.budget -= steps
        if self.budget < 0:
            raise Exhausted

    def settle(self) -> None:
        """From now on nothing changes any more: who uses what need not be known."""
        self.is_settled = True

    def _once(
        self,
        key: object,
        loop: Facts | None,
        compute: Callable[[Evaluator, Any, Scope], Facts],
        what: Any,
        scope: Scope,
        memo: dict[Any, Entry],
    ) -> Facts:
        self.spend()
        outer = self.current
        running = self._active.get(key)
        if running is not None:
            self._cut = min(self._cut, running[0])
            if outer is not None:
                running[1].users.append(outer)
            return loop if loop is not None else f.outside(f"builtins.{what}") if what in _BUILTINS else NOTHING
        depth, mark = len(self._active), len(self._partial)
        entry = Entry(memo, key if loop is not None else what)
        self._active[key] = depth, entry
        if not self.is_settled:
            self.current = entry
        outer_cut, self._cut = self._cut, 1 << 60
        try:
            result = compute(self, what, scope)
        finally:
            del self._active[key]
            self.current = outer
        entry.facts = result
        if outer is not None:
            entry.users.append(outer)
        memo[entry.key] = entry
        if self._cut < depth:
            self._partial.append(entry)
            self._cut = min(self._cut, outer_cut)
            return result
        self._cut = outer_cut
        if self._fuel > 0:
            self._fuel -= len(self._partial) - mark
            for partial in self._partial[mark:]:
                partial.memo.pop(partial.key, None)
        del self._partial[mark:]
        return result


def _lookup(evaluator: Evaluator, name: str, scope: Scope) -> Facts:
    return evaluator.lookup(name, scope)


def _fitting(incoming: Facts, bindings: list[Binding]) -> Facts:
    """What callers pass to a parameter, as far as its annotation leaves open what kind of thing that is."""
    if not any(binding.how is How.ANNOTATED for binding in bindings):
        return incoming
    return frozenset(fact for fact in incoming if not isinstance(fact, f.Made))


_STAR_KNOWN = frozenset(
    {"os", "time", "datetime", "random", "uuid", "secrets", "sys", "asyncio", "builtins", "os.path"}
)


def offers(view: View, name: str) -> bool:
    """Whether a star import of a module brings a name."""
    if view.has_all:
        return view.exported is None or name in view.exported
    return not name.startswith("_") and (name in view.scope.names or bool(view.stars))


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
