"""Making tools: of a function, by a decorator, and of the tool objects of other libraries."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Generic, ParamSpec, TypeVar, Unpack, overload

from pydantic import BaseModel

from cwc.runtime.arguments import check_names
from cwc.runtime.errors import ToolDefinitionError
from cwc.runtime.tools.definition import Tool, ToolOptions, is_async_callable
from cwc.runtime.tools.signatures import is_model, read_signature, refusal

__all__ = ["FunctionTool", "Tool", "ToolOptions", "as_tool", "tool"]

_NAMED = ("name", "description", "input_schema", "output_schema")

P = ParamSpec("P")
R = TypeVar("R")


class FunctionTool(Tool, Generic[P, R]):
    """A tool made of a function, by `tool`. Calling it calls the function as it was written: nothing is validated."""

    func: Callable[P, R]

    def __init__(
        self,
        func: Callable[P, R],
        *,
        name: str | None = None,
        description: str | None = None,
        input_schema: type[BaseModel] | None = None,
        output_schema: type[BaseModel] | None = None,
        **options: Unpack[ToolOptions],
    ) -> None:
        check_names("tool", options, (*ToolOptions.__annotations__, *_NAMED))
        title = getattr(func, "__name__", "") if name is None else name
        try:
            signature = read_signature(func, title, input_schema=input_schema, output_schema=output_schema)
            super().__init__(
                name=title,
                description=(inspect.getdoc(func) or "") if description is None else description,
                input_schema=signature.input_schema,
                output_schema=signature.output_schema,
                fn=signature.call,
                **options,
            )
        except ToolDefinitionError as error:
            raise refusal(func, error.detail) from error.__cause__
        vars(self).update(func=func, unpacks=signature.unpacks and not self.is_streaming)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.func(*args, **kwargs)


@overload
def tool(func: Callable[P, R], /) -> FunctionTool[P, R]: ...


@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    input_schema: type[BaseModel] | None = None,
    output_schema: type[BaseModel] | None = None,
    **options: Unpack[ToolOptions],
) -> Callable[[Callable[P, R]], FunctionTool[P, R]]: ...


def tool(
    func: Callable[P, R] | None = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    input_schema: type[BaseModel] | None = None,
    output_schema: type[BaseModel] | None = None,
    **options: Unpack[ToolOptions],
) -> FunctionTool[P, R] | Callable[[Callable[P, R]], FunctionTool[P, R]]:
    """Make a tool of a function, sync or async: ``@tool`` or ``@tool(description="…", …)``.

    A sole parameter annotated with a model takes the tool's input model. Otherwise each parameter, with its type and
    default, is a field of an input model that is made for the function. The return annotation is the output model, or
    a TypedDict without optional keys. ``input_schema`` and ``output_schema`` win over annotations. The name is the
    function's and the description its docstring unless given; ``options`` are the further arguments of `Tool`.

    Raises ToolDefinitionError, naming the function and where it stands.
    """

    def decorate(function: Callable[P, R]) -> FunctionTool[P, R]:
        return FunctionTool(
            function,
            name=name,
            description=description,
            input_schema=input_schema,
            output_schema=output_schema,
            **options,
        )

    return decorate if func is None else decorate(func)


def as_tool(obj: object) -> Tool | None:
    """Any object with the attributes of a tool, ChainWeaver's for one, as a `Tool`; None for anything else.

    A `Tool` comes back as it is. Raises ToolDefinitionError for an object that has the attributes and makes no tool.
    """
    if isinstance(obj, Tool):
        return obj
    if not _looks_like_a_tool(obj):
        return None
    given = {name: getattr(obj, name) for name in (*_NEEDED, *ToolOptions.__annotations__) if hasattr(obj, name)}
    if callable(getattr(obj, "stream_fn", None)):
        given["fn"] = _streaming(obj.stream_fn)  # type: ignore[attr-defined]
    elif getattr(obj, "is_async", None) is True and not is_async_callable(given["fn"]):
        given["fn"] = _awaiting(given["fn"])
    if getattr(obj, "safety_declared", True) is False:
        # Its safety is a default that its author has not chosen.
        given["safety"] = None
    return Tool(**given)


_NEEDED = ("name", "description", "input_schema", "output_schema", "fn")


def _looks_like_a_tool(obj: object) -> bool:
    """Whether an object, of a class that nobody vouches for, has what a tool must have."""
    if isinstance(obj, type):
        return False
    try:
        name, description, takes, gives, fn = (getattr(obj, attribute) for attribute in _NEEDED)
    except Exception:
        return False
    return (
        isinstance(name, str) and isinstance(description, str) and is_model(takes) and is_model(gives) and callable(fn)
    )


def _streaming(fn: Callable[[BaseModel], AsyncIterator[object]]) -> Callable[[BaseModel], AsyncIterator[object]]:
    """An async generator function for a callable that gives an async iterator."""

    async def stream(inputs: BaseModel) -> AsyncIterator[object]:
        async for chunk in fn(inputs):
            yield chunk

    return stream


def _awaiting(fn: Callable[[BaseModel], Awaitable[object]]) -> Callable[[BaseModel], Awaitable[object]]:
    """A coroutine function for a callable that only its tool knows to be awaited."""

    async def call(inputs: BaseModel) -> object:
        return await fn(inputs)

    return call
