"""Events of a run: the services that emit them around its steps and around the whole of it."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from time import perf_counter_ns
from typing import Any

from cwc.runtime.around import Around, Ask, Service, drive_async
from cwc.runtime.decisions.picks import pick_in
from cwc.runtime.error_base import CwcError
from cwc.runtime.events.kinds import FlowEnd, FlowStart, StepChunk, StepEnd, StepStart
from cwc.runtime.events.observers import Emitter, now
from cwc.runtime.events.secret_types import wrapped_secrets
from cwc.runtime.failures import Stopped, failure_of
from cwc.runtime.lanes import Lane
from cwc.runtime.replay import Clock, failed_record, step_record
from cwc.runtime.results import ExecutionResult
from cwc.runtime.run import Run
from cwc.runtime.steps import Outputs, Step
from cwc.runtime.tools.draining import CHUNKS, Sink

Emitting = Generator[Ask | None, Any, None]


def observed_steps(emitter: Emitter, run: Run, run_id: str, path: str) -> Around:
    """A service that emits the events of one run's steps. ``path`` stands before their names."""
    about = (run_id, run.name(), run.flow.name, path.removesuffix("/"))
    clock, hidden = Clock(run.wall, run.start), run.flow.secrets().targets
    streaming = frozenset() if emitter.lock is None else run.flow.streams()

    def sink_of(names: tuple[int, str, str]) -> Sink:
        async def sink(chunk: Any) -> None:
            await drive_async(emitter.emit(StepChunk(*about, now(), *names, chunk)), _nothing, ())

        return sink

    def around(step: Step, values: tuple[Any, ...]) -> Generator[Ask | None, Any, Outputs]:
        inputs = step.resolved(values)
        if hidden[step.index]:
            inputs = wrapped_secrets(inputs, hidden[step.index])
        pick = pick_in(values)
        names = (step.index, step.tool_name if pick is None else pick.tool, step.name_in(path))
        yield from emitter.emit(StepStart(*about, now(), *names, inputs))

        # Only where the step's own tool streams: other tools may run flows, whose chunks are not the step's.
        token = CHUNKS.set((asyncio.get_running_loop(), sink_of(names))) if step.index in streaming else None
        began = perf_counter_ns()
        try:
            outputs: Outputs = yield None
        except Exception as error:
            failure = failure_of(error, run.flow.name, step, Stopped((), step.index, "call", pick))
            if not failure.raised:
                record = failed_record(step, failure, inputs, clock, began, perf_counter_ns())
                yield from emitter.emit(StepEnd(*about, now(), *names, record))
            raise
        finally:
            if token is not None:
                CHUNKS.reset(token)
        record = step_record(step, outputs, inputs, clock, began, perf_counter_ns())
        yield from emitter.emit(StepEnd(*about, now(), *names, record))
        return outputs

    return around


def observed_run(emitter: Emitter, run: Run, run_id: str, path: str, lane: Lane, inner: Service) -> Service:
    """Emits that a run begins and ends around ``inner``, which is the run."""
    about = (run_id, run.name(), run.flow.name, path.removesuffix("/"))
    given = wrapped_secrets(run.initial, run.flow.secrets().keys)
    started = FlowStart(*about, now(), run.flow.version, given, len(run.flow.steps))
    yield from emitter.emit(started)
    try:
        result: ExecutionResult[Any] = yield from inner
    except BaseException as error:
        partial = error.partial_result if isinstance(error, CwcError) else None
        if partial is None:
            partial = run.interrupted(error, lane.body.__code__, lane.lines)
        yield from emitter.emit(FlowEnd(*about, now(), partial))
        raise
    yield from _unstarted(emitter, about, path, run, result)
    yield from emitter.emit(FlowEnd(*about, now(), result))
    return result


def _unstarted(
    emitter: Emitter, about: tuple[str, str, str, str], path: str, run: Run, result: ExecutionResult[Any]
) -> Emitting:
    """The end of a step that failed before it had its inputs, or its tool; steps that run flows have none."""
    failure = result.raw.failure
    if failure is None or failure.resolved or not 0 <= failure.index < len(run.flow.steps):
        return
    step = run.flow.steps[failure.index]
    if step.flow_name is None:
        record = result.execution_log[-1]
        names = (step.index, record.tool_name, step.name_in(path))
        yield from emitter.emit(StepEnd(*about, now(), *names, record))


async def _nothing() -> None:
    """Emitting stands around nothing."""
