"""Reading a function as a tool: the models of its input and output, and how it is called with an input model."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType, SimpleNamespace
from typing import Annotated, Any, NotRequired, Required, TypeGuard, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model
from pydantic.errors import PydanticUserError

from cwc.runtime.errors import ToolDefinitionError

Function = Callable[..., object]
Model = type[BaseModel]
Parameters = tuple[inspect.Parameter, ...]
Hints = Mapping[str, object]
Fields = dict[str, Any]

# A parameter may be called model_name, say, without a warning.
_CONFIG = ConfigDict(protected_namespaces=())


@dataclass(frozen=True, slots=True)
class Signature:
    """A function as a tool.

    ``call`` takes an instance of ``input_schema``. With ``unpacks`` it gives the function the instance's fields as
    keyword arguments, otherwise the instance itself.
    """

    input_schema: Model
    output_schema: Model
    call: Function
    unpacks: bool


def read_signature(
    func: Function,
    name: str,
    *,
    input_schema: Model | None = None,
    output_schema: Model | None = None,
) -> Signature:
    """Read the annotations of a function that is to be the tool ``name``.

    A sole parameter annotated with a model takes the input model; other parameters are the fields of a model that is
    made for them. The output is a model, or a TypedDict without optional keys. Schemas that are given win over the
    annotations. Annotations may be strings; those of a function in a function may name what is local to the outer one
    while that runs. Raises ToolDefinitionError.
    """
    for schema in (input_schema, output_schema):
        if schema is not None and not is_model(schema):
            raise refusal(func, f"{schema!r} is not a Pydantic model class")
    parameters = _parameters(func)
    names = _names_around(inspect.unwrap(func))
    hints = _hints(func, names, without_return=output_schema is not None)
    gives = output_schema or _output_model(func, f"{name}_output", hints, names)
    takes = _instance_model(parameters, hints, input_schema)
    if takes is not None:
        return Signature(takes, gives, _instance_call(func, parameters[0]), unpacks=False)
    takes = input_schema or _made_model(func, f"{name}_input", _input_fields(func, parameters, hints))
    return Signature(takes, gives, _unpacking_call(func, parameters, takes), unpacks=True)


def is_model(value: object) -> TypeGuard[Model]:
    """Whether a value is a class of Pydantic models."""
    return isinstance(value, type) and issubclass(value, BaseModel)


def refusal(func: Function, detail: str) -> ToolDefinitionError:
    """Why a function cannot be a tool; names the function and, where it has Python code, its file and line."""
    code = getattr(inspect.unwrap(func), "__code__", None)
    location = f"{code.co_filename}:{code.co_firstlineno}" if code else None
    return ToolDefinitionError(getattr(func, "__name__", repr(func)), detail, location=location)


def _parameters(func: Function) -> Parameters:
    if not (inspect.isfunction(inspect.unwrap(func)) or inspect.ismethod(func)):
        raise refusal(func, "it is not a Python function; make it one with Tool(...)")
    if inspect.isgeneratorfunction(func):
        raise refusal(func, "it is a generator, and a tool returns its output at once; to stream it must be async")
    parameters = tuple(inspect.signature(func).parameters.values())
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise refusal(func, f"parameter '{parameter.name}' takes any number of arguments; name each of them")
    return parameters


def _hints(func: Function, names: Mapping[str, object], *, without_return: bool) -> Hints:
    """The annotations as types. A return annotation that nobody needs may name what does not exist at run time."""
    written = inspect.unwrap(func)
    try:
        annotations = dict(inspect.get_annotations(written))
        if without_return:
            annotations.pop("return", None)
        stand_in = SimpleNamespace(__annotations__=annotations)
        return get_type_hints(stand_in, getattr(written, "__globals__", {}), dict(names), include_extras=True)
    except Exception as error:
        raise refusal(func, f"its annotations cannot be resolved, {error}") from error


def _names_around(func: Function) -> dict[str, object]:
    """The names local to the functions and classes around ``func``: of its closure, and of those that are running."""
    scopes = _enclosing_scopes(func.__qualname__)
    names: dict[str, object] = {}
    # cwc: allow DET304 -- annotations may name what is local to the place where the decorator is used
    frame: FrameType | None = sys._getframe() if scopes else None
    while frame is not None:
        if frame.f_code.co_qualname in scopes and frame.f_code.co_filename == func.__code__.co_filename:
            names = {**frame.f_locals, **names}
        frame = frame.f_back
    for name, cell in zip(func.__code__.co_freevars, getattr(func, "__closure__", None) or (), strict=True):
        # A cell is empty until its name is assigned, as that of the function being defined.
        with suppress(ValueError):
            names[name] = cell.cell_contents
    return names


def _enclosing_scopes(qualname: str) -> frozenset[str]:
    """The qualified names of what encloses a function: ``a`` and ``a.<locals>.B`` for ``a.<locals>.B.method``."""
    parts = qualname.split(".")
    prefixes = (".".join(parts[:end]) for end in range(1, len(parts)))
    return frozenset(prefix for prefix in prefixes if not prefix.endswith("<locals>"))


def _instance_model(parameters: Parameters, hints: Hints, given: Model | None) -> Model | None:
    """The input model, if the function has one parameter and that takes the model itself."""
    if len(parameters) != 1:
        return None
    name = parameters[0].name
    annotated = _bare(hints.get(name))
    if is_model(annotated):
        return given or annotated
    is_untold = name not in hints and given is not None and name not in given.model_fields
    return given if is_untold else None


def _instance_call(func: Function, parameter: inspect.Parameter) -> Function:
    if parameter.kind is not parameter.KEYWORD_ONLY:
        return func
    return _calling(func, lambda inputs: {parameter.name: inputs})


def _unpacking_call(func: Function, parameters: Parameters, takes: Model) -> Function:
    """A call with the model's fields as keyword arguments. A parameter with a default need not be a field."""
    for parameter in parameters:
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise refusal(func, f"parameter '{parameter.name}' cannot be passed by name, remove the '/'")
        if parameter.name not in takes.model_fields and parameter.default is parameter.empty:
            raise refusal(func, f"parameter '{parameter.name}' is not a field of {takes.__name__}")
    names = tuple(parameter.name for parameter in parameters if parameter.name in takes.model_fields)
    return _calling(func, lambda inputs: {name: getattr(inputs, name) for name in names})


def _calling(func: Function, arguments: Callable[[BaseModel], dict[str, object]]) -> Function:
    """A function of the input model that calls ``func`` with keyword arguments, and is of the same kind."""
    if inspect.isasyncgenfunction(func):

        async def stream(inputs: BaseModel) -> AsyncIterator[object]:
            async with contextlib.aclosing(func(**arguments(inputs))) as chunks:
                async for chunk in chunks:
                    yield chunk

        return stream
    if inspect.iscoroutinefunction(func):

        async def call_async(inputs: BaseModel) -> object:
            return await func(**arguments(inputs))

        return call_async

    def call(inputs: BaseModel) -> object:
        return func(**arguments(inputs))

    return call


def _input_fields(func: Function, parameters: Parameters, hints: Hints) -> Fields:
    for parameter in parameters:
        if parameter.name not in hints:
            raise refusal(func, f"parameter '{parameter.name}' has no type annotation")
        if parameter.name.startswith("_"):
            raise refusal(func, f"parameter '{parameter.name}' cannot be a field of a model, remove the underscore")
    return {
        parameter.name: (hints[parameter.name], ... if parameter.default is parameter.empty else parameter.default)
        for parameter in parameters
    }


def _output_model(func: Function, name: str, hints: Hints, names: Mapping[str, object]) -> Model:
    if "return" not in hints:
        raise refusal(func, "it has no return annotation; annotate it with a model, or pass output_schema=")
    returned = _bare(hints["return"])
    if is_model(returned):
        return returned
    if isinstance(returned, type) and issubclass(returned, dict) and hasattr(returned, "__optional_keys__"):
        return _made_model(func, name, _output_fields(func, returned, names))
    given = inspect.formatannotation(returned)
    raise refusal(func, f"it returns {given}, neither a model nor a TypedDict; change it, or pass output_schema=")


def _output_fields(func: Function, typed_dict: type[dict[str, object]], names: Mapping[str, object]) -> Fields:
    fields: Fields = {}
    optional_keys: frozenset[str] = getattr(typed_dict, "__optional_keys__", frozenset())
    for key, hint in get_type_hints(typed_dict, localns=dict(names), include_extras=True).items():
        qualifier = get_origin(hint)
        if qualifier is NotRequired or (qualifier is not Required and key in optional_keys):
            raise refusal(func, f"key '{key}' of {typed_dict.__name__} may be missing; return a model with a default")
        fields[key] = (get_args(hint)[0] if qualifier is Required else hint, ...)
    return fields


def _made_model(func: Function, name: str, fields: Fields) -> Model:
    try:
        return create_model(name, __config__=_CONFIG, __module__=func.__module__, **fields)
    except (PydanticUserError, NameError, TypeError, ValueError) as error:
        reason = str(error).partition("\n")[0].partition(". ")[0].rstrip(".")
        raise refusal(func, f"no model can be made of its types, {reason}") from error


def _bare(hint: object) -> object:
    """A type without the metadata of Annotated."""
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint
