"""What calls pass to functions of the repository: modules, classes and functions, told to their parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from cwc.contract.closure import facts as f
from cwc.contract.closure.evaluate import Evaluator, Exhausted
from cwc.contract.closure.facts import UNORDERED, Facts
from cwc.contract.closure.outside import CLASSES
from cwc.contract.closure.parts import element
from cwc.contract.closure.scopes import Entry, How, Scope, View

_ROUNDS = 4
_ELEMENTS = 8
_DEEPEST = 2
_FORWARDING: Facts = frozenset(
    f.Outside(name) for name in ("functools.partial", "functools.partialmethod", "operator.call", "asyncio.to_thread")
)
"""What calls its first argument with the others, now or later."""
_EXPRESSIONS = (ast.Name, ast.Attribute, ast.Call, ast.Tuple, ast.List, ast.Dict, ast.Subscript, ast.IfExp, ast.Starred)


class _Call(Entry):
    """A call as a user of what is known: it is looked at again when that is not all any more."""

    __slots__ = ("node", "scope")

    def __init__(self, node: ast.Call, scope: Scope) -> None:
        super().__init__({}, None)
        self.node = node
        self.scope = scope


def tell_parameters(evaluator: Evaluator, views: Iterable[View]) -> None:
    """Pass on what is passed, until nothing new comes; then only what hangs on the news is found again."""
    calls = every = [_Call(node, scope) for view in views for node, scope in _calls(view)]
    for _ in range(_ROUNDS):
        news: list[tuple[Scope, str]] = []
        for call in calls:
            evaluator.current = call
            try:
                _tell(evaluator, call.node, call.scope, news)
            except (RecursionError, Exhausted):
                evaluator.give_up(call.scope.view)
        evaluator.current = None
        again = outdated(news)
        calls = [call for call in every if call in again]
        if not calls:
            break
    evaluator.settle()


def _calls(view: View) -> Iterator[tuple[ast.Call, Scope]]:
    """The calls that may pass something worth telling to something of the repository."""
    for node, scope in view.sites.get(ast.Call, ()):
        assert isinstance(node, ast.Call)
        passes = node.keywords or any(isinstance(each, _EXPRESSIONS) for each in node.args)
        if passes and (not isinstance(node.func, ast.Name) or _is_own(node.func.id, scope)):
            yield node, scope


def outdated(news: Iterable[tuple[Scope, str]]) -> set[Entry]:
    """Drop all that was found with the help of parameters that now are told more; gives what that was."""
    pending = [entry for scope, name in news for entry in scope.watchers.pop(name, ())]
    seen: set[Entry] = set()
    while pending:
        entry = pending.pop()
        if entry not in seen:
            seen.add(entry)
            pending += entry.users
            if entry.memo.get(entry.key) is entry:
                del entry.memo[entry.key]
    return seen


def _tell(evaluator: Evaluator, node: ast.Call, scope: Scope, news: list[tuple[Scope, str]]) -> None:
    passed: list[tuple[int | str, Facts]] | None = None
    if node.args and not _FORWARDING.isdisjoint(evaluator.facts(node.func, scope)):
        inner = ast.copy_location(ast.Call(node.args[0], node.args[1:], node.keywords), node)
        _tell(evaluator, inner, scope, news)
    for target, skip in _targets(evaluator, node, scope):
        if passed is None:
            passed = list(_passed(evaluator, node, scope))
        for place, facts in passed:
            name = place if isinstance(place, str) else _parameter(target, place + skip)
            if name is not None and _add(target, name, facts):
                news.append((target, name))


def _is_own(name: str, scope: Scope) -> bool:
    """Whether anything in the module binds a name: a builtin is no function of the repository."""
    where: Scope | None = scope
    while where is not None:
        if name in where.names:
            return True
        where = where.parent
    return bool(scope.view.stars)


def _targets(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Iterator[tuple[Scope, int]]:
    """The functions that a call may run, and how many of their parameters it fills by itself."""
    for fact in evaluator.facts(node.func, scope):
        if isinstance(fact, f.Function):
            bound = fact.scope.owner is not None and isinstance(node.func, ast.Attribute)
            static = "staticmethod" in {
                getattr(each, "id", "") for each in getattr(fact.scope.node, "decorator_list", ())
            }
            yield fact.scope, int(bound and not static)
        elif isinstance(fact, f.Class):
            inits = [each for each in fact.scope.names.get("__init__", ()) if each.how is How.DEFINED]
            yield from ((each.scope, 1) for each in inits)
            if not inits:
                yield fact.scope, 0


def _passed(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Iterator[tuple[int | str, Facts]]:
    """What stands at each place, of the kinds that are worth telling."""
    for index, argument in enumerate(node.args):
        if isinstance(argument, ast.Starred):
            told = _worth(evaluator, element(evaluator, evaluator.facts(argument.value, scope), None))
            yield from ((place, told) for place in range(index, 6)) if told else ()
            return
        if told := _worth(evaluator, evaluator.facts(argument, scope)):
            yield index, told
    for keyword in node.keywords:
        if keyword.arg is not None and (told := _worth(evaluator, evaluator.facts(keyword.value, scope))):
            yield keyword.arg, told


def _worth(evaluator: Evaluator, facts: Facts) -> Facts:
    return frozenset(fact for fact in facts if _is_worth(evaluator, fact))


def _is_worth(evaluator: Evaluator, fact: f.Fact, depth: int = 0) -> bool:
    match fact:
        case f.Outside(name):
            return "." not in name or name in CLASSES
        case f.Made(of):
            return of in UNORDERED
        case f.Inside() | f.Getter():
            return True
        case f.Fresh(_, scope):
            return scope.kind == "module"
        case f.Display(node=ast.List() | ast.Dict() | ast.Set(), scope=scope) if scope.kind == "module":
            return True
        case f.Display(node=ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Dict(values=parts), scope=scope):
            plain = [part for part in parts[:_ELEMENTS] if isinstance(part, ast.Name | ast.Attribute)]
            return depth < _DEEPEST and any(
                _is_worth(evaluator, inner, depth + 1) for part in plain for inner in evaluator.facts(part, scope)
            )
    return False


def _add(target: Scope, name: str, facts: Facts) -> bool:
    if target.kind != "class" and name not in target.names:
        return False
    arguments = getattr(target.node, "args", None)
    if isinstance(arguments, ast.arguments) and arguments.vararg is not None and arguments.vararg.arg == name:
        facts = frozenset({f.Each(facts)})
    before = target.incoming.get(name, frozenset())
    if facts <= before or len(before) > f.MOST:
        return False
    target.incoming[name] = before | facts
    return True


def _parameter(target: Scope, index: int) -> str | None:
    if target.kind == "class":
        fields = [name for name, bound in target.names.items() if any(each.how is How.ANNOTATED for each in bound)]
        return fields[index] if index < len(fields) else None
    arguments = getattr(target.node, "args", None)
    if not isinstance(arguments, ast.arguments):
        return None
    positional = [*arguments.posonlyargs, *arguments.args]
    if index < len(positional):
        return positional[index].arg
    return arguments.vararg.arg if arguments.vararg is not None else None
