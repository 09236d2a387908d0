"""What callers pass to runs, held against what is taken, so that a mistake is told of before anything runs."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from cwc.runtime.argument_errors import InvalidArgumentError

if TYPE_CHECKING:
    from cwc.runtime.cancellation import CancellationToken
    from cwc.runtime.decisions.policy import DecisionCallback, DecisionPolicy
    from cwc.runtime.events.observers import Observer
    from cwc.runtime.options import Options
    from cwc.runtime.stores.checkpoints import Checkpointer
    from cwc.runtime.stores.step_cache import StepCache


def check_names(function: str, options: Iterable[str], known: Iterable[str]) -> None:
    """Raises TypeError for the first option that a function does not have, with the one that was perhaps meant."""
    names = [*known]
    for option in options:
        if option not in names:
            from difflib import get_close_matches

            close = get_close_matches(option, names, n=1)
            meant = f"; did you mean {close[0]!r}?" if close else f"; its options are {', '.join(names)}"
            raise TypeError(f"{function}() takes no option {option!r}{meant}")


def as_mapping(initial_input: Mapping[str, Any] | BaseModel) -> dict[str, Any]:
    """The input of a run as a new dict. Raises InvalidArgumentError for what is neither a mapping nor a model."""
    if isinstance(initial_input, BaseModel):
        return initial_input.model_dump()
    if not _is_mapping(initial_input):
        raise InvalidArgumentError("initial_input", "a mapping or an instance of a model", _told(initial_input))
    return dict(initial_input)


def check_params(dynamic_params: object) -> None:
    """Raises InvalidArgumentError."""
    _check("dynamic_params", dynamic_params, _is_mapping, "a mapping")


def check_services(
    trace_id: str | None,
    deadline: float | None,
    cancel_token: CancellationToken | None,
    cache: StepCache | None,
    observers: Sequence[Observer],
) -> None:
    """Raises InvalidArgumentError for the first that is not what it should be; None is always taken."""
    if trace_id is not None:
        _check("trace_id", trace_id, _is_text, "a string")
    if deadline is not None:
        _check("deadline", deadline, _is_number, "a number of seconds as time.time() counts them")
    if cancel_token is not None:
        _check("cancel_token", cancel_token, _is_token, "a CancellationToken()")
    if cache is not None:
        _check("cache", cache, _is_cache, "a step cache, as InMemoryStepCache() or SqliteStepCache(path)")
    _check("observers", observers, _is_list, "a list of observers")


def check_options(options: Options) -> None:
    """As `check_services`, of the options of a run that others are about to be put beside."""
    token, cache = options.get("cancel_token"), options.get("cache")
    check_services(options.get("trace_id"), options.get("deadline"), token, cache, options.get("observers", ()))


def as_checkpointer(checkpointer: Checkpointer) -> Checkpointer:
    """What was given, if it is a checkpointer. Raises InvalidArgumentError."""
    if not _has("begin", "load", "take_over", "record", "finish")(checkpointer):
        wanted = "a checkpointer, as InMemoryCheckpointer() or SqliteCheckpointer(path)"
        raise InvalidArgumentError("checkpointer", wanted, _told(checkpointer))
    return checkpointer


def check_decisions(callback: DecisionCallback | None, policy: DecisionPolicy | None) -> None:
    """Raises InvalidArgumentError."""
    if callback is not None:
        from cwc.runtime.tools.definition import is_async_callable

        if not callable(callback):
            _check("decision_callback", callback, _has("decide"), "a function, or an object with a method decide")
        _check(
            "decision_callback", getattr(callback, "decide", callback), lambda ask: not is_async_callable(ask), _SYNC
        )
    if policy is not None:
        from cwc.runtime.decisions.policy import DecisionPolicy

        _check("decision_policy", policy, lambda value: isinstance(value, DecisionPolicy), "a DecisionPolicy(…)")


def check_limit(max_step_concurrency: int | None) -> None:
    """Raises InvalidArgumentError, and ValueError for a number less than 1."""
    _check("max_step_concurrency", max_step_concurrency, lambda value: isinstance(value, int), "a whole number")
    if max_step_concurrency is not None and max_step_concurrency < 1:
        raise ValueError(f"max_step_concurrency must be at least 1, and is {max_step_concurrency}")


def check_replacements(tools: Mapping[str, Callable[..., Any]]) -> None:
    """Raises InvalidArgumentError."""
    _check("tools", tools, _is_mapping, "a mapping from names of tools to callables")
    for name, function in tools.items():
        _check(f"tools[{name!r}]", function, callable, "a callable")


def _check(argument: str, value: object, is_fine: Callable[[Any], bool], wanted: str) -> None:
    if value is not None and not is_fine(value):
        raise InvalidArgumentError(argument, wanted, _told(value))


def _told(value: object) -> str:
    """What a value is, and how it looks."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return "None" if value is None else f"{reprlib.repr(value)}, of the type {type(value).__name__}"


def _has(*names: str) -> Callable[[Any], bool]:
    """Whether something is an object, not a class, with these attributes."""
    return lambda value: not isinstance(value, type) and all(hasattr(value, name) for name in names)


_SYNC = "a plain function (no lane awaits its answer: write def for async def, and ask a model by a blocking client)"
_is_mapping = _has("keys", "__getitem__")
_is_token = _has("is_cancelled")
_is_cache = _has("get", "set")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    # NaN, which no time is after, would be a deadline that never comes.
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)
