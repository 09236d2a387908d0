"""Hiding secrets from those who watch runs: values of secret types, and values under names that tell of secrets."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from cwc.runtime.events.kinds import FlowEnd, FlowEvent, FlowStart, StepChunk, StepEnd, StepStart
from cwc.runtime.events.observers import Observer, listener_of
from cwc.runtime.events.secret_types import SECRETS, SecretInputs, wrapped_secrets
from cwc.runtime.facts import FlowFacts
from cwc.runtime.records import StepRecord
from cwc.runtime.results import ExecutionResult

DEFAULT_KEYS = frozenset({
    "access_token", "api_key", "apikey", "auth", "authorization", "client_secret", "cookie", "credential",
    "credentials", "passwd", "password", "private_key", "refresh_token", "secret", "session_token", "set-cookie",
    "token",
})  # fmt: skip
"""Names that tell of secrets."""
HIDDEN = "***"
"""What stands in the place of a secret."""
_SHORTEST = 4
"""Characters of a secret that is looked for in texts: shorter ones are found everywhere."""


def redacted(observer: Observer, keys: Iterable[str] = DEFAULT_KEYS) -> Observer:
    """An observer that is told of events without secrets: copies, in which values of secret types, and those under
    ``keys``, however deep and in whatever case, are `HIDDEN`, in results and in the texts of errors as well.
    """
    return _Redacted(observer, frozenset(key.lower() for key in keys))


class _Redacted:
    def __init__(self, observer: Observer, keys: frozenset[str]) -> None:
        self._listener, self._keys = listener_of(observer), keys

    def __call__(self, event: FlowEvent) -> Any:
        return self._listener(self._event(event))

    def __repr__(self) -> str:
        return f"redacted({self._listener!r})"

    def _event(self, event: FlowEvent) -> FlowEvent:
        match event:
            case FlowStart():
                return dataclasses.replace(event, initial_input=self._value(event.initial_input))
            case StepStart():
                return dataclasses.replace(event, inputs=self._value(event.inputs))
            case StepChunk():
                chunk = type(event.chunk)(data=self._value(event.chunk.data), is_final=event.chunk.is_final)
                return dataclasses.replace(event, chunk=chunk)
            case StepEnd():
                return dataclasses.replace(event, record=self._record(event.record))
            case FlowEnd():
                return dataclasses.replace(event, result=self._result(event.result))
            case _:
                return event

    def _result(self, result: ExecutionResult[Any]) -> ExecutionResult[Any]:
        shown = {name: getattr(result, name) for name in _RESULT_FIELDS}
        secrets = result.flow.secrets() if isinstance(result.flow, FlowFacts) else _NONE
        shown["initial_input"] = self._value(wrapped_secrets(result.initial_input, secrets.keys))
        final = result.final_output
        shown["final_output"] = None if final is None else self._value(wrapped_secrets(final, secrets.keys))
        shown["execution_log"] = [
            self._record(record, secrets.targets.get(record.step_index, secrets.keys))
            for record in result.execution_log
        ]
        return ExecutionResult.model_validate(shown)

    def _record(self, record: StepRecord, secret: frozenset[str] = frozenset()) -> StepRecord:
        found: set[str] = set()
        inputs = self._value(wrapped_secrets(record.inputs, secret), found)
        return record.model_copy(
            update={
                "inputs": inputs,
                "outputs": self._value(record.outputs),
                "error_message": _without(record.error_message, found),
                "retry_errors": [_without(text, found) for text in record.retry_errors],
                "sub_result": None if record.sub_result is None else self._result(record.sub_result),
            }
        )

    def _value(self, value: Any, found: set[str] | None = None, *, hide: bool = False) -> Any:
        """A copy without secrets; the texts of those that are hidden are added to ``found``."""
        if isinstance(value, SECRETS):
            value, hide = value.get_secret_value(), True
        if isinstance(value, Mapping):
            return {key: self._value(item, found, hide=hide or self._tells(key)) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            items = [self._value(item, found, hide=hide) for item in value]
            return items if isinstance(value, list) else tuple(items)
        if isinstance(value, BaseModel):
            return self._value({name: getattr(value, name) for name in type(value).model_fields}, found, hide=hide)
        if not hide or value is None:
            return value
        if found is not None:
            found.add(value.decode(errors="replace") if isinstance(value, bytes) else str(value))
        return HIDDEN

    def _tells(self, key: object) -> bool:
        return isinstance(key, str) and key.lower() in self._keys


_NONE = SecretInputs(frozenset(), {})
_RESULT_FIELDS = (
    "trace_schema_version", "flow_name", "flow_version", "success", "trace_id", "started_at", "ended_at",
    "total_duration_ms", "cost_report", "dry_run",
)  # fmt: skip


def _without(text: str | None, secrets: set[str]) -> str | None:
    """A text in which no secret stands; Pydantic's errors quote what they refuse."""
    if text is not None:
        for secret in sorted(secrets, key=len, reverse=True):
            if len(secret) >= _SHORTEST:
                text = text.replace(secret, HIDDEN)
    return text
