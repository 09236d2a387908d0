"""Tracebacks that lead through the flow file: frames of generated code are shown as the lines they were made of."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from traceback import FrameSummary, StackSummary, TracebackException, walk_tb
from types import FrameType, TracebackType

from cwc.runtime.facts import FlowFacts
from cwc.runtime.raised import SubflowFailed
from cwc.runtime.run import Run
from cwc.runtime.steps import Step

Place = tuple[FlowFacts, Step]
"""A flow and a step of it that a frame was running."""


def install() -> None:
    """Show uncaught exceptions that passed through flows as `format_error` does; others as before."""
    before = sys.excepthook
    if getattr(before, "shows_flows", False):
        return

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if any(_passed_through_flow(each) for each in _chain(error)):
            sys.stderr.write(format_error(error))
        else:
            before(kind, error, trace)

    hook.shows_flows = True  # type: ignore[attr-defined]
    sys.excepthook = hook


def format_error(error: BaseException) -> str:
    """An exception with its causes, as Python shows them, but for what lies between a flow and its tools.

    Instead of the frames of generated code there is one, named after the flow, at the step's line in the flow file;
    those of the runtime are left out, where a flow's is shown, and so is what only the runtime raised on the way. A run
    that failed inside of another one shows its own error.
    """
    shown = TracebackException.from_exception(error)
    waiting = [(error, shown)]
    while waiting:
        error, told = waiting.pop()
        told.stack = StackSummary.from_list(list(_frames(error)))
        cause, context = error.__cause__, error.__context__
        if isinstance(cause, SubflowFailed):
            cause = cause.args[0].failure
            told.__cause__ = None if cause is None else TracebackException.from_exception(cause)
        if (
            context is not None
            and context.__traceback__
            and all(_is_between(frame) for frame, _ in walk_tb(context.__traceback__))
        ):
            context = told.__context__ = None
        inner = zip(getattr(error, "exceptions", ()), told.exceptions or (), strict=False)
        pairs = [(cause, told.__cause__), (context, told.__context__), *inner]
        waiting += [(each, its) for each, its in pairs if each is not None and its is not None]
    return "".join(shown.format())


def _frames(error: BaseException) -> Iterator[FrameSummary]:
    """What is shown of the traceback of one exception."""
    shows_flow = _passed_through_flow(error)
    last: Step | None = None
    for frame, line, place in _places(error):
        if place is not None:
            flow, step = place
            if last is not step:
                yield FrameSummary(_shown(flow.source), step.line, _shown(flow.name), lookup_line=False)
            last = step
        elif not (shows_flow and _is_between(frame)):
            yield FrameSummary(frame.f_code.co_filename, line, frame.f_code.co_name, lookup_line=False)
            last = None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and what led to it."""
    seen: list[BaseException] = []
    while error is not None and not any(error is each for each in seen):
        seen.append(error)
        yield error
        error = error.__cause__ or error.__context__


def _passed_through_flow(error: BaseException) -> bool:
    return any(place is not None for _, _, place in _places(error))


def _places(error: BaseException) -> Iterator[tuple[FrameType, int, Place | None]]:
    """The frames of a traceback, each with the step of a flow that it was running."""
    around: Place | None = None
    for frame, line in walk_tb(error.__traceback__):
        place = _place(frame, line, around)
        around = place or around
        yield frame, line, place


def _place(frame: FrameType, line: int, around: Place | None) -> Place | None:
    """The step of a flow that a frame was running, or that it raised the error of.

    ``around`` is that of a frame before: a function that serves several steps was called by the body for one of them.
    """
    code = frame.f_code
    if code is Run.failed.__code__:
        run, step = frame.f_locals.get("self"), frame.f_locals.get("step")
        return (run.flow, step) if isinstance(run, Run) and isinstance(run.flow, FlowFacts) and step else None
    flow = frame.f_globals.get("FLOW")
    if not isinstance(flow, FlowFacts):
        return None
    for lane in flow.generated_lanes:
        if lane.body.__code__ is code and (known := lane.lines.get(line - code.co_firstlineno)):
            return flow, flow.steps[known[0]]
        steps = [step for step, run in zip(flow.steps, lane.functions, strict=True) if run.__code__ is code]
        if len(steps) == 1:
            return flow, steps[0]
        if steps and around is not None and around[0] is flow:
            return around
    return None


def _is_between(frame: FrameType) -> bool:
    """Whether a frame is one of the runtime, or one of a generated module that stands for no step of its own."""
    if str(frame.f_globals.get("__name__")).startswith("cwc.runtime."):
        return True
    flow = frame.f_globals.get("FLOW")
    lanes = flow.generated_lanes if isinstance(flow, FlowFacts) else ()
    return any(lane.body.__code__.co_filename == frame.f_code.co_filename for lane in lanes)


def _shown(text: str) -> str:
    """A name from a flow file, which may hold anything, as a part of one line."""
    return text if text.isprintable() else ascii(text)
