"""What a run is watched, stopped, cached and recorded by, around its steps and around the whole of it.

Each service is written once for both lanes, as a generator function; this module puts them in order. The first of a
list is innermost:

1. the step itself: contracts, retry, fallback, decision, timeout
2. the cache of steps
3. what `current_step` tells
4. events
5. deadline and cancellation
6. the journal of checkpoints

So an answer from the journal is no event and is not asked whether to stop, and an answer from the cache is an event.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from cwc.runtime.arguments import as_checkpointer, check_services
from cwc.runtime.around import Around, Ask, Service, drive, drive_async, wrapped, wrapped_async
from cwc.runtime.asked import ASKED
from cwc.runtime.caching import cached
from cwc.runtime.cancellation import CancellationToken, Limits, Stops
from cwc.runtime.checkpoints import Checkpointer
from cwc.runtime.errors import CwcError
from cwc.runtime.failures import stopped_in
from cwc.runtime.journal import Journal
from cwc.runtime.lanes import Lane
from cwc.runtime.observers import Emitter, Observer
from cwc.runtime.observing import observed_run, observed_steps
from cwc.runtime.raised import KeyMissing
from cwc.runtime.results import ExecutionResult
from cwc.runtime.run import Run
from cwc.runtime.scope import SCOPE, Scope
from cwc.runtime.step_cache import StepCache
from cwc.runtime.step_context import telling
from cwc.runtime.steps import Outputs, Step


@dataclass(frozen=True, slots=True)
class Services:
    """The services of a run and of the runs inside of it; None for those that nobody asked for.

    ``run_id`` is the outermost run's trace id, ``path`` what stands before the names of steps in a run inside of it:
    ``0:child/``. ``stops`` is one run's own.
    """

    run_id: str
    path: str = ""
    cache: StepCache | None = None
    resources: Any = None
    emitter: Emitter | None = None
    limits: Limits | None = None
    journal: Journal | None = None
    stops: Stops | None = None

    def within(self, run: Run) -> Services:
        """These services, for one run."""
        return self if self.limits is None else replace(self, stops=Stops(self.limits, run.flow.steps))

    def around(self, run: Run) -> list[Around]:
        """The services of one run's steps, the first innermost."""
        services: list[Around] = []
        if self.cache is not None:
            services.append(cached(self.cache, run.flow))
        if self.resources is not None or ASKED:
            deadline = None if self.limits is None else self.limits.deadline
            services.append(telling(self.run_id, self.path, deadline, self.resources))
        if run.flow.composes:
            services.append(self._inside)
        if self.emitter is not None:
            services.append(observed_steps(self.emitter, run, self.run_id, self.path))
        if self.stops is not None:
            services.append(self.stops.around)
        if self.journal is not None:
            services.append(self.journal.around(self.path, run.flow.name))
        return services

    def name_of(self, step: Step) -> str:
        """A step's name in the outermost run: ``0:child/1:double``."""
        return step.name_in(self.path)

    def _inside(self, step: Step, values: tuple[Any, ...]) -> Generator[Ask | None, Any, Outputs]:
        """Let the flow that a step runs know of these services."""
        if step.flow_name is None:
            outputs: Outputs = yield None
            return outputs
        inner = replace(self, path=f"{self.name_of(step)}/")
        token = SCOPE.set(SCOPE.get().under(inner))
        try:
            outputs = yield None
        finally:
            SCOPE.reset(token)
        return outputs


def services_of(
    run: Run,
    is_async: bool,
    deadline: float | None,
    cancel_token: CancellationToken | None,
    cache: StepCache | None,
    journal: Journal | None,
    observers: Sequence[Observer],
    resources: Any,
) -> Services:
    """The services that a caller asks for, for an outermost run. Raises InvalidArgumentError."""
    check_services(run.trace_id, deadline, cancel_token, cache, observers)
    run_id = run.name()
    tokens = () if cancel_token is None else (cancel_token,)
    limits = Limits(deadline, tokens) if tokens or deadline is not None else None
    emitter = Emitter(observers, is_async=is_async) if observers else None
    return Services(run_id, cache=cache, resources=resources, limits=limits, emitter=emitter, journal=journal)


def journal_of(checkpointer: Checkpointer | None) -> Journal | None:
    """What records a run that begins, if somebody is to. Raises InvalidArgumentError."""
    return None if checkpointer is None else Journal(as_checkpointer(checkpointer))


def serve(services: Services, run: Run, lane: Lane, scope: Scope) -> ExecutionResult[Any]:
    """A run under services, on the sync lane."""
    services = services.within(run)
    functions = wrapped(run.flow.steps, lane.functions, services.around(run))
    scope.services = services
    token = scope.enter()
    try:
        result: ExecutionResult[Any] = drive(_attended(services, run, lane), lane.body, (functions, run.context))
    finally:
        scope.leave(token)
    return result


async def serve_async(services: Services, run: Run, lane: Lane, scope: Scope) -> ExecutionResult[Any]:
    """A run under services, on the async lane."""
    services = services.within(run)
    functions = wrapped_async(run.flow.steps, lane.functions, services.around(run))
    scope.services = services
    token = scope.enter()
    try:
        result: ExecutionResult[Any] = await drive_async(
            _attended(services, run, lane), lane.body, (functions, run.context)
        )
    finally:
        scope.leave(token)
    return result


def _attended(services: Services, run: Run, lane: Lane) -> Service:
    """What is done around a body, which runs where this yields None."""
    service: Service = _whole(services, run, lane)
    if services.emitter is not None:
        service = observed_run(services.emitter, run, services.run_id, services.path, lane, service)
    return service


def _whole(services: Services, run: Run, lane: Lane) -> Service:
    refused = run.refusal()
    if refused is not None:
        return refused
    # A run inside of another is a part of that one's journal.
    journal = None if services.path else services.journal
    if journal is not None:
        yield from journal.begin(run)
    try:
        result = yield from _come_to_its_end(services, run, lane)
    except CwcError as error:
        if journal is not None:
            yield from journal.end(error, error.partial_result)
        raise
    except BaseException as error:
        # Its task was cancelled, or the process is to end. What stops the run is not to be hidden by the store.
        if journal is not None and not isinstance(error, GeneratorExit):
            with suppress(CwcError):
                yield from journal.end(error, None)
        raise
    if journal is not None:
        yield from journal.end(result.failure, result)
    return result


def _come_to_its_end(services: Services, run: Run, lane: Lane) -> Generator[Ask | None, Any, ExecutionResult[Any]]:
    try:
        context, steps = yield None
    except Exception as error:
        why = None
        if isinstance(error, KeyMissing) and services.stops is not None:
            # The inputs of a step are read before it is asked whether to begin.
            why = services.stops.before(stopped_in(error, lane.body.__code__, lane.lines).index)
        failed = error if why is None else why.with_traceback(error.__traceback__)
        return run.failed(failed, lane.body.__code__, lane.lines)
    return run.finished(context, steps)
