"""What a tool is: a function with a name, an input model and an output model, and what it declares of its behaviour."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, NoReturn, TypedDict

from pydantic import BaseModel, ValidationError

from cwc.runtime.errors import ToolDefinitionError
from cwc.runtime.tools.draining import draining
from cwc.runtime.tools.safety import Safety, declared_safety
from cwc.runtime.tools.schema_hash import model_hash, tool_hash
from cwc.runtime.tools.signatures import Function, is_model

_SHORTHANDS = ("safe_to_retry", "idempotent", "read_only")


class ToolOptions(TypedDict, total=False):
    """The arguments of `Tool` that any tool may leave out."""

    timeout_seconds: float | None
    max_output_size: int | None
    cacheable: bool
    schema_version: str
    safety: Safety | None
    metadata: Mapping[str, Any] | None
    blocking: bool
    safe_to_retry: bool | None
    idempotent: bool | None
    read_only: bool | None


class Tool:
    """A unit of work that flows call by its name. Immutable.

    ``fn`` takes an instance of ``input_schema`` and returns what ``output_schema`` accepts, a mapping or a model; it
    may be a coroutine function, or an async generator function that gives chunks of its output (`ToolChunk`), of which
    the last is final and holds all of it. ``timeout_seconds`` is how long a call may take, ``max_output_size`` how
    many bytes of JSON it may return; None is no limit. ``cacheable`` lets a step cache keep outputs.
    ``schema_version`` is part of ``schema_hash``: change it when a field changes its meaning and not its type.
    ``safety`` declares effects; ``read_only``, ``idempotent`` and ``safe_to_retry`` are shorthands for fields of it,
    and as attributes None where nothing was declared. ``metadata`` is the author's own. ``blocking`` says that a
    synchronous ``fn`` may wait for something, so that the async lane calls it in a thread.

    ``func`` is the function as it was written; with ``unpacks``, ``fn`` calls it with the model's fields as keywords.

    Raises ToolDefinitionError for arguments that make no tool.
    """

    name: str
    description: str
    input_schema: type[BaseModel]
    output_schema: type[BaseModel]
    fn: Function
    timeout_seconds: float | None
    max_output_size: int | None
    cacheable: bool
    schema_version: str
    safety: Safety
    metadata: Mapping[str, Any]
    blocking: bool
    safe_to_retry: bool | None
    idempotent: bool | None
    read_only: bool | None
    is_async: bool
    is_streaming: bool
    func: Function
    unpacks: bool

    def __init__(
        self,
        *,
        name: str,
        description: str,
        input_schema: type[BaseModel],
        output_schema: type[BaseModel],
        fn: Function,
        timeout_seconds: float | None = None,
        max_output_size: int | None = None,
        cacheable: bool = True,
        schema_version: str = "0.0.0",
        safety: Safety | None = None,
        metadata: Mapping[str, Any] | None = None,
        blocking: bool = True,
        safe_to_retry: bool | None = None,
        idempotent: bool | None = None,
        read_only: bool | None = None,
    ) -> None:
        own = vars(self)
        own.update(name=name, description=description, input_schema=input_schema, output_schema=output_schema)
        own.update(fn=fn, func=fn, unpacks=False, is_async=is_async_callable(fn), is_streaming=False, blocking=blocking)
        own.update(timeout_seconds=timeout_seconds, max_output_size=max_output_size)
        own.update(cacheable=cacheable, schema_version=schema_version, metadata={} if metadata is None else metadata)
        own.update(safe_to_retry=safe_to_retry, idempotent=idempotent, read_only=read_only)
        _check(self)
        if inspect.isasyncgenfunction(fn):
            own.update(fn=draining(fn), is_async=True, is_streaming=True)
        own.update(metadata=MappingProxyType(dict(self.metadata)), safety=_settled(self, safety))
        own.update(cacheable=self.safety.cacheable)
        if safety is not None:
            own.update({name: getattr(self.safety, name) for name in _SHORTHANDS})

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{self!r} is immutable")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{self!r} is immutable")

    def __repr__(self) -> str:
        colour = "async tool" if self.is_async else "tool"
        return f"<{colour} {self.name!r}: {self.input_schema.__name__} -> {self.output_schema.__name__}>"

    @cached_property
    def input_schema_hash(self) -> str:
        """The fingerprint of the input model, as `model_hash` makes it."""
        return model_hash(self.input_schema)

    @cached_property
    def output_schema_hash(self) -> str:
        """The fingerprint of the output model, as `model_hash` makes it."""
        return model_hash(self.output_schema)

    @cached_property
    def schema_hash(self) -> str:
        """The fingerprint of the tool, as `tool_hash` makes it; flow files and caches know a tool's schemas by it."""
        return tool_hash(self.input_schema, self.output_schema, self.schema_version)


def is_async_callable(fn: object) -> bool:
    """Whether calling ``fn`` gives a coroutine: it is a coroutine function, or its class has one for ``__call__``."""
    return inspect.iscoroutinefunction(fn) or (callable(fn) and inspect.iscoroutinefunction(type(fn).__call__))


def _check(tool: Tool) -> None:
    """Raise ToolDefinitionError unless the arguments of a tool have the types and ranges that they should."""
    seconds, size = tool.timeout_seconds, tool.max_output_size
    holds = {
        "its name must be a string, and not an empty one": isinstance(tool.name, str) and tool.name != "",
        "its description must be a string": isinstance(tool.description, str),
        "input_schema must be a Pydantic model class": is_model(tool.input_schema),
        "output_schema must be a Pydantic model class": is_model(tool.output_schema),
        "fn must be callable": callable(tool.fn),
        "timeout_seconds must be a finite number above 0": seconds is None or _is_positive(seconds, int, float),
        "max_output_size must be a whole number of bytes above 0": size is None or _is_positive(size, int),
        "cacheable must be True or False": isinstance(tool.cacheable, bool),
        "blocking must be True or False": isinstance(tool.blocking, bool),
        f"{', '.join(_SHORTHANDS)} must be True, False or None": all(
            isinstance(getattr(tool, name), bool | None) for name in _SHORTHANDS
        ),
        "schema_version must be a string": isinstance(tool.schema_version, str),
        "metadata must be a mapping": isinstance(tool.metadata, Mapping),
    }
    for detail, is_met in holds.items():
        if not is_met:
            raise ToolDefinitionError(str(tool.name), detail)


def _is_positive(value: object, *kinds: type[int] | type[float]) -> bool:
    # To isinstance, True is a whole number.
    return isinstance(value, kinds) and not isinstance(value, bool) and 0 < value < math.inf


def _settled(tool: Tool, safety: Safety | None) -> Safety:
    shorthands = {name: getattr(tool, name) for name in _SHORTHANDS}
    try:
        return declared_safety(safety, cacheable=tool.cacheable, **shorthands)
    except ValidationError as error:
        raise ToolDefinitionError(tool.name, error.errors()[0]["msg"]) from error
    except ValueError as error:
        raise ToolDefinitionError(tool.name, str(error)) from error
