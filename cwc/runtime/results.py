"""What a run of a flow gives back. Making a result costs next to nothing; what can be derived is derived when read."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar

from cwc.runtime.derived import derived

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

    from cwc.runtime.records import ResultShape, StepRecord

Output = TypeVar("Output", covariant=True)

TRACE_SCHEMA_VERSION = "1.1"
"""The version of the shape that results are dumped in."""

_LONGEST_TEXT = 200
"""How many characters of an error's text a result shows."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Traced(Protocol):
    """What a result needs of the flow that it is a result of."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def build_records(self, result: ExecutionResult[Any]) -> list[StepRecord]:
        """The records of a run, in order, made of the result's ``raw`` and clocks. Called when they are first read."""
        ...


class ExecutionResult(Generic[Output]):
    """The outcome of one run of a flow: what it was given, what it ended in, and a record of each step.

    ``flow`` is the flow; ``success`` whether it ended well; ``final_output`` the context at its end, None without
    success; ``initial_input`` the caller's input; ``failure`` the error that ended it, or None. The rest is for the
    flow to build its records of: ``raw`` is its own, ``started_ns`` is ``time.time_ns()`` at the start, and
    ``start_clock`` and ``end_clock`` are ``time.perf_counter_ns()`` at start and end. Of a resumed run the clocks
    measure the resumed part, ``started_ns`` is that of the first start, and ``resumed_ns`` is ``time.time_ns()`` at
    ``start_clock``.

    Results have the attributes of ChainWeaver's and the same JSON. They compare by all that is dumped. Pickles and
    copies carry that too, and so neither ``failure`` nor ``raw``.
    """

    __slots__ = (
        "_cost_report",
        "_dry_run",
        "_ended_at",
        "_execution_log",
        "_started_at",
        "_total_duration_ms",
        "_trace_id",
        "_trace_schema_version",
        "end_clock",
        "failure",
        "final_output",
        "flow",
        "initial_input",
        "raw",
        "resumed_ns",
        "start_clock",
        "started_ns",
        "success",
    )

    def __init__(
        self,
        flow: Traced,
        success: bool,
        final_output: Output | None,
        initial_input: dict[str, Any],
        raw: Any,
        started_ns: int,
        start_clock: int,
        end_clock: int,
        trace_id: str | None = None,
        failure: BaseException | None = None,
        resumed_ns: int | None = None,
    ) -> None:
        self.flow = flow
        self.success = success
        self.final_output = final_output
        self.initial_input = initial_input
        self.raw = raw
        self.started_ns = started_ns
        self.start_clock = start_clock
        self.end_clock = end_clock
        self.failure = failure
        self.resumed_ns = resumed_ns
        if trace_id is not None:
            self._trace_id = trace_id

    @property
    def flow_name(self) -> str:
        return self.flow.name

    @property
    def flow_version(self) -> str:
        return self.flow.version

    @derived
    def execution_log(self) -> list[StepRecord]:
        """The records of the run's steps, in order."""
        return self.flow.build_records(self)

    @derived
    def trace_id(self) -> str:
        """What the run is known by in logs and elsewhere: 32 hex digits, unless the caller has chosen one."""
        return new_trace_id()

    @derived
    def started_at(self) -> datetime:
        """When the run began, in UTC; of a resumed run, when it first began."""
        return time_from_ns(self.started_ns)

    @derived
    def ended_at(self) -> datetime:
        """When the run ended, in UTC."""
        return self.time_of(self.end_clock)

    @derived
    def total_duration_ms(self) -> float:
        """How long the run took; of a resumed run, its resumed part."""
        return (self.end_clock - self.start_clock) / 1e6

    @derived
    def cost_report(self) -> dict[str, Any] | None:
        """None, unless the result was loaded with one."""
        return None

    @derived
    def dry_run(self) -> bool:
        """False, unless the result was loaded from a dry run."""
        return False

    @derived
    def trace_schema_version(self) -> str:
        """The version of the shape of results."""
        return TRACE_SCHEMA_VERSION

    def time_of(self, clock: int) -> datetime:
        """The time in UTC of a reading of ``time.perf_counter_ns()`` during the run."""
        start = self.started_ns if self.resumed_ns is None else self.resumed_ns
        return time_from_ns(start + clock - self.start_clock)

    def model_dump(self, *, mode: Literal["python", "json"] = "python") -> dict[str, Any]:
        """All of the result as a mapping; with mode ``json``, as values of JSON only.

        Raises pydantic_core.PydanticSerializationError for a value that has no JSON form.
        """
        return self._shape().model_dump(mode=mode)

    def model_dump_json(self, *, indent: int | None = None) -> str:
        """All of the result as JSON. Raises as `model_dump`."""
        return self._shape().model_dump_json(indent=indent)

    @classmethod
    def model_validate(cls, obj: object) -> ExecutionResult[Any]:
        """A result from what `model_dump` gives. Raises pydantic.ValidationError."""
        from cwc.runtime.records import ResultShape

        return obj if isinstance(obj, cls) else cls._of_shape(ResultShape.model_validate(obj))

    @classmethod
    def model_validate_json(cls, data: str | bytes | bytearray) -> ExecutionResult[Any]:
        """A result from what `model_dump_json` gives. Raises pydantic.ValidationError."""
        from cwc.runtime.records import ResultShape

        return cls._of_shape(ResultShape.model_validate_json(data))

    def __eq__(self, other: object) -> bool:
        return self._shape() == other._shape() if isinstance(other, ExecutionResult) else NotImplemented

    def __repr__(self) -> str:
        error = "" if self.failure is None else f" with {type(self.failure).__name__}: {_in_a_line(self.failure)}"
        outcome = "success" if self.success else f"failed{error}"
        return f"<ExecutionResult of {self.flow_name!r} {self.flow_version}: {outcome}>"

    def __reduce__(self) -> tuple[Callable[[ResultShape], ExecutionResult[Any]], tuple[ResultShape]]:
        return self._of_shape, (self._shape(),)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        from cwc.runtime.records import ResultShape

        shape = handler.generate_schema(ResultShape)

        def load(value: object, validate: Callable[[object], ResultShape]) -> ExecutionResult[Any]:
            return value if isinstance(value, cls) else cls._of_shape(validate(value))

        return core_schema.no_info_wrap_validator_function(
            load,
            shape,
            serialization=core_schema.plain_serializer_function_ser_schema(cls._shape, return_schema=shape),
        )

    def _shape(self) -> ResultShape:
        from cwc.runtime.records import ResultShape

        return ResultShape.model_construct(**{name: getattr(self, name) for name in ResultShape.model_fields})

    @classmethod
    def _of_shape(cls, shape: ResultShape) -> ExecutionResult[Any]:
        flow = _Recorded(shape.flow_name, shape.flow_version)
        given = (shape.success, shape.final_output, shape.initial_input)
        result = ExecutionResult[Any](flow, *given, None, _nanoseconds(shape.started_at), 0, 0)
        for name in _KEPT:
            setattr(result, f"_{name}", getattr(shape, name))
        return result


_KEPT = tuple(name for name, attribute in vars(ExecutionResult).items() if isinstance(attribute, derived))


class _Recorded:
    """The flow of a result that was loaded, of which the name and version are left."""

    __slots__ = ("name", "version")

    def __init__(self, name: str, version: str) -> None:
        self.name, self.version = name, version

    def build_records(self, result: ExecutionResult[Any]) -> list[StepRecord]:
        """Never asked: what was loaded has its records."""
        return []


def new_trace_id() -> str:
    """32 hex digits."""
    return os.urandom(16).hex()  # cwc: allow DET201 -- names the run, and no tool sees it


def _in_a_line(error: BaseException) -> str:
    """The text of an error, without line breaks and not longer than is shown of it."""
    text = " ".join(str(error).split())
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"


def _nanoseconds(moment: datetime) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1) * 1000


def time_from_ns(nanoseconds: int) -> datetime:
    """The time in UTC of a reading of ``time.time_ns()``."""
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)
