"""The boundary to tools: of a tool module only tool handles and schema classes may be imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwc.contract.closure import facts as f
from cwc.contract.closure.evaluate import Evaluator
from cwc.contract.closure.scopes import Binding, How, ImportSite, Scope, View

_MAKERS = frozenset({"tool", "Tool"})
_SCHEMAS = frozenset({"BaseModel", "RootModel", "TypedDict", "NamedTuple", "Enum", "IntEnum", "StrEnum", "Exception"})


def crossings(evaluator: Evaluator, view: View, site: ImportSite, tool_module: View) -> Iterator[tuple[ast.AST, str]]:
    """Where a module takes something of a tool module that is neither a tool nor a schema, and its name."""
    name = site.imported.name
    if name == "*":
        names = tool_module.exported or [each for each in tool_module.scope.names if not each.startswith("_")]
        yield from ((site.node, each) for each in names if not is_handle(evaluator, tool_module, each))
    elif name is not None and name in tool_module.scope.names:
        if not is_handle(evaluator, tool_module, name):
            yield site.node, name
    else:
        for node, scope in view.sites.get(ast.Attribute, ()):
            assert isinstance(node, ast.Attribute)
            is_of_it = f.Inside(tool_module) in evaluator.facts(node.value, scope)
            if is_of_it and not is_handle(evaluator, tool_module, node.attr):
                yield node, node.attr


def is_handle(evaluator: Evaluator, module: View, name: str) -> bool:
    """Whether a name of a tool module is bound only to tools,
    schema classes or what it imports of other tool modules."""
    bindings = [each for each in module.scope.names.get(name, ()) if not each.dead and each.how is not How.ANNOTATED]
    return bool(bindings) and all(_is_handle(evaluator, module, each) for each in bindings)


def _is_handle(evaluator: Evaluator, module: View, binding: Binding) -> bool:
    node = binding.scope.node
    if binding.how is How.DEFINED and isinstance(node, ast.ClassDef):
        return _is_schema(evaluator, binding.scope, set())
    if binding.how is How.DEFINED and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return any(_makes_tool(each) for each in node.decorator_list)
    if binding.how is How.VALUE and binding.node is not None and not binding.path:
        return _is_made(evaluator, module, binding.node)
    if binding.how is How.IMPORT:
        return any(
            isinstance(fact, f.Class) and _is_schema(evaluator, fact.scope, set()) for fact in evaluator.bound(binding)
        )
    return False


def _is_made(evaluator: Evaluator, module: View, node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Call() as maker):
            return _makes_tool(maker)
        case ast.Call():
            return _makes_tool(node.func)
        case ast.Name(id=name):
            return name in module.scope.names and is_handle(evaluator, module, name)
    return False


def _makes_tool(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        node = node.func
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name in _MAKERS


def _is_schema(evaluator: Evaluator, scope: Scope, seen: set[Scope]) -> bool:
    """A class of data: a Pydantic model, a typed dict, an enumeration, a dataclass, an exception."""
    node = scope.node
    if not isinstance(node, ast.ClassDef) or scope.parent is None or scope in seen:
        return False
    seen.add(scope)
    if any("dataclass" in ast.dump(each) for each in node.decorator_list):
        return True
    for base in node.bases:
        root = base.value if isinstance(base, ast.Subscript) else base
        for fact in evaluator.facts(root, scope.parent):
            if isinstance(fact, f.Outside) and (
                fact.name.rpartition(".")[2] in _SCHEMAS or fact.name.endswith("Error")
            ):
                return True
            if isinstance(fact, f.Class) and _is_schema(evaluator, fact.scope, seen):
                return True
    return False
