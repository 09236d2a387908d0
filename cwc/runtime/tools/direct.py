"""Calling a tool's own function with inputs that validation would not change."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, Literal
from weakref import WeakKeyDictionary

from cwc.runtime.fast import stands_for
from cwc.runtime.tools.making import FunctionTool, as_tool
from cwc.runtime.tools.twins import Node, plain_fields

_PLAIN = frozenset({type(None), bool, int, float, str, bytes})
"""Types of defaults."""


@stands_for("validating inputs, and unpacking the model that they make")
def direct_call(handle: object, types: Mapping[str, str]) -> Callable[..., Any] | None:
    """The function of a tool, to be called with inputs that are of exactly these types, in their order; or None.

    ``types`` are the names of built-in classes, by input. The function is called as the tool's ``fn`` calls it once it
    has validated the same inputs: their model is shown to be plain, the fields that are passed to have no more to them
    than their type, and the others to have the defaults of the function's own parameters.
    """
    tool = as_tool(handle)
    if not isinstance(tool, FunctionTool) or not tool.unpacks:
        return None
    key = tool.input_schema.__pydantic_validator__, tuple(types.items())
    known = _KNOWN.setdefault(tool, {})
    if key not in known:
        known[key] = _way(tool, types)
    way = known[key]
    return tool.func if way == "in order" else _by_name(tool.func, tuple(types)) if way == "by name" else None


Way = Literal["in order", "by name"]
"""How a function is given inputs that stand in a certain order."""

_KNOWN: WeakKeyDictionary[FunctionTool[..., Any], dict[object, Way | None]] = WeakKeyDictionary()
"""What was found of tools before, by the validator that Pydantic had made of the model, until somebody rebuilds it."""


def _way(tool: FunctionTool[..., Any], types: Mapping[str, str]) -> Way | None:
    if not _is_direct(tool, types):
        return None
    return "in order" if _takes_in_order(tool.func, [*types]) else "by name"


def _is_direct(tool: FunctionTool[..., Any], types: Mapping[str, str]) -> bool:
    fields = plain_fields(tool.input_schema)
    if fields is None or not types.keys() <= fields.keys():
        return False
    parameters = inspect.signature(tool.func).parameters
    if _shows_its_call(tool.func) and [*types] != [name for name in parameters if name in fields]:
        return False
    for name, node in fields.items():
        if name not in parameters:
            return False
        if not (_is_bare(node, types[name]) if name in types else _has_default(node, parameters[name].default)):
            return False
    return True


def _shows_its_call(func: Callable[..., Any]) -> bool:
    """Whether a function may tell which arguments were passed, and in which order: one around another can."""
    return hasattr(func, "__wrapped__") or hasattr(func, "__signature__")


def _takes_in_order(function: Callable[..., Any], names: list[str]) -> bool:
    """Whether these are the first parameters of a function itself, whatever it wraps or says that it takes."""
    if not isinstance(function, FunctionType) or hasattr(function, "__signature__"):
        return False
    parameters = inspect.signature(function, follow_wrapped=False).parameters.values()
    return [each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD][: len(names)] == names


def _by_name(function: Callable[..., Any], names: tuple[str, ...]) -> Callable[..., Any]:
    def call(*values: Any) -> Any:
        return function(**dict(zip(names, values, strict=True)))

    return call


def _is_bare(node: Node, name: str) -> bool:
    """Whether a field says nothing but that its value is of a type."""
    inner = node["schema"] if node["type"] == "default" else node
    return inner["type"] == name and inner.keys() <= {"type", "strict", "metadata"}


def _has_default(node: Node, default: object) -> bool:
    """Whether a field has this very object for its default, which nobody validates or copies."""
    return (
        node["type"] == "default"
        and "default" in node
        and node["default"] is default
        and type(default) in _PLAIN
        and not node.get("validate_default")
    )
