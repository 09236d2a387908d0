"""Results and records have ChainWeaver's fields, defaults and JSON: what one dumps the other loads, unchanged."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import chainweaver
from chainweaver.approvals import ApprovalDecision
from chainweaver.approvals import ApprovalRecord as TheirApproval
from chainweaver.cost import CostProfile, compute_cost_report
from chainweaver.decisions import DecisionRecord as TheirDecision
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from cwc.runtime.records import ApprovalRecord, DecisionRecord, ResultShape, StepRecord
from cwc.runtime.results import ExecutionResult

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
MAPPINGS = st.dictionaries(st.text(max_size=3), VALUES, max_size=3)
TIMES = st.datetimes(datetime(1980, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
DURATIONS = st.floats(0, 1e9, allow_nan=False)
CODES = st.sampled_from([None, "CW-E006", "CWC-R007"])
NAMES = st.none() | st.text(max_size=5)


class Ended:
    """A flow whose results have the records that are their ``raw``."""

    name, version = "ended", "1.0.0"

    def build_records(self, result: ExecutionResult[Any]) -> list[StepRecord]:
        return [StepRecord.model_validate(record) for record in result.raw]


def records(depth: int = 1) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "step_index": st.integers(-1, 9),
            "tool_name": st.text(max_size=5),
            "inputs": MAPPINGS,
            "outputs": st.none() | MAPPINGS,
            "error_type": st.sampled_from([None, "ValueError"]),
            "error_code": CODES,
            "error_message": NAMES,
            "success": st.booleans(),
            "started_at": TIMES,
            "ended_at": TIMES,
            "duration_ms": DURATIONS,
            "retry_count": st.integers(0, 9),
            "retry_errors": st.lists(st.text(max_size=3), max_size=2),
            "skipped": st.booleans(),
            "cached": st.booleans(),
            "fallback_used": st.booleans(),
            "fallback_tool_name": NAMES,
            "flow_name": NAMES,
            "sub_result": st.none() | results(depth - 1) if depth else st.none(),
            "approval": st.none() | st.builds(TheirApproval, decision=st.sampled_from(ApprovalDecision), reason=NAMES),
            "decision": st.none()
            | st.builds(
                TheirDecision,
                candidates=st.lists(st.text(max_size=3)),
                chosen=st.text(max_size=3),
                default_tool_name=st.text(max_size=3),
                duration_ms=DURATIONS,
                timed_out=st.booleans(),
            ),
        }
    ).map(plain)


def results(depth: int = 1) -> st.SearchStrategy[dict[str, Any]]:
    report = compute_cost_report(steps_executed=2, actual_execution_ms=1.5, profile=CostProfile())
    return st.fixed_dictionaries(
        {
            "trace_schema_version": st.sampled_from(["1.0", "1.1"]),
            "flow_name": st.text(max_size=5),
            "flow_version": st.just("0.1.0"),
            "success": st.booleans(),
            "final_output": st.none() | MAPPINGS,
            "execution_log": st.lists(records(depth), max_size=2),
            "trace_id": st.text(max_size=32),
            "started_at": TIMES,
            "ended_at": TIMES,
            "total_duration_ms": DURATIONS,
            "cost_report": st.sampled_from([None, report.model_dump()]),
            "initial_input": MAPPINGS,
            "dry_run": st.booleans(),
        }
    )


def plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value.model_dump() if isinstance(value, BaseModel) else value for name, value in fields.items()}


@given(results())
def test_what_is_loaded_by_both_is_dumped_alike(fields: dict[str, Any]) -> None:
    ours, theirs = ExecutionResult.model_validate(fields), chainweaver.ExecutionResult.model_validate(fields)
    assert ours.model_dump_json() == theirs.model_dump_json()
    assert ours.model_dump_json(indent=2) == theirs.model_dump_json(indent=2)
    assert ours.model_dump(mode="json") == theirs.model_dump(mode="json")
    assert ours.model_dump() == theirs.model_dump()
    assert list(ours.model_dump()) == list(theirs.model_dump())


@given(results())
def test_what_one_dumps_the_other_loads(fields: dict[str, Any]) -> None:
    theirs = chainweaver.ExecutionResult.model_validate(fields)
    ours = ExecutionResult.model_validate_json(theirs.model_dump_json())
    assert ExecutionResult.model_validate(theirs.model_dump()) == ours
    assert chainweaver.ExecutionResult.model_validate_json(ours.model_dump_json()) == theirs
    assert chainweaver.ExecutionResult.model_validate(ours.model_dump()) == theirs


@given(st.lists(records(depth=0), max_size=2), MAPPINGS, st.integers(0, 2**62), st.integers(0, 2**50))
def test_a_fresh_result_is_loaded_by_the_reference(
    log: list[dict[str, Any]], final: dict[str, Any], started: int, took: int
) -> None:
    result = ExecutionResult(Ended(), True, final, {"number": 1}, log, started, 7, took + 7)
    theirs = chainweaver.ExecutionResult.model_validate_json(result.model_dump_json())
    assert ExecutionResult.model_validate_json(theirs.model_dump_json()) == result
    assert theirs.trace_id == result.trace_id
    assert math.isclose(theirs.total_duration_ms, took / 1e6)
    assert abs(theirs.ended_at - theirs.started_at - timedelta(microseconds=took / 1000)) <= timedelta(microseconds=1)


def test_a_run_of_the_reference_is_loaded() -> None:
    def double(inputs: Number) -> dict[str, int]:
        return {"value": inputs.number * 2}

    registry = chainweaver.FlowRegistry()
    step = chainweaver.FlowStep(tool_name="double", input_mapping={"number": "number"})
    registry.register_flow(chainweaver.Flow(name="doubling", description="", steps=[step]))
    executor = chainweaver.FlowExecutor(registry)
    executor.register_tool(
        chainweaver.Tool(name="double", description="", input_schema=Number, output_schema=Value, fn=double)
    )
    theirs = executor.execute_flow("doubling", {"number": 2})
    ours = ExecutionResult.model_validate(theirs.model_dump())
    assert ours.cost_report is None
    assert theirs.cost_report is None
    for name in chainweaver.ExecutionResult.model_fields.keys() - {"execution_log"}:
        assert getattr(ours, name) == getattr(theirs, name)
    assert [record.model_dump() for record in ours.execution_log] == [
        record.model_dump() for record in theirs.execution_log
    ]


class Number(BaseModel):
    number: int


class Value(BaseModel):
    value: int


def shape(model: type[BaseModel]) -> dict[str, tuple[bool, Any]]:
    return {
        name: (field.is_required(), None if field.is_required() else field.get_default(call_default_factory=True))
        for name, field in model.model_fields.items()
    }


def test_fields_and_defaults_are_the_same_and_in_the_same_order() -> None:
    pairs: list[tuple[type[BaseModel], type[BaseModel]]] = [
        (ResultShape, chainweaver.ExecutionResult),
        (StepRecord, chainweaver.StepRecord),
        (ApprovalRecord, TheirApproval),
        (DecisionRecord, TheirDecision),
    ]
    for ours, theirs in pairs:
        assert shape(ours) == shape(theirs)
        assert list(ours.model_fields) == list(theirs.model_fields)
