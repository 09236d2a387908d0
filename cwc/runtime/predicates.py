"""Evaluating the conditions of branches: what generated expressions call, and what their failures mean."""

from __future__ import annotations

from typing import Any, Final, NoReturn

from cwc.runtime.errors import CwcError, PredicateEvaluationError, PredicateSyntaxError
from cwc.runtime.steps import ABSENT

ELLIPSIS: Final = ...


class _Unusable(Exception):
    """A predicate asks for what is not there, or for what predicates cannot do."""


def key_of(value: Any, key: str) -> Any:
    """The value of a context key that may be missing."""
    if value is ABSENT:
        raise _Unusable(f"the context has no key {key!r}")
    return value


def item(value: Any, key: Any) -> Any:
    """A subscript."""
    try:
        return value[key]
    except (KeyError, IndexError, TypeError) as error:
        raise _Unusable(f"the subscript [{key!r}] leads nowhere: {error}") from error


def unusable(message: str) -> NoReturn:
    """A part that predicates cannot have, and that was reached."""
    raise _Unusable(message)


def complex_of(real: float, imaginary: float) -> complex:
    return complex(real, imaginary)


def predicate_error(predicate: str, error: Exception) -> CwcError:
    """The error of a predicate whose evaluation raised.

    PredicateSyntaxError for names, subscripts and parts that lead nowhere, as in ChainWeaver; PredicateEvaluationError
    for everything else, such as a comparison of values that do not compare (SEMANTICS A 9).
    """
    if isinstance(error, _Unusable):
        return PredicateSyntaxError(predicate, str(error))
    return PredicateEvaluationError(predicate, f"{type(error).__name__}: {error}")
