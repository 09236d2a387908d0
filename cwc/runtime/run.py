"""One run of a flow: what it begins with, and the result it ends in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter_ns, time_ns
from types import CodeType
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, ValidationError

from cwc.runtime.arguments import as_mapping
from cwc.runtime.errors import FlowCancelledError, InputMappingError, SchemaValidationError
from cwc.runtime.failures import Failure, Trace, before_level, failure_of, stopped_in
from cwc.runtime.raised import Abort, DecisionFailed, KeyMissing, StepFailed, Stopping
from cwc.runtime.results import ExecutionResult, new_trace_id
from cwc.runtime.steps import Outputs, Step
from cwc.runtime.tools.binding import Take, taker

if TYPE_CHECKING:
    from cwc.runtime.cancellation import Stops
    from cwc.runtime.events.secret_types import SecretInputs
    from cwc.runtime.lanes import Lane
    from cwc.runtime.records import StepRecord
    from cwc.runtime.scope import Scope
    from cwc.runtime.tools.definition import Tool


class Check:
    """A schema that a whole context is checked against; it changes nothing."""

    __slots__ = ("role", "validate")

    def __init__(self, role: str, model: type[BaseModel]) -> None:
        self.role, self.validate = role, taker(model)

    def failure(self, flow_name: str, index: int, context: Mapping[str, Any]) -> Failure | None:
        try:
            self.validate(dict(context))
        except ValidationError as error:
            return Failure(index, SchemaValidationError(flow_name, index, str(error), context=self.role))
        return None


Contracts = tuple[Callable[[Outputs], Outputs] | None, Callable[[Outputs], Outputs] | None]
"""A step's input and output contract."""


class Contract(Protocol):
    """What a run needs to know of its flow."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def identity(self) -> Mapping[str, str]: ...
    @property
    def steps(self) -> tuple[Step, ...]: ...
    @property
    def required(self) -> tuple[str, ...]: ...
    @property
    def entry_check(self) -> Check | None: ...
    @property
    def exit_checks(self) -> tuple[Check, ...]: ...
    @property
    def contracts(self) -> Mapping[int, Contracts]: ...
    @property
    def composes(self) -> bool: ...
    def tool(self, name: str) -> Tool: ...
    def takes(self, name: str) -> Take: ...
    def mark(self, name: str) -> str: ...
    def streams(self) -> frozenset[int]: ...
    def secrets(self) -> SecretInputs: ...
    def build_records(self, result: ExecutionResult[Any]) -> list[StepRecord]: ...


_new = object.__new__


def begun(flow: Contract, initial_input: dict[str, Any]) -> ExecutionResult[Any]:
    """The result of a run that begins now and is to end well. It lacks ``final_output``, ``raw`` and ``end_clock``."""
    result: ExecutionResult[Any] = _new(ExecutionResult)
    result.flow = flow
    result.success = True
    result.initial_input = initial_input.copy()
    result.failure = result.resumed_ns = None
    result.started_ns = time_ns()
    result.start_clock = perf_counter_ns()
    return result


class Run:
    """The state of one run; local to it."""

    __slots__ = ("context", "dynamic_params", "flow", "force", "initial", "resumed", "start", "trace_id", "wall")

    def __init__(
        self,
        flow: Contract,
        initial_input: Mapping[str, Any] | BaseModel,
        dynamic_params: Mapping[str, Any] | None,
        trace_id: str | None,
        began: tuple[int, int] | None = None,
        force: bool = False,
    ) -> None:
        self.flow, self.trace_id, self.dynamic_params, self.force = flow, trace_id, dynamic_params, force
        self.resumed: int | None = None
        self.wall, self.start = began or (time_ns(), perf_counter_ns())
        self.initial: Outputs = dict(initial_input) if type(initial_input) is dict else as_mapping(initial_input)
        self.context: Outputs = {**self.initial, **dynamic_params} if dynamic_params else self.initial

    def name(self) -> str:
        """The run's id, which it is given now, because somebody is told of it before there is a result."""
        if self.trace_id is None:
            self.trace_id = new_trace_id()
        return self.trace_id

    def go_on(self, started_ns: int) -> None:
        """This run began at ``started_ns`` (as ``time_ns()``), and is gone on with now."""
        self.resumed, self.wall = self.wall, started_ns

    def refusal(self) -> ExecutionResult[Any] | None:
        """The result of a run whose input is not accepted, or None if it may start."""
        flow = self.flow
        if flow.entry_check is not None:
            failure = flow.entry_check.failure(flow.name, -1, self.initial)
            return None if failure is None else self._result(None, Trace(self.initial, (), failure))
        return None if self.context.keys() >= set(flow.required) else self.refused()

    def refused(self) -> ExecutionResult[Any]:
        """The result of a run whose input lacks keys that it needs."""
        flow = self.flow
        missing = sorted(set(flow.required) - self.context.keys())
        error = InputMappingError(flow.name, -1, ", ".join(missing))
        return self._result(None, Trace(self.context, (), Failure(-1, error)))

    def finished(self, context: Outputs, steps: tuple[Any, ...]) -> ExecutionResult[Any]:
        """The result of a body that came to its end."""
        flow = self.flow
        for check in flow.exit_checks:
            failure = check.failure(flow.name, len(flow.steps), context)
            if failure is not None:
                return self._result(None, Trace(self.context, steps, failure))
        return self._result(context, Trace(self.context, steps))

    def failed(
        self, error: Exception, body: CodeType, lines: Mapping[int, tuple[int, str]], stops: Stops | None = None
    ) -> ExecutionResult[Any]:
        """The result of a body that raised; ``lines`` is the body's table, ``stops`` who may stop the run.

        Raises ContextKeyCollisionError, OutputMappingError and FlowCancelledError, which leave a run, with the result
        so far as their ``partial_result``.
        """
        flow = self.flow
        stopped = stopped_in(error, body, lines)
        if stopped.phase == "required":
            return self.refused()
        if stops is not None and isinstance(error, KeyMissing) and (why := stops.before(stopped.index)) is not None:
            # The inputs of a step are read before it is asked whether to begin.
            error = why.with_traceback(error.__traceback__)
        if isinstance(error, Stopping):
            stopped = before_level(stopped, flow.steps)
        step = flow.steps[stopped.index]
        failure = failure_of(error, flow.name, step, stopped)
        failure.error.add_note(f"{flow.source}:{step.line}: step {step.index} {step.tool_name!r}")
        if not isinstance(error, Abort):
            failure.error.__cause__ = _cause(error, failure)
        result = self._result(None, Trace(self.context, stopped.steps, failure))
        if failure.raised:
            failure.error.partial_result = result
            if isinstance(failure.error, FlowCancelledError):
                failure.error.result = result
            raise failure.error from None
        return result

    def interrupted(
        self, error: BaseException, body: CodeType, lines: Mapping[int, tuple[int, str]]
    ) -> ExecutionResult[Any]:
        """What a run had come to that something else than a failure ended, such as the cancellation of its task."""
        try:
            steps = stopped_in(error, body, lines).steps
        except LookupError:
            steps = ()
        return self._result(None, Trace(self.context, steps), error)

    def _result(self, final: Outputs | None, trace: Trace, error: BaseException | None = None) -> ExecutionResult[Any]:
        failure = trace.failure.error if trace.failure else error
        return ExecutionResult(
            self.flow,
            failure is None,
            final,
            self.initial,
            trace,
            self.wall,
            self.start,
            perf_counter_ns(),
            self.trace_id,
            failure,
            self.resumed,
        )


def unserved(run: Run, lane: Lane, scope: Scope | None, stops: Stops | None = None) -> ExecutionResult[Any]:
    """A run that nothing stands around, on the sync lane. ``scope``: for flows that ask for it."""
    refused = run.refusal()
    if refused is not None:
        return refused
    token = None if scope is None else scope.enter()
    try:
        context, steps = lane.body(lane.functions, run.context)
    except Exception as error:
        return run.failed(error, lane.body.__code__, lane.lines, stops)
    finally:
        if scope is not None and token is not None:
            scope.leave(token)
    return run.finished(context, steps)


async def unserved_async(run: Run, lane: Lane, scope: Scope | None, stops: Stops | None = None) -> ExecutionResult[Any]:
    """As `unserved`, on the async lane."""
    refused = run.refusal()
    if refused is not None:
        return refused
    token = None if scope is None else scope.enter()
    try:
        context, steps = await lane.body(lane.functions, run.context)
    except Exception as error:
        return run.failed(error, lane.body.__code__, lane.lines, stops)
    finally:
        if scope is not None and token is not None:
            scope.leave(token)
    return run.finished(context, steps)


def _cause(error: Exception, failure: Failure) -> BaseException | None:
    """What a tool raised, behind the error that stands for it."""
    if isinstance(error, StepFailed | DecisionFailed):
        return error.__cause__
    return None if failure.error is error or not failure.resolved else error


def records(flow: Contract, result: ExecutionResult[Any]) -> list[StepRecord]:
    """The records of a result of ``flow``."""
    from cwc.runtime.replay import Clock, records_of

    trace = result.raw if isinstance(result.raw, Trace) else Trace(result.initial_input, result.raw)
    wall = result.started_ns if result.resumed_ns is None else result.resumed_ns
    return records_of(flow.name, flow.steps, trace, Clock(wall, result.start_clock), result.end_clock)
