"""ExecutionResult: what is derived when it is read, how it is dumped and loaded, compared, copied and nested."""

from __future__ import annotations

import copy
import json
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from cwc.runtime.errors import ToolTimeoutError
from cwc.runtime.records import StepRecord
from cwc.runtime.results import ExecutionResult

STARTED = datetime(2024, 2, 29, 12, 30, 0, 250_001, tzinfo=UTC)
STARTED_NS = 1_709_209_800_250_001_999
"""`STARTED`, and 999 ns that a datetime cannot hold."""


class Doubling:
    """A flow of one step, which counts how often its records are built."""

    name, version = "doubling", "1.2.0"

    def __init__(self) -> None:
        self.built = 0
        self.together: threading.Barrier | None = None

    def build_records(self, result: ExecutionResult[Any]) -> list[StepRecord]:
        self.built += 1
        if self.together is not None:
            self.together.wait()
        return [
            StepRecord(
                step_index=0,
                tool_name="double",
                inputs={"number": 2},
                outputs={"value": result.raw[0]},
                started_at=result.started_at,
                ended_at=result.time_of(result.raw[1]),
                duration_ms=1.5,
            )
        ]


def make(flow: Doubling | None = None, **given: Any) -> ExecutionResult[dict[str, Any]]:
    final = {"number": 2, "value": 4}
    return ExecutionResult(
        flow or Doubling(), True, final, {"number": 2}, (4, 2_500_000), STARTED_NS, 1_000_000, 4_000_000, **given
    )


def test_what_it_is_given_is_what_it_has() -> None:
    error = ToolTimeoutError("double", 1.0)
    result = make(trace_id="known", failure=error)
    assert (result.flow_name, result.flow_version, result.success) == ("doubling", "1.2.0", True)
    assert (result.final_output, result.initial_input) == ({"number": 2, "value": 4}, {"number": 2})
    assert result.trace_id == "known"
    assert result.failure is error
    assert (result.trace_schema_version, result.cost_report, result.dry_run) == ("1.1", None, False)


def test_times_are_those_of_the_clocks() -> None:
    result = make()
    assert result.started_at == STARTED
    assert result.ended_at == STARTED + timedelta(milliseconds=3)
    assert result.total_duration_ms == 3.0
    assert result.execution_log[0].ended_at == STARTED + timedelta(microseconds=1500)
    assert result.started_at.utcoffset() == timedelta(0)


def test_a_resumed_run_began_earlier_than_its_clocks_say() -> None:
    result = make(resumed_ns=STARTED_NS + 60_000_000_000)
    assert result.started_at == STARTED
    assert result.ended_at == STARTED + timedelta(minutes=1, milliseconds=3)
    assert result.total_duration_ms == 3.0


@given(st.integers(0, 4_102_444_800_000_000_000))
def test_times_are_exact_to_the_microsecond(nanoseconds: int) -> None:
    started = ExecutionResult[Any](Doubling(), True, {}, {}, (), nanoseconds, 0, 0).started_at
    assert (started - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) == nanoseconds // 1000


def test_records_are_built_once_and_only_when_they_are_read() -> None:
    flow = Doubling()
    result = make(flow)
    assert (repr(result), result.trace_id, result.ended_at) is not None
    assert flow.built == 0
    assert result.execution_log is result.execution_log
    assert flow.built == 1


def test_a_trace_id_is_made_once_and_only_when_it_is_read() -> None:
    result, other = make(), make()
    assert len(result.trace_id) == 32
    assert set(result.trace_id) <= set("0123456789abcdef")
    assert result.trace_id == result.trace_id
    assert result.trace_id != other.trace_id


def test_threads_that_read_at_once_see_the_same() -> None:
    flow = Doubling()
    flow.together = threading.Barrier(2, timeout=10)
    result = make(flow)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: result.execution_log, range(2))
    assert flow.built == 2
    assert first is second is result.execution_log


def test_derived_attributes_cannot_be_set() -> None:
    with pytest.raises(AttributeError):
        make().trace_id = "other"  # type: ignore[misc]


def test_repr_is_short() -> None:
    assert repr(make()) == "<ExecutionResult of 'doubling' 1.2.0: success>"
    failed = ExecutionResult[Any](Doubling(), False, None, {}, (4, 0), 0, 0, 0, failure=ToolTimeoutError("double", 1.0))
    told = str(failed.failure)
    assert repr(failed) == f"<ExecutionResult of 'doubling' 1.2.0: failed with ToolTimeoutError: {told}>"
    failed.failure = ValueError("two\n  lines " + 300 * "x")
    shown = repr(failed).partition("ValueError: ")[2]
    assert shown == f"two lines {189 * 'x'}…>"
    assert repr(ExecutionResult.model_validate(failed.model_dump())).endswith("1.2.0: failed>")


class TestDump:
    def test_modes(self) -> None:
        result = make(trace_id="known")
        python, values = result.model_dump(), result.model_dump(mode="json")
        assert python["started_at"] == STARTED
        assert values["started_at"] == "2024-02-29T12:30:00.250001Z"
        assert values == json.loads(result.model_dump_json())
        assert python["execution_log"] == [record.model_dump() for record in result.execution_log]
        assert "failure" not in python
        assert "raw" not in python

    def test_indent(self) -> None:
        result = make()
        assert result.model_dump_json(indent=2).startswith('{\n  "trace_schema_version": "1.1",\n')
        assert "\n" not in result.model_dump_json()

    def test_what_is_dumped_is_loaded(self) -> None:
        result = make()
        assert ExecutionResult.model_validate(result.model_dump()) == result
        assert ExecutionResult.model_validate(result.model_dump(mode="json")) == result
        assert ExecutionResult.model_validate_json(result.model_dump_json()) == result
        assert ExecutionResult.model_validate_json(result.model_dump_json().encode()) == result
        assert ExecutionResult.model_validate(result) is result

    def test_a_loaded_result_keeps_what_it_was_loaded_with(self) -> None:
        dumped = make().model_dump(mode="json") | {
            "trace_schema_version": "1.0",
            "ended_at": "2024-03-01T00:00:00Z",
            "total_duration_ms": 0.07213699899468338,
            "cost_report": {"steps_executed": 1},
            "dry_run": True,
        }
        loaded = ExecutionResult.model_validate(dumped)
        assert loaded.model_dump(mode="json") == dumped
        assert loaded.failure is None
        assert loaded.time_of(loaded.start_clock) == loaded.started_at

    @pytest.mark.parametrize("duration", ["Infinity", "NaN"])
    def test_any_duration_is_loaded(self, duration: str) -> None:
        text = make().model_dump_json().replace('"total_duration_ms":3.0', f'"total_duration_ms":{duration}')
        assert repr(ExecutionResult.model_validate_json(text).total_duration_ms) == repr(float(duration))

    def test_a_time_without_zone_is_loaded_as_it_is(self) -> None:
        loaded = ExecutionResult.model_validate(make().model_dump() | {"started_at": datetime(2024, 1, 1)})
        assert loaded.started_at == datetime(2024, 1, 1)

    def test_what_is_no_result_is_refused(self) -> None:
        with pytest.raises(ValidationError, match="flow_name"):
            ExecutionResult.model_validate({})
        with pytest.raises(ValidationError, match="JSON"):
            ExecutionResult.model_validate_json("{")


class TestComparison:
    def test_by_all_that_is_dumped(self) -> None:
        assert make(trace_id="a") == make(trace_id="a")
        assert make(trace_id="a") != make(trace_id="b")
        assert make(trace_id="a") != make(trace_id="a", resumed_ns=0)
        assert make() != make()
        assert make() != "a result"

    def test_results_are_not_hashable(self) -> None:
        with pytest.raises(TypeError, match="unhashable"):
            hash(make())


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda result: pickle.loads(pickle.dumps(result))])
def test_copies_and_pickles_are_equal(copied: Any) -> None:
    result = make(failure=ToolTimeoutError("double", 1.0))
    twin = copied(result)
    assert type(twin) is ExecutionResult
    assert twin == result
    assert twin.failure is None


def test_a_deep_copy_shares_nothing() -> None:
    result = make()
    twin = copy.deepcopy(result)
    assert twin.final_output is not None
    twin.final_output["value"] = 5
    twin.execution_log[0].inputs["number"] = 5
    assert result.final_output == {"number": 2, "value": 4}
    assert result.execution_log[0].inputs == {"number": 2}


class TestAsField:
    def nested(self) -> StepRecord:
        outer = make().execution_log[0].model_dump()
        return StepRecord.model_validate(outer | {"flow_name": "doubling", "sub_result": make()})

    def test_a_result_is_taken_as_it_is(self) -> None:
        result = make()
        record = StepRecord.model_validate(make().execution_log[0].model_dump() | {"sub_result": result})
        assert record.sub_result is result

    def test_a_record_with_a_result_is_dumped_and_loaded(self) -> None:
        record = self.nested()
        assert record.sub_result is not None
        assert record.model_dump()["sub_result"] == record.sub_result.model_dump()
        assert StepRecord.model_validate_json(record.model_dump_json()) == record
        assert StepRecord.model_validate(record.model_dump(mode="json")) == record

    def test_results_nest_in_results(self) -> None:
        outer = make().model_dump() | {"execution_log": [self.nested()]}
        loaded = ExecutionResult.model_validate(outer)
        (record,) = loaded.execution_log
        assert isinstance(record.sub_result, ExecutionResult)
        assert ExecutionResult.model_validate_json(loaded.model_dump_json()) == loaded

    def test_any_model_may_have_a_field_of_results(self) -> None:
        class Report(BaseModel):
            results: list[ExecutionResult[Any]]

        report = Report(results=[make(), make()])
        assert Report.model_validate_json(report.model_dump_json()) == report
        assert Report.model_json_schema(mode="validation")
        assert Report.model_json_schema(mode="serialization")


class TestStepRecord:
    def record(self, **given: Any) -> StepRecord:
        given |= {"started_at": STARTED, "ended_at": STARTED, "duration_ms": 0.0}
        return StepRecord(step_index=0, tool_name="double", inputs={}, **given)

    def test_the_code_follows_from_the_type(self) -> None:
        assert self.record(error_type="ToolTimeoutError").error_code == ToolTimeoutError.code
        assert self.record(error_type="ValueError").error_code is None
        assert self.record(error_type="ToolTimeoutError", error_code="CW-E008").error_code == "CW-E008"
        assert self.record().error_code is None

    def test_lists_are_not_shared(self) -> None:
        self.record().retry_errors.append("oops")
        assert self.record().retry_errors == []
