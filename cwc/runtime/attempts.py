"""Trying a call again, and what a step does when trying did not help.

Generated step functions hold the loop, so that both lanes share this module: it decides, they call and wait.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ValidationError

from cwc.runtime.asked import attempts
from cwc.runtime.classify import call_error, is_one_of
from cwc.runtime.errors import CwcError, SchemaValidationError, error_code_of
from cwc.runtime.raised import StepFailed
from cwc.runtime.steps import Outputs, Told
from cwc.runtime.tools.binding import taker


class Policy:
    """How a step takes the failure of its call.

    ``attempts`` is the number of calls in all; waits are in seconds; only failures of the classes ``errors`` are tried
    again. ``seed`` decides the jitter, so that equal runs wait equally long; None: no jitter.
    """

    __slots__ = ("attempts", "backoff", "errors", "index", "multiplier", "seed", "tool_name")

    def __init__(
        self,
        index: int,
        tool_name: str,
        attempts: int = 1,
        backoff: float = 0.0,
        multiplier: float = 1.0,
        seed: str | None = None,
        errors: tuple[type[BaseException], ...] = (Exception,),
    ) -> None:
        self.index, self.tool_name, self.attempts, self.errors = index, tool_name, attempts, errors
        self.backoff, self.multiplier, self.seed = backoff, multiplier, seed

    def of(self, tool_name: str) -> Policy:
        """This policy, for calls of another tool."""
        return Policy(self.index, tool_name, self.attempts, self.backoff, self.multiplier, self.seed, self.errors)

    def wait(self, attempt: int) -> float:
        """Seconds to wait after the ``attempt``-th call, counted from 1: exponential, times U[0.5, 1.5) with jitter."""
        seconds = self.backoff * self.multiplier ** (attempt - 1)
        if self.seed is None:
            return seconds
        digest = hashlib.sha256(f"{self.seed}:{self.index}:{attempt}".encode(errors="surrogatepass")).digest()
        return seconds * (0.5 + int.from_bytes(digest[:8]) / 2**64)


class Trial:
    """The failed calls of one step: their texts, the last error, and whether another call is to be made."""

    __slots__ = ("error", "last", "over", "texts", "wait")

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.over = False
        self.wait = 0.0
        self.last: Exception | None = None
        self.error: CwcError | None = None

    def facts(self) -> dict[str, Any]:
        return {"retry_count": len(self.texts) - 1, "retry_errors": list(self.texts)}


def failed(policy: Policy, trial: Trial | None, error: Exception, attempt: int) -> Trial:
    """Note a failed call, and decide whether there is to be another (``wait`` seconds later) or trying is ``over``."""
    if trial is None:
        trial = Trial()
    trial.texts.append(str(error))
    if attempt < policy.attempts and is_one_of(error, policy.errors):
        trial.wait = policy.wait(attempt)
        attempts(attempt + 1)
    else:
        trial.over = True
        trial.last, trial.error = error, call_error(error, policy.tool_name, policy.index)
    return trial


def exhausted(trial: Trial | None) -> StepFailed:
    """What to raise when trying is over and the flow fails with it."""
    assert trial is not None
    assert trial.error is not None
    raised = StepFailed(trial.error, trial.facts())
    raised.__cause__ = trial.last
    return raised


def passed(trial: Trial, outputs: Outputs) -> Outputs:
    """Outputs that came after failed calls."""
    return Told(outputs, retry_count=len(trial.texts), retry_errors=list(trial.texts))


def skipped(trial: Trial | None) -> Outputs:
    """The outputs of a step that is passed over: none, with its error on record."""
    assert trial is not None
    assert trial.error is not None
    return Told({}, skipped=True, **_error_facts(trial.error), **trial.facts())


def fell_back(trial: Trial | None, tool_name: str, outputs: Outputs) -> Outputs:
    """The outputs of a step's fallback."""
    return Told(outputs, **_fallback_facts(trial, tool_name))


def fallback_failed(policy: Policy, trial: Trial | None, tool_name: str, error: Exception) -> StepFailed:
    """What to raise when the fallback failed too: its own error, and the attempts of the first tool."""
    return StepFailed(call_error(error, tool_name, policy.index), _fallback_facts(trial, tool_name))


def _fallback_facts(trial: Trial | None, tool_name: str) -> dict[str, Any]:
    assert trial is not None
    facts = {**trial.facts(), "fallback_used": True, "fallback_tool_name": tool_name}
    # What became of the first tool would be lost otherwise: the record's error is the fallback's, or none.
    facts["retry_errors"] = [*trial.texts, str(trial.error)]
    return facts


def contract(role: str, index: int, tool_name: str, model: type[BaseModel]) -> Callable[[Outputs], Outputs]:
    """A check of a step's resolved inputs or validated outputs, which come back as they are.

    Raises StepFailed with SchemaValidationError.
    """
    validate = taker(model)

    def check(data: Outputs) -> Outputs:
        try:
            validate(dict(data))
        except ValidationError as error:
            facts = getattr(data, "facts", {})
            cause = SchemaValidationError(tool_name, index, str(error), context=role)
            raise StepFailed(cause, {**facts}) from error
        return data

    return check


def _error_facts(error: CwcError) -> dict[str, Any]:
    kind = type(error).__name__
    return {"error_type": kind, "error_code": error_code_of(kind), "error_message": str(error)}
