"""A generated flow as an object: the functions that run it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Coroutine, Generator, Mapping, Sequence
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Generic, TypeVar, Unpack

from pydantic import BaseModel

# Types are named by the package, which imports them when somebody asks what the annotations mean.
from cwc import runtime
from cwc.runtime import run as running
from cwc.runtime.arguments import (
    as_checkpointer,
    check_decisions,
    check_limit,
    check_names,
    check_options,
    check_params,
)
from cwc.runtime.asked import ASKED
from cwc.runtime.errors import (
    AsyncLaneUnsupportedError,
    FlowStatusError,
    SyncLaneNotBuiltError,
    UndeclaredParamsError,
)
from cwc.runtime.facts import FlowFacts
from cwc.runtime.fast import stands_for
from cwc.runtime.lanes import Lane
from cwc.runtime.options import AsyncOptions, Options
from cwc.runtime.results import ExecutionResult
from cwc.runtime.run import Run, begun, unserved, unserved_async
from cwc.runtime.scope import Scope

Output = TypeVar("Output", bound=Mapping[str, Any])
if TYPE_CHECKING:
    # Only type checkers know defaults of type variables (PEP 696) for every Python that cwc runs on.
    from typing_extensions import TypeVar as TypeVarWithDefault

    from cwc.runtime.records import StepRecord
    from cwc.runtime.stores.journal import Journal

    Input = TypeVarWithDefault("Input", bound=BaseModel, contravariant=True, default=Any)
else:
    Input = TypeVar("Input")


class Flow(FlowFacts, Generic[Output, Input]):
    """A compiled flow. Generated modules make one, ``FLOW``, and their functions are its methods.

    ``Output`` is what a run that ends well gives, ``Input`` the model that its input may be an instance of.
    It is immutable, and may be run by any number of threads and tasks at once.
    """

    def _run(
        self,
        initial_input: Mapping[str, Any] | Input,
        *,
        dynamic_params: Mapping[str, Any] | None = None,
        force: bool = False,
        deadline: float | None = None,
        cancel_token: runtime.CancellationToken | None = None,
        cache: runtime.StepCache | None = None,
        checkpointer: runtime.Checkpointer | None = None,
        observers: Sequence[runtime.Observer] = (),
        decision_callback: runtime.DecisionCallback | None = None,
        decision_policy: runtime.DecisionPolicy | None = None,
        resources: Any = None,
        trace_id: str | None = None,
    ) -> ExecutionResult[Output]:
        lane = self._sync
        if lane is None:
            raise SyncLaneNotBuiltError(self.name)
        run = self._start(initial_input, dynamic_params, force, trace_id)
        if (
            deadline is not None or cancel_token is not None or cache is not None or checkpointer is not None
            or resources is not None or observers or ASKED
        ):  # fmt: skip
            import cwc.runtime.services as serving

            journal = serving.journal_of(checkpointer)
            services = serving.services_of(run, False, deadline, cancel_token, cache, journal, observers, resources)
            return serving.serve(services, run, lane, self._asked("sync", run, decision_callback, decision_policy))
        return unserved(run, lane, self._asked("sync", run, decision_callback, decision_policy))

    @stands_for("a `Run`", _run)
    def run(self, initial_input: Mapping[str, Any] | Input, **options: Unpack[Options]) -> ExecutionResult[Output]:
        """Run the flow on the sync lane.

        ``initial_input`` is a mapping or a model instance. ``dynamic_params`` are further context keys; they win over
        those of the input. ``force`` runs a flow whose status is not active. ``decision_callback`` chooses the tools of
        steps that have candidates, within the limits of ``decision_policy``; without it they call their own tool. A
        failing step gives a result with ``success`` False.

        The services hold for the flows that steps run as well. The run stops before the step, or the level of a DAG
        flow, at which ``deadline`` (as ``time.time()``) has passed or ``cancel_token`` is cancelled. ``observers`` are
        told of its events. ``cache`` keeps what steps gave, and answers in their place. ``resources`` is what tools get
        from `current_step`. What each step gives is recorded by ``checkpointer``, for `resume`.

        Raises FlowStatusError, ContextKeyCollisionError, OutputMappingError, DecisionBudgetExceededError, also of flows
        that steps run, FlowCancelledError, InvalidArgumentError, and SyncLaneNotBuiltError for a flow that was built
        for the async lane only; with a checkpointer CheckpointExistsError, CheckpointEncodingError,
        CheckpointStoreError and RunFencedError.
        """
        plain = self._plain[0]
        if plain is None or options or ASKED or type(initial_input) is not dict:
            try:
                return self._run(initial_input, **options)
            except TypeError:
                check_names("run", options, Options.__annotations__)
                raise
        # What `Run` does, without a state to keep: most runs are these, and want nothing else of the runtime.
        body, functions, lane = plain
        result = begun(self, initial_input)
        try:
            result.final_output, result.raw = body(functions, result.initial_input)
        except Exception as error:
            return self._run_of(result).failed(error, body.__code__, lane.lines)
        result.end_clock = perf_counter_ns()
        return result

    async def _run_async(
        self,
        initial_input: Mapping[str, Any] | Input,
        *,
        dynamic_params: Mapping[str, Any] | None = None,
        force: bool = False,
        deadline: float | None = None,
        cancel_token: runtime.CancellationToken | None = None,
        cache: runtime.StepCache | None = None,
        checkpointer: runtime.Checkpointer | None = None,
        observers: Sequence[runtime.Observer] = (),
        decision_callback: runtime.DecisionCallback | None = None,
        decision_policy: runtime.DecisionPolicy | None = None,
        resources: Any = None,
        trace_id: str | None = None,
        max_step_concurrency: int | None = None,
    ) -> ExecutionResult[Output]:
        lane = self._async_lane(max_step_concurrency)
        run = self._start(initial_input, dynamic_params, force, trace_id)
        if (
            deadline is not None or cancel_token is not None or cache is not None or checkpointer is not None
            or resources is not None or observers or ASKED
        ):  # fmt: skip
            import cwc.runtime.services as serving

            journal = serving.journal_of(checkpointer)
            services = serving.services_of(run, True, deadline, cancel_token, cache, journal, observers, resources)
            scope = self._asked("async", run, decision_callback, decision_policy, max_step_concurrency)
            return await serving.serve_async(services, run, lane, scope)
        scope = self._asked("async", run, decision_callback, decision_policy, max_step_concurrency)
        return await unserved_async(run, lane, scope)

    @stands_for("a `Run`", _run_async)
    async def run_async(
        self, initial_input: Mapping[str, Any] | Input, **options: Unpack[AsyncOptions]
    ) -> ExecutionResult[Output]:
        """Run the flow on the async lane; otherwise as `run`.

        ``max_step_concurrency`` is how many steps of a level may run at once, in the flows that steps run as well; by
        default as each flow was built. Raises ValueError if it is less than 1, and AsyncLaneUnsupportedError, naming
        every construct that keeps the flow out of the async lane, where that was not built.
        """
        plain = self._plain[1]
        if plain is None or options or ASKED or type(initial_input) is not dict:
            try:
                return await self._run_async(initial_input, **options)
            except TypeError:
                check_names("run_async", options, AsyncOptions.__annotations__)
                raise
        # As in `run`.
        body, functions, lane = plain
        result = begun(self, initial_input)
        try:
            result.final_output, result.raw = await body(functions, result.initial_input)
        except Exception as error:
            return self._run_of(result).failed(error, body.__code__, lane.lines)
        result.end_clock = perf_counter_ns()
        return result

    def stream(
        self, initial_input: Mapping[str, Any] | Input, **options: Unpack[Options]
    ) -> Generator[runtime.FlowEvent, None, None]:
        """The events of a run on the sync lane, which goes on when the next one is asked for; the last is `FlowEnd`.

        ``options`` are those of `run`. What a run raises is raised after that. Closing the iterator stops the run
        before its next step.
        """
        if self._sync is None:
            raise SyncLaneNotBuiltError(self.name)
        self._admit(options.get("dynamic_params"), options.get("force", False))
        check_names("stream", options, Options.__annotations__)
        check_options(options)
        from cwc.runtime.events import streaming

        def run(observer: runtime.Observer, token: runtime.CancellationToken) -> ExecutionResult[Any]:
            settings = Options(**options)
            settings.update({"observers": (*options.get("observers", ()), observer), "cancel_token": token})
            return self.run(initial_input, **settings)

        return streaming.stream(run, options.get("cancel_token"))

    def stream_async(
        self, initial_input: Mapping[str, Any] | Input, **options: Unpack[AsyncOptions]
    ) -> AsyncGenerator[runtime.FlowEvent, None]:
        """As `stream`, on the async lane: closing the iterator, or cancelling its consumer, cancels the run's task."""
        if self._async is None:
            raise AsyncLaneUnsupportedError(self.name, list(self._unsupported))
        self._admit(options.get("dynamic_params"), options.get("force", False))
        check_names("stream_async", options, AsyncOptions.__annotations__)
        check_options(options)
        from cwc.runtime.events import streaming

        def run(
            observer: runtime.Observer, token: runtime.CancellationToken | None
        ) -> Coroutine[Any, Any, ExecutionResult[Any]]:
            settings = AsyncOptions(**options)
            settings.update({"observers": (*options.get("observers", ()), observer), "cancel_token": token})
            return self.run_async(initial_input, **settings)

        return streaming.stream_async(run, options.get("cancel_token"))

    def resume(
        self,
        trace_id: str,
        *,
        checkpointer: runtime.Checkpointer,
        force: bool = False,
        deadline: float | None = None,
        cancel_token: runtime.CancellationToken | None = None,
        cache: runtime.StepCache | None = None,
        observers: Sequence[runtime.Observer] = (),
        decision_callback: runtime.DecisionCallback | None = None,
        decision_policy: runtime.DecisionPolicy | None = None,
        resources: Any = None,
    ) -> ExecutionResult[Output]:
        """Go on with a run that a checkpointer has recorded, on the sync lane, to the result that it would have had.

        What it was given, decided and recorded is restored; steps that are recorded do not run again. A step that was
        running when the run stopped runs again. Whoever had the run until now is stopped before its next step. A run
        that was started with ``force`` is gone on with so; the rest is as in `run`.

        Raises CheckpointNotFoundError, CheckpointDriftError, CheckpointVersionError, CheckpointStoreError, and all that
        `run` raises.
        """
        lane = self._sync
        if lane is None:
            raise SyncLaneNotBuiltError(self.name)
        import cwc.runtime.services as serving

        run, journal = self._go_on(trace_id, checkpointer, force)
        services = serving.services_of(run, False, deadline, cancel_token, cache, journal, observers, resources)
        return serving.serve(services, run, lane, self._scope(run, decision_callback, decision_policy))

    async def resume_async(
        self,
        trace_id: str,
        *,
        checkpointer: runtime.Checkpointer,
        force: bool = False,
        deadline: float | None = None,
        cancel_token: runtime.CancellationToken | None = None,
        cache: runtime.StepCache | None = None,
        observers: Sequence[runtime.Observer] = (),
        decision_callback: runtime.DecisionCallback | None = None,
        decision_policy: runtime.DecisionPolicy | None = None,
        resources: Any = None,
        max_step_concurrency: int | None = None,
    ) -> ExecutionResult[Output]:
        """As `resume`, on the async lane; ``max_step_concurrency`` and what is raised for it as in `run_async`."""
        lane = self._async_lane(max_step_concurrency)
        import cwc.runtime.services as serving
        from cwc.runtime.waiting.calls import in_thread

        run, journal = await in_thread(self._go_on, trace_id, checkpointer, force)
        services = serving.services_of(run, True, deadline, cancel_token, cache, journal, observers, resources)
        scope = self._scope(run, decision_callback, decision_policy, max_step_concurrency)
        return await serving.serve_async(services, run, lane, scope)

    def run_inside(self, scope: Scope, inputs: Mapping[str, Any]) -> ExecutionResult[Any]:
        """Run the flow as a step of another run, whose scope is given, on the sync lane. Raises as `run`."""
        if scope.services is None or self._sync is None:
            return self.run(inputs, **_inherited(scope))
        import cwc.runtime.services as serving

        given, callback, policy = scope.dynamic_params, scope.decision_callback, scope.decision_policy
        run = self._start(inputs, given, False, None)
        return serving.serve(scope.services, run, self._sync, self._scope(run, callback, policy))

    async def run_inside_async(self, scope: Scope, inputs: Mapping[str, Any]) -> ExecutionResult[Any]:
        """As `run_inside`, on the async lane."""
        if scope.services is None or self._async is None:
            settings = _inherited(scope)
            if scope.inherited_limit is None:
                return await self.run_async(inputs, **settings)
            return await self.run_async(inputs, **settings, max_step_concurrency=scope.inherited_limit)
        import cwc.runtime.services as serving

        given, callback, policy = scope.dynamic_params, scope.decision_callback, scope.decision_policy
        limit = scope.inherited_limit
        run = self._start(inputs, given, False, None)
        return await serving.serve_async(scope.services, run, self._async, self._scope(run, callback, policy, limit))

    def build_records(self, result: ExecutionResult[Any]) -> list[StepRecord]:
        """The records of a result of this flow; called when somebody reads its ``execution_log``."""
        return running.records(self, result)

    def _run_of(self, result: ExecutionResult[Any]) -> Run:
        """The run that a result was begun for."""
        return Run(self, result.initial_input, None, None, (result.started_ns, result.start_clock))

    def _start(
        self,
        initial_input: Mapping[str, Any] | BaseModel,
        dynamic_params: Mapping[str, Any] | None,
        force: bool,
        trace_id: str | None,
    ) -> Run:
        self._admit(dynamic_params, force)
        return Run(self, initial_input, dynamic_params, trace_id, force=force)

    def _admit(self, dynamic_params: Mapping[str, Any] | None, force: bool) -> None:
        """Raise FlowStatusError, InvalidArgumentError or UndeclaredParamsError for a run that may not start."""
        if self.status != "active" and not force:
            raise FlowStatusError(self.name, self.status)
        if not dynamic_params:
            return
        check_params(dynamic_params)
        undeclared = [] if self._extras else sorted(dynamic_params.keys() - set(self._dynamic_params))
        if undeclared:
            raise UndeclaredParamsError(self.name, undeclared)

    def _go_on(self, trace_id: str, checkpointer: runtime.Checkpointer, force: bool) -> tuple[Run, Journal]:
        """A recorded run, and its journal, which is nobody else's from now on."""
        from cwc.runtime.stores.journal import found, taken_over

        start = found(as_checkpointer(checkpointer), trace_id, self)
        run = self._start(start.initial_input, start.dynamic_params, force or start.force, trace_id)
        run.go_on(start.started_ns)
        return run, taken_over(checkpointer, trace_id)

    def _async_lane(self, max_step_concurrency: int | None) -> Lane:
        check_limit(max_step_concurrency)
        if self._async is None:
            raise AsyncLaneUnsupportedError(self.name, list(self._unsupported))
        return self._async

    def _asked(
        self,
        lane: str,
        run: Run,
        decision_callback: runtime.DecisionCallback | None,
        decision_policy: runtime.DecisionPolicy | None,
        max_step_concurrency: int | None = None,
    ) -> Scope | None:
        """The run's settings, if something in this lane of the flow asks for them. Raises InvalidArgumentError."""
        if lane not in self._scoped:
            check_decisions(decision_callback, decision_policy)
            return None
        return self._scope(run, decision_callback, decision_policy, max_step_concurrency)

    def _scope(
        self,
        run: Run,
        decision_callback: runtime.DecisionCallback | None,
        decision_policy: runtime.DecisionPolicy | None,
        max_step_concurrency: int | None = None,
    ) -> Scope:
        """The run's settings, for what runs inside of it. Raises InvalidArgumentError."""
        check_decisions(decision_callback, decision_policy)
        if decision_callback is not None:
            run.name()
        limit = max_step_concurrency or self._max_step_concurrency
        return Scope(
            self.name,
            run.trace_id,
            run.dynamic_params,
            limit,
            max_step_concurrency,
            decision_callback,
            decision_policy,
            self.registry,
        )


def _inherited(scope: Scope) -> Options:
    """What runs inside of a run are given of its settings; nothing where it has none."""
    options = Options()
    if scope.dynamic_params is not None:
        options["dynamic_params"] = scope.dynamic_params
    if scope.decision_callback is not None:
        options["decision_callback"] = scope.decision_callback
    if scope.decision_policy is not None:
        options["decision_policy"] = scope.decision_policy
    return options
