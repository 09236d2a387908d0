"""Which inputs of a flow are secrets, by the types of the fields that take them; wrapping them in such types."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel, Secret, SecretBytes, SecretStr

from cwc.runtime.steps import Key, Step

SECRETS = (SecretStr, SecretBytes, Secret)


@dataclass(frozen=True, slots=True)
class SecretInputs:
    """The secrets of one flow: context keys, and the inputs of steps by their index."""

    keys: frozenset[str]
    targets: Mapping[int, frozenset[str]]


def secret_inputs(
    steps: Sequence[Step], taken: Mapping[int, frozenset[str]], schema: type[BaseModel] | None
) -> SecretInputs:
    """The secrets of a flow's steps; ``taken`` are those inputs of what each step runs that are secrets, by index."""
    keys = set(secret_fields(schema)) if schema is not None else set()
    targets: dict[int, frozenset[str]] = {}
    for step in steps:
        fields = taken[step.index]
        if step.mapping is None:
            keys |= fields
        else:
            sources = [step.mapping[target] for target in fields & step.mapping.keys()]
            keys |= {source.key for source in sources if isinstance(source, Key) and not source.tokens}
        targets[step.index] = fields
    for step in steps:
        if step.mapping is None:
            targets[step.index] |= keys
        else:
            read = {target: source.key for target, source in step.mapping.items() if isinstance(source, Key)}
            targets[step.index] |= {target for target, key in read.items() if key in keys}
    return SecretInputs(frozenset(keys), targets)


def secret_fields(model: type[BaseModel]) -> frozenset[str]:
    """The fields of a model whose values are secrets, by their annotation."""
    return frozenset(name for name, field in model.model_fields.items() if _is_secret(field.annotation))


def _is_secret(annotation: Any) -> bool:
    kind = get_origin(annotation) or annotation
    if inspect.isclass(kind) and issubclass(kind, SECRETS):
        return True
    return any(map(_is_secret, get_args(annotation)))


def wrapped_secrets(values: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """Values of which those that a secret field will take, and that are plain yet, do not show."""
    return {key: _wrapped(value) if key in names else value for key, value in values.items()}


def _wrapped(value: Any) -> Any:
    if value is None or isinstance(value, SECRETS):
        return value
    if isinstance(value, str):
        return SecretStr(value)
    return SecretBytes(value) if isinstance(value, bytes) else Secret(value)
