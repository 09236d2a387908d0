"""Tools as generated modules call them: what validates their inputs, their function, what validates their outputs."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_origin
from weakref import WeakKeyDictionary

from pydantic import BaseModel, ValidationError

from cwc.runtime.errors import ToolOutputSizeError
from cwc.runtime.fast import stands_for
from cwc.runtime.steps import Outputs
from cwc.runtime.tools.making import Tool, as_tool
from cwc.runtime.tools.twins import is_own, outermost, twin_of

Take = Callable[[Mapping[str, Any]], Any]
Give = Callable[[Any], Outputs]
Refusals = tuple[type[Exception], ...]


def bind_tool(handle: object) -> tuple[Take, Callable[..., Any], Give, Give, Refusals]:
    """A tool's input validator, its function, and its output validator, which gives the dumped mapping; after them what
    outputs are given to first, and what that raises for those which it leaves to the output validator.

    Raises TypeError if ``handle`` is no tool: the module it was imported from has changed since the build.
    """
    tool = as_tool(handle)
    if tool is None:
        raise TypeError(f"{handle!r} is not a tool any more; run `cwc build`")
    takes, gives = tool.input_schema, tool.output_schema
    bound = _BOUND.get(tool)
    # What Pydantic made of the models stays theirs until somebody rebuilds them.
    if bound is None or bound[0] is not takes.__pydantic_validator__ or bound[1] is not gives.__pydantic_serializer__:
        returns = returned_by(tool)
        give = giver(gives, returns)
        at_once, refusals = first_tried(gives, returns) or (give, ())
        models = takes.__pydantic_validator__, gives.__pydantic_serializer__
        bound = _BOUND[tool] = *models, taker(takes), give, at_once, refusals
    _, _, take, give, at_once, refusals = bound
    return take, tool.fn, give, at_once, refusals


_BOUND: WeakKeyDictionary[Tool, tuple[object, object, Take, Give, Give, Refusals]] = WeakKeyDictionary()
"""What validates for a tool, shared by all modules that call it, and what of its models it was made with."""


Returns = Literal["mapping", "model", "unknown"]


def returned_by(tool: Tool) -> Returns:
    """What a tool's function says that it returns. It decides which way is tried first, and nothing else."""
    hint = getattr(inspect.unwrap(tool.func), "__annotations__", {}).get("return")
    if isinstance(hint, str):
        if hint.rpartition(".")[2] == tool.output_schema.__name__:
            return "model"
        return "mapping" if hint.startswith(("dict[", "Dict[", "Mapping[")) or hint == "dict" else "unknown"
    kind = get_origin(hint) or hint
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "model"
    return "mapping" if isinstance(kind, type) and issubclass(kind, Mapping) else "unknown"


def taker(model: type[BaseModel]) -> Take:
    """What validates inputs into ``model``, as ``model_validate`` does."""
    if not model.__pydantic_complete__:
        model.model_rebuild()
    if is_own(model, "model_validate"):
        return model.__pydantic_validator__.validate_python
    return model.model_validate


def giver(model: type[BaseModel], returns: Returns = "unknown") -> Give:
    """What validates a tool's raw output and dumps it, as ``model_validate`` and ``model_dump`` do.

    ``returns`` is what the raw output is expected to be.
    """
    validate = taker(model)
    if not _gives_instances(model):
        validate = _instances(model, validate)
    if not is_own(model, "model_dump"):
        return lambda raw: _mapping(model, validate(raw).model_dump())
    dump: Callable[[Any], Outputs] = model.__pydantic_serializer__.to_python
    twin = twin_of(model)
    if twin is None and _decides_its_dump(model):
        return lambda raw: _mapping(model, dump(validate(raw)))
    if twin is None or returns == "model":
        return lambda raw: dump(validate(raw))

    # Python reaches defaults sooner than variables of the function around.
    def give(raw: Any, at_once: Give = twin) -> Outputs:
        if type(raw) is dict:
            try:
                return at_once(raw)
            except ValidationError:
                # The twin refuses more than the model does, and in other words.
                pass
        return dump(validate(raw))

    return give


@stands_for("model_validate and model_dump")
def first_tried(model: type[BaseModel], returns: Returns) -> tuple[Give, Refusals] | None:
    """What does as `giver` does with most of what a tool returns, and what it raises for the rest, having run nothing
    of a model's own; None where there is nothing to try before `giver`.
    """
    if returns != "mapping" or not is_own(model, "model_dump"):
        return None
    twin = twin_of(model)
    return None if twin is None else (twin, (ValidationError,))


def _gives_instances(model: type[BaseModel]) -> bool:
    """Whether nothing around a model may make something else of it once it is validated."""
    return is_own(model, "model_validate") and outermost(model)["type"] == "model"


def _instances(model: type[BaseModel], validate: Take) -> Take:
    """What validates as ``validate`` does, and gives nothing but instances of ``model``.

    Raises TypeError for anything else, such as the None of a validator that forgot what to return.
    """

    def checked(raw: Mapping[str, Any]) -> Any:
        validated = validate(raw)
        if not isinstance(validated, model):
            made = type(validated).__name__
            raise TypeError(f"the validators of '{model.__name__}' give a {made}, which is no instance of it")
        return validated

    return checked


def _decides_its_dump(model: type[BaseModel]) -> bool:
    """Whether a model may be dumped to something else than a mapping."""
    return model.__pydantic_root_model__ or bool(model.__pydantic_decorators__.model_serializers)


def _mapping(model: type[BaseModel], dumped: Any) -> Outputs:
    if not isinstance(dumped, dict):
        raise TypeError(f"'{model.__name__}' is dumped to a {type(dumped).__name__}, and outputs are a dict")
    if not all(isinstance(key, str) for key in dumped):
        raise TypeError(f"'{model.__name__}' is dumped to a dict with keys that are no strings")
    return dumped


def sized(tool_name: str, limit: int, raw: Any) -> Any:
    """A tool's raw output, if its JSON is at most ``limit`` bytes of UTF-8. Raises ToolOutputSizeError."""
    size = len(json.dumps(raw, default=str).encode())
    if size > limit:
        raise ToolOutputSizeError(tool_name, size, limit)
    return raw
