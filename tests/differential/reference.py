"""Runs one flow with cwc and with ChainWeaver, and brings both outcomes into one shape to compare."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import chainweaver
from chainweaver.executor import FlowExecutor
from chainweaver.registry import FlowRegistry
from chainweaver.serialization import flow_from_json

import cwc
from cwc.diagnostics.model import Report
from cwc.driver.compile import Options
from cwc.driver.memory import compile_in_memory, load
from cwc.runtime.flow import Flow
from tests.strategies import CALLS, SCHEMAS, FlowCase

RECORD_FIELDS = (
    "step_index", "tool_name", "inputs", "outputs", "success", "skipped", "error_type", "retry_count", "retry_errors",
    "fallback_used", "fallback_tool_name", "flow_name",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What a run came to: the class that it raised, or its result, and the collision lines that it logged."""

    raised: str | None
    success: bool | None
    final_output: Any
    records: tuple[dict[str, Any], ...]
    logs: tuple[str, ...]


@contextmanager
def schemas_of(case: FlowCase) -> Iterator[dict[str, Any]]:
    """The flow with its schemas importable."""
    module = ModuleType(SCHEMAS)
    flow = dict(case.flow)
    for role, model in case.schemas.items():
        setattr(module, model.__name__, model)
        if role.endswith("_ref"):
            flow[role] = f"{SCHEMAS}:{model.__name__}"
    sys.modules[SCHEMAS] = module
    try:
        yield flow
    finally:
        del sys.modules[SCHEMAS]


def tools_of(case: FlowCase) -> list[cwc.Tool]:
    return [
        cwc.Tool(
            name=tool.name, description="", input_schema=tool.input_model, output_schema=tool.output_model, fn=tool.fn
        )
        for tool in case.tools
    ]


CONSTRUCTS = ("subflows", "branches", "decisions")


def compiled(case: FlowCase, flow: dict[str, Any]) -> Flow[Any]:
    tools = tools_of(case)
    return load(compile_in_memory(flow, tools, Options(async_constructs=CONSTRUCTS), case.others), tools)


def reported(case: FlowCase, flow: dict[str, Any]) -> Report:
    """Everything that the build says of a flow."""
    return compile_in_memory(flow, tools_of(case), Options(async_constructs=CONSTRUCTS), case.others).report


def executor(case: FlowCase, flow: dict[str, Any]) -> FlowExecutor:
    registry = FlowRegistry()
    for each in (flow, *case.others):
        registry.register_flow(flow_from_json(json.dumps(each)))
    made = FlowExecutor(registry=registry, decision_callback=case.decide if case.decides else None)
    for tool in case.tools:
        made.register_tool(
            chainweaver.Tool(
                name=tool.name,
                description="",
                input_schema=tool.input_model,
                output_schema=tool.output_model,
                fn=tool.fn,
            )
        )
    return made


def run_cwc(
    flow: Flow[Any],
    given: dict[str, Any],
    lane: str,
    dynamic: dict[str, Any] | None,
    calls: dict[str, int] | None = None,
    decide: Callable[[Any], str] | None = None,
    limit: int | None = None,
) -> Outcome:
    """``calls`` is what flaky tools remember from before. What is None is not passed: plain runs are another path."""

    def run() -> Any:
        passed = {"dynamic_params": dynamic, "decision_callback": decide, "max_step_concurrency": limit}
        options: Any = {name: value for name, value in passed.items() if value is not None}
        if lane == "sync":
            return flow.run(given, **options)
        return asyncio.run(flow.run_async(given, **options))

    return _outcome(run, "cwc.flow", calls)


def run_reference(
    made: FlowExecutor, name: str, given: dict[str, Any], lane: str, dynamic: dict[str, Any] | None
) -> Outcome:
    def run() -> Any:
        if lane == "sync":
            return made.execute_flow(name, given, dynamic_params=dynamic)
        return asyncio.run(made.execute_flow_async(name, given, dynamic_params=dynamic))

    return _outcome(run, "chainweaver.executor")


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if message.endswith("overwritten"):
            self.lines.append(f"{record.levelname} {message}")


def _outcome(run: Any, logger_name: str, calls: dict[str, int] | None = None) -> Outcome:
    logger, lines = logging.getLogger(logger_name), _Lines()
    level, propagate = logger.level, logger.propagate
    logger.addHandler(lines)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    CALLS.clear()
    CALLS.update(calls or {})
    try:
        result = run()
    except Exception as error:
        # Predicates of the reference raise whatever their values do.
        return Outcome(type(error).__name__, None, None, (), tuple(lines.lines))
    finally:
        logger.removeHandler(lines)
        logger.setLevel(level)
        logger.propagate = propagate
    records = tuple(map(_comparable, result.execution_log))
    return Outcome(None, result.success, result.final_output, records, tuple(lines.lines))


def _comparable(record: Any) -> dict[str, Any]:
    """A record without times and without sentences of either system: texts of failed calls are the tools' own.

    Where a fallback ran, one more text tells of the first tool, and the reference's async lane adds another for a
    fallback that failed.
    """
    shown = {name: getattr(record, name) for name in RECORD_FIELDS}
    shown["decision"] = record.decision.model_dump(exclude={"duration_ms"}) if record.decision else None
    shown["sub_result"] = None
    if record.sub_result is not None:
        inner = record.sub_result
        shown["sub_result"] = (
            inner.flow_name,
            inner.success,
            inner.final_output,
            [*map(_comparable, inner.execution_log)],
        )
    if record.fallback_used:
        assert len(record.retry_errors) in (record.retry_count + 2, record.retry_count + 3)
        shown["retry_errors"] = record.retry_errors[: record.retry_count + 1]
    return shown
