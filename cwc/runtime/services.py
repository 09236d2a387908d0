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

import copy
from collections.abc import Generator, Sequence
from contextlib import suppress
from typing import Any

from cwc.runtime.arguments import as_checkpointer, check_services
from cwc.runtime.around import Around, Ask, Before, Service, drive, drive_async, wrapped, wrapped_async
from cwc.runtime.asked import ASKED
from cwc.runtime.cancellation import CancellationToken, Limits, Stops
from cwc.runtime.errors import CwcError
from cwc.runtime.events.observers import Emitter, Observer
from cwc.runtime.events.observing import observed_run, observed_steps
from cwc.runtime.lanes import Lane
from cwc.runtime.results import ExecutionResult
from cwc.runtime.run import Run, unserved, unserved_async
from cwc.runtime.scope import SCOPE, Scope
from cwc.runtime.steps import Outputs, Step
from cwc.runtime.stores.caching import cached
from cwc.runtime.stores.checkpoints import Checkpointer
from cwc.runtime.stores.journal import Journal
from cwc.runtime.stores.step_cache import StepCache
from cwc.runtime.tools.step_context import telling


class Services:
    """The services of a run and of the runs inside of it; None for those that nobody asked for. Immutable.

    ``outermost`` is the outermost run, ``path`` what stands before the names of steps in a run inside of it:
    ``0:child/``.
    """

    __slots__ = ("cache", "emitter", "journal", "limits", "outermost", "path", "resources")

    def __init__(
        self,
        outermost: Run,
        cache: StepCache | None,
        resources: Any,
        emitter: Emitter | None,
        limits: Limits | None,
        journal: Journal | None,
        path: str = "",
    ) -> None:
        self.outermost, self.path = outermost, path
        self.cache, self.resources, self.emitter = cache, resources, emitter
        self.limits, self.journal = limits, journal

    @property
    def run_id(self) -> str:
        """The outermost run's trace id."""
        return self.outermost.name()

    @property
    def attend(self) -> bool:
        """Whether some of them stand around the whole of a run, not only around its steps."""
        return self.emitter is not None or self.journal is not None

    def stops(self, run: Run, scope: Scope | None) -> Stops | None:
        """Where one run is asked whether it has to stop. Its scope is told, and of the services."""
        stops = None if self.limits is None else Stops(self.limits, run.flow.steps)
        if scope is not None:
            scope.services, scope.stops = self, stops
        return stops

    def around(self, run: Run, stops: Stops | None) -> list[Around | Before]:
        """The services of one run's steps, the first innermost."""
        services: list[Around | Before] = []
        if self.cache is not None:
            services.append(cached(self.cache, run.flow))
        if self.resources is not None or ASKED:
            deadline = None if self.limits is None else self.limits.deadline
            services.append(telling(self.run_id, self.path, deadline, self.resources))
        if run.flow.composes:
            services.append(self._inside)
        if self.emitter is not None:
            services.append(observed_steps(self.emitter, run, self.run_id, self.path))
        if stops is not None:
            services.append(Before(stops.check))
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
        inner = copy.copy(self)
        inner.path = f"{self.name_of(step)}/"
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
    tokens = () if cancel_token is None else (cancel_token,)
    limits = Limits(deadline, tokens) if tokens or deadline is not None else None
    emitter = Emitter(observers, is_async=is_async) if observers else None
    return Services(run, cache, resources, emitter, limits, journal)


def journal_of(checkpointer: Checkpointer | None) -> Journal | None:
    """What records a run that begins, if somebody is to. Raises InvalidArgumentError."""
    return None if checkpointer is None else Journal(as_checkpointer(checkpointer))


def serve(services: Services, run: Run, lane: Lane, scope: Scope | None) -> ExecutionResult[Any]:
    """A run under services, on the sync lane. ``scope``: for flows that ask for it."""
    stops = services.stops(run, scope)
    lane = lane.running(wrapped(run.flow.steps, lane.functions, services.around(run, stops)))
    if not services.attend:
        return unserved(run, lane, scope, stops)
    token = None if scope is None else scope.enter()
    try:
        result: ExecutionResult[Any] = drive(
            _attended(services, run, lane, stops), lane.body, (lane.functions, run.context)
        )
    finally:
        if scope is not None and token is not None:
            scope.leave(token)
    return result


async def serve_async(services: Services, run: Run, lane: Lane, scope: Scope | None) -> ExecutionResult[Any]:
    """A run under services, on the async lane; otherwise as `serve`."""
    stops = services.stops(run, scope)
    lane = lane.running(wrapped_async(run.flow.steps, lane.functions, services.around(run, stops)))
    if not services.attend:
        return await unserved_async(run, lane, scope, stops)
    token = None if scope is None else scope.enter()
    try:
        result: ExecutionResult[Any] = await drive_async(
            _attended(services, run, lane, stops), lane.body, (lane.functions, run.context)
        )
    finally:
        if scope is not None and token is not None:
            scope.leave(token)
    return result


def _attended(services: Services, run: Run, lane: Lane, stops: Stops | None) -> Service:
    """What is done around a body, which runs where this yields None."""
    service: Service = _whole(services, run, lane, stops)
    if services.emitter is not None:
        service = observed_run(services.emitter, run, services.run_id, services.path, lane, service)
    return service


def _whole(services: Services, run: Run, lane: Lane, stops: Stops | None) -> Service:
    refused = run.refusal()
    if refused is not None:
        return refused
    # A run inside of another is a part of that one's journal.
    journal = None if services.path else services.journal
    if journal is not None:
        yield from journal.begin(run)
    try:
        result = yield from _come_to_its_end(run, lane, stops)
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


def _come_to_its_end(run: Run, lane: Lane, stops: Stops | None) -> Generator[Ask | None, Any, ExecutionResult[Any]]:
    try:
        context, steps = yield None
    except Exception as error:
        return run.failed(error, lane.body.__code__, lane.lines, stops)
    return run.finished(context, steps)
