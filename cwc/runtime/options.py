"""The options of a run, as keywords."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from cwc.runtime.cancellation import CancellationToken
from cwc.runtime.checkpoints import Checkpointer
from cwc.runtime.decisions import DecisionCallback, DecisionPolicy
from cwc.runtime.observers import Observer
from cwc.runtime.step_cache import StepCache


class Options(TypedDict, total=False):
    """Those of `Flow.run`, where they are described."""

    dynamic_params: Mapping[str, Any] | None
    force: bool
    deadline: float | None
    cancel_token: CancellationToken | None
    cache: StepCache | None
    checkpointer: Checkpointer | None
    observers: Sequence[Observer]
    decision_callback: DecisionCallback | None
    decision_policy: DecisionPolicy | None
    resources: Any
    trace_id: str | None


class AsyncOptions(Options, total=False):
    """Those of `Flow.run_async`."""

    max_step_concurrency: int | None
