"""A generated flow as an object: its facts, and the functions that run it."""

from __future__ import annotations

import copy
import types
from collections.abc import Callable, Mapping
from contextvars import Token
from dataclasses import dataclass
from time import perf_counter_ns, time_ns
from typing import Any, Generic, Self, TypeVar

from pydantic import BaseModel

from cwc.runtime import run as running
from cwc.runtime.decisions import DecisionCallback, DecisionPolicy
from cwc.runtime.errors import (
    AsyncLaneUnsupportedError,
    FlowStatusError,
    SyncLaneNotBuiltError,
    UndeclaredParamsError,
)
from cwc.runtime.fast import stands_for
from cwc.runtime.records import StepRecord
from cwc.runtime.results import ExecutionResult, succeeded
from cwc.runtime.run import Check, Run
from cwc.runtime.scope import SCOPE, Scope
from cwc.runtime.steps import Around, Step, wrapped, wrapped_async

Output = TypeVar("Output", bound=Mapping[str, Any])
Functions = tuple[Callable[..., Any], ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane of a flow: its body, the step functions that the body runs, and the table of the body's lines.

    ``lines`` says for a line, counted from the body's ``def``, which step it belongs to and what it does for it.
    """

    body: Callable[..., Any]
    functions: Functions
    lines: Mapping[int, tuple[int, str]]


class Flow(Generic[Output]):
    """A compiled flow. Generated modules make one, ``FLOW``, and their functions are its methods.

    It is immutable, and may be run by any number of threads and tasks at once.
    """

    def __init__(
        self,
        *,
        name: str,
        version: str,
        description: str,
        source: str,
        source_digest: str,
        tool_schema_hashes: Mapping[str, str],
        determinism_level: str,
        status: str,
        lanes: tuple[str, ...],
        required_inputs: tuple[str, ...],
        extras: bool,
        dynamic_params: tuple[str, ...],
        input_schema: type[BaseModel] | None,
        output_schema: type[BaseModel] | None,
        context_schema: type[BaseModel] | None,
        steps: tuple[Step, ...],
        calls: Mapping[str, str],
        sync_lane: Lane | None = None,
        async_lane: Lane | None = None,
        unsupported: tuple[str, ...] = (),
        scoped: bool = False,
        max_step_concurrency: int = 1,
    ) -> None:
        self.name = name
        self.version = version
        self.description = description
        self.source = source
        self.source_digest = source_digest
        self.tool_schema_hashes = types.MappingProxyType(dict(tool_schema_hashes))
        self.determinism_level = determinism_level
        self.status = status
        self.lanes = lanes
        self.required_inputs = required_inputs
        self.input_schema = input_schema
        self.output_schema = output_schema
        self.context_schema = context_schema
        self.steps = steps
        self.required = frozenset(required_inputs) if input_schema is None else frozenset()
        self.entry_check = None if input_schema is None else Check("flow_input", input_schema)
        ends = (("flow_output", output_schema), ("flow_context", context_schema))
        self.exit_checks = tuple(Check(role, model) for role, model in ends if model is not None)
        self._extras = extras
        self._dynamic_params = frozenset(dynamic_params)
        self._calls = calls
        self._generated = (sync_lane, async_lane)
        self._functions: dict[str, Callable[..., Any]] = {}
        self._services: tuple[Around, ...] = ()
        self._sync, self._async = sync_lane, async_lane
        self._unsupported = unsupported
        self._scoped = scoped
        self._max_step_concurrency = max_step_concurrency
        self._is_simple = status == "active" and not (scoped or self.entry_check or self.exit_checks)

    def __repr__(self) -> str:
        return f"<Flow {self.name!r} {self.version} from {self.source}>"

    @stands_for("a `Run`")
    def run(
        self,
        initial_input: Mapping[str, Any] | BaseModel,
        *,
        dynamic_params: Mapping[str, Any] | None = None,
        force: bool = False,
        decision_callback: DecisionCallback | None = None,
        decision_policy: DecisionPolicy | None = None,
        trace_id: str | None = None,
    ) -> ExecutionResult[Output]:
        """Run the flow on the sync lane.

        ``initial_input`` is a mapping or a model instance. ``dynamic_params`` are further context keys; they win over
        those of the input. ``force`` runs a flow whose status is not active. ``decision_callback`` chooses the tools of
        steps that have candidates, within the limits of ``decision_policy``; without it they call their own tool. A
        failing step gives a result with ``success`` False.

        Raises FlowStatusError, ContextKeyCollisionError, OutputMappingError, DecisionBudgetExceededError, also of flows
        that steps run, and SyncLaneNotBuiltError for a flow that was built for the async lane only.
        """
        if self._sync is None:
            raise SyncLaneNotBuiltError(self.name)
        if self._is_simple and type(initial_input) is dict and not (dynamic_params or decision_callback):
            # What `Run` does, without a state to keep: most runs are these, and want nothing else of the runtime.
            lane, context, wall, start = self._sync, initial_input.copy(), time_ns(), perf_counter_ns()
            for key in self.required:
                if key not in context:
                    return Run(self, context, None, trace_id).refused()
            try:
                final, steps = lane.body(lane.functions, context)
            except Exception as error:
                return Run(self, context, None, trace_id, (wall, start)).failed(error, lane.body.__code__, lane.lines)
            return succeeded(self, final, context, steps, wall, start, perf_counter_ns(), trace_id)
        run = self._start(initial_input, dynamic_params, force, trace_id)
        refused = run.refusal()
        if refused is not None:
            return refused
        body = self._sync.body
        token = self._enter(run, decision_callback, decision_policy) if self._scoped else None
        try:
            context, steps = body(self._sync.functions, run.context)
        except Exception as error:
            return run.failed(error, body.__code__, self._sync.lines)
        finally:
            if token is not None:
                SCOPE.reset(token)
        return run.finished(context, steps)

    @stands_for("a `Run`")
    async def run_async(
        self,
        initial_input: Mapping[str, Any] | BaseModel,
        *,
        dynamic_params: Mapping[str, Any] | None = None,
        force: bool = False,
        decision_callback: DecisionCallback | None = None,
        decision_policy: DecisionPolicy | None = None,
        trace_id: str | None = None,
        max_step_concurrency: int | None = None,
    ) -> ExecutionResult[Output]:
        """Run the flow on the async lane; otherwise as `run`.

        ``max_step_concurrency`` is how many steps of a level may run at once, in the flows that steps run as well; by
        default as each flow was built. Raises ValueError if it is less than 1, and AsyncLaneUnsupportedError, naming
        every construct that keeps the flow out of the async lane, where that was not built.
        """
        if max_step_concurrency is not None and max_step_concurrency < 1:
            raise ValueError(f"max_step_concurrency must be at least 1, and is {max_step_concurrency}")
        if self._async is None:
            raise AsyncLaneUnsupportedError(self.name, list(self._unsupported))
        if self._is_simple and type(initial_input) is dict and not (dynamic_params or decision_callback):
            # What `Run` does, without a state to keep: most runs are these, and want nothing else of the runtime.
            lane, context, wall, start = self._async, initial_input.copy(), time_ns(), perf_counter_ns()
            for key in self.required:
                if key not in context:
                    return Run(self, context, None, trace_id).refused()
            try:
                final, steps = await lane.body(lane.functions, context)
            except Exception as error:
                return Run(self, context, None, trace_id, (wall, start)).failed(error, lane.body.__code__, lane.lines)
            return succeeded(self, final, context, steps, wall, start, perf_counter_ns(), trace_id)
        run = self._start(initial_input, dynamic_params, force, trace_id)
        refused = run.refusal()
        if refused is not None:
            return refused
        body = self._async.body
        token = None
        if self._scoped:
            token = self._enter(run, decision_callback, decision_policy, max_step_concurrency)
        try:
            context, steps = await body(self._async.functions, run.context)
        except Exception as error:
            return run.failed(error, body.__code__, self._async.lines)
        finally:
            if token is not None:
                SCOPE.reset(token)
        return run.finished(context, steps)

    def bind(self, tools: Mapping[str, Callable[..., Any]]) -> Self:
        """This flow with other callables in place of its tools' functions; validation stays.

        A callable gets what the tool's ``fn`` gets, the validated input model, and is async where that is. Raises
        KeyError for a name that is no tool of the flow.
        """
        functions = {self._calls[name]: function for name, function in tools.items()}
        return self._with(self._functions | functions, self._services)

    def around(self, *services: Around) -> Self:
        """This flow with services around every step, the first innermost."""
        return self._with(self._functions, self._services + services)

    def build_records(self, result: ExecutionResult[Any]) -> list[StepRecord]:
        """The records of a result of this flow; called when somebody reads its ``execution_log``."""
        return running.records(self, result)

    def _start(
        self,
        initial_input: Mapping[str, Any] | BaseModel,
        dynamic_params: Mapping[str, Any] | None,
        force: bool,
        trace_id: str | None,
    ) -> Run:
        if self.status != "active" and not force:
            raise FlowStatusError(self.name, self.status)
        if dynamic_params and not self._extras:
            undeclared = sorted(dynamic_params.keys() - self._dynamic_params)
            if undeclared:
                raise UndeclaredParamsError(self.name, undeclared)
        return Run(self, initial_input, dynamic_params, trace_id)

    def _enter(
        self,
        run: Run,
        decision_callback: DecisionCallback | None,
        decision_policy: DecisionPolicy | None,
        max_step_concurrency: int | None = None,
    ) -> Token[Scope]:
        """Make the run's settings known to what runs inside of it."""
        if decision_callback is not None:
            run.name()
        limit = max_step_concurrency or self._max_step_concurrency
        scope = Scope(
            self.name,
            run.trace_id,
            run.dynamic_params,
            limit,
            max_step_concurrency,
            decision_callback,
            decision_policy,
        )
        return SCOPE.set(scope)

    def _with(self, functions: dict[str, Callable[..., Any]], services: tuple[Around, ...]) -> Self:
        other = copy.copy(self)
        other._functions, other._services = functions, services
        sync_lane, async_lane = self._generated
        if sync_lane is not None:
            other._sync = Lane(
                sync_lane.body, wrapped(self.steps, _over(sync_lane, functions), services), sync_lane.lines
            )
        if async_lane is not None:
            other._async = Lane(
                async_lane.body, wrapped_async(self.steps, _over(async_lane, functions), services), async_lane.lines
            )
        return other


def _over(lane: Lane, functions: Mapping[str, Callable[..., Any]]) -> Functions:
    """The generated step functions of a lane, seeing other callables under the module-level names of their tools."""
    if not functions:
        return lane.functions
    generated = [step for step in lane.functions if isinstance(step, types.FunctionType)]
    return tuple(
        types.FunctionType(step.__code__, {**step.__globals__, **functions}, step.__name__) for step in generated
    )
