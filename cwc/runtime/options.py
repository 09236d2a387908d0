"""The options of a run, as keywords."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

# Types are named by the package, which imports them when somebody asks what the annotations mean.
from cwc import runtime


class Options(TypedDict, total=False):
    """Those of `Flow.run`, where they are described."""

    dynamic_params: Mapping[str, Any] | None
    force: bool
    deadline: float | None
    cancel_token: runtime.CancellationToken | None
    cache: runtime.StepCache | None
    checkpointer: runtime.Checkpointer | None
    observers: Sequence[runtime.Observer]
    decision_callback: runtime.DecisionCallback | None
    decision_policy: runtime.DecisionPolicy | None
    resources: Any
    trace_id: str | None


class AsyncOptions(Options, total=False):
    """Those of `Flow.run_async`."""

    max_step_concurrency: int | None
