"""The service that answers steps from a cache, and keeps there what they gave."""

from __future__ import annotations

import logging
from collections.abc import Generator
from typing import Any
from weakref import WeakKeyDictionary

from pydantic import BaseModel

from cwc.runtime.around import Around, Ask
from cwc.runtime.decisions.picks import Pick, pick_in
from cwc.runtime.run import Contract
from cwc.runtime.steps import Outputs, Step, Told
from cwc.runtime.stores.step_cache import StepCache, StepCacheKey, input_value_hash
from cwc.runtime.tools.twins import is_own

_log = logging.getLogger("cwc.cache")


def cached(cache: StepCache, flow: Contract) -> Around:
    """A service that answers from a cache where it can (SEMANTICS B 15).

    It is asked for steps whose tool is cacheable and does not stream, with an input that is valid. An answer is checked
    by the step's contracts, as outputs are. What a fallback gave is not kept, nor that a step was skipped.
    """
    blocking = bool(getattr(cache, "blocking", True))

    def around(step: Step, values: tuple[Any, ...]) -> Generator[Ask | None, Any, Outputs]:
        outputs: Outputs
        pick = pick_in(values)
        key = (
            None
            if step.flow_name is not None
            else _key(flow, step.tool_name if pick is None else pick.tool, step, values)
        )
        if key is None:
            outputs = yield None
            return outputs
        found = (yield Ask(_get, cache, key, blocking=True)) if blocking else _get(cache, key)
        if found is not None and _is_whole(found, flow.tool(key.tool_name).output_schema):
            return _answer(flow, step, values, found, pick)
        outputs = yield None
        if not (isinstance(outputs, Told) and (outputs.facts.get("fallback_used") or outputs.facts.get("skipped"))):
            if blocking:
                yield Ask(_set, cache, key, dict(outputs), blocking=True)
            else:
                _set(cache, key, dict(outputs))
        return outputs

    return around


def _key(flow: Contract, tool_name: str, step: Step, values: tuple[Any, ...]) -> StepCacheKey | None:
    """The key of a step that is about to run; None where the cache is not asked."""
    tool = flow.tool(tool_name)
    if not tool.cacheable or tool.is_streaming:
        return None
    try:
        hashed = input_value_hash(flow.takes(tool_name)(step.resolved(values)))
    except Exception:
        # Not valid, which the step itself will say, or nothing that can be told from other inputs.
        return None
    return StepCacheKey(tool_name, f"{tool.schema_hash}{flow.mark(tool_name)}", hashed)


def _is_whole(found: Outputs, model: type[BaseModel]) -> bool:
    """Whether kept outputs have all that a dump of the model has now; its schema does not tell which fields it leaves
    out of dumps. Models that are dumped in a way of their own are believed.
    """
    known = _DUMPED.get(model)
    if known is None or known[0] is not model.__pydantic_serializer__:
        known = _DUMPED[model] = model.__pydantic_serializer__, _always_dumped(model)
    return found.keys() >= known[1]


_DUMPED: WeakKeyDictionary[type[BaseModel], tuple[object, frozenset[str]]] = WeakKeyDictionary()
"""What is always in a dump, by the model, and what Pydantic had made of that, until somebody rebuilds it."""


def _always_dumped(model: type[BaseModel]) -> frozenset[str]:
    if model.__pydantic_decorators__.model_serializers or model.model_config.get("serialize_by_alias"):
        return frozenset()
    if not is_own(model, "model_dump"):
        return frozenset()
    fields = model.model_fields.items()
    return frozenset(
        name for name, field in fields if not (field.exclude or getattr(field, "exclude_if", None) is not None)
    )


def _answer(flow: Contract, step: Step, values: tuple[Any, ...], found: Outputs, pick: Pick | None) -> Outputs:
    """Kept outputs as the step's. Raises StepFailed where a contract does not hold, as the step would."""
    accepts, promises = flow.contracts.get(step.index, (None, None))
    if accepts is not None:
        accepts(step.resolved(values))
    outputs = Told(found, cached=True, **({} if pick is None else pick.facts()))
    return outputs if promises is None else promises(outputs)


def _get(cache: StepCache, key: StepCacheKey) -> Outputs | None:
    try:
        found = cache.get(key)
    except Exception:
        _log.warning("the step cache failed to give an answer for tool %r", key.tool_name, exc_info=True)
        return None
    return found if isinstance(found, dict) else None


def _set(cache: StepCache, key: StepCacheKey, outputs: Outputs) -> None:
    try:
        cache.set(key, outputs)
    except Exception:
        _log.warning("the step cache failed to keep what tool %r gave", key.tool_name, exc_info=True)
