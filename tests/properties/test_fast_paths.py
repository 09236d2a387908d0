"""Every fast path gives what the plain way gives: values, types, errors, words and warnings."""

from __future__ import annotations

import asyncio
import copy
import importlib
import logging
import pickle
import pkgutil
import threading
import warnings
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from itertools import product
from types import FunctionType, MappingProxyType
from typing import Any, get_args

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError, create_model

import cwc
import cwc.runtime
from cwc.plan.shapes import describe_model
from cwc.plan.types.rebuilding import rebuilds_data
from cwc.runtime.binding import Returns, first_tried, giver
from cwc.runtime.collisions import share_answers
from cwc.runtime.concurrency import together
from cwc.runtime.direct import direct_call
from cwc.runtime.encoding import flat_text, packed_text
from cwc.runtime.errors import ToolDefinitionError
from cwc.runtime.fast import FAST_PATHS
from cwc.runtime.flow import Flow
from cwc.runtime.lookups import detached, separate
from cwc.runtime.records import StepRecord
from cwc.runtime.replay import Clock, plain_record, step_record, validated_record
from cwc.runtime.scheduling import Begun, Scheduled
from cwc.runtime.steps import Outputs, Step
from tests.dag_strategies import dag_flows
from tests.differential.reference import _outcome as outcome_of
from tests.differential.reference import compiled, schemas_of
from tests.kind_values import fitting, fresh, values
from tests.kinds import SCALARS, types
from tests.models import Case, cases
from tests.nearly_plain import KINDS
from tests.properties.test_lanes import built, dags
from tests.properties.test_lanes import outcome as told_by
from tests.properties.test_sharing import changing
from tests.strategies import FlowCase, linear_flows


def outcome(give: Callable[[Any], Any], raw: Any) -> tuple[Any, ...]:
    """What came of an output: the value with all its types, or the error with all its words; and the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            given = fresh(raw if isinstance(raw, BaseModel) else copy.deepcopy(raw))
            result: tuple[Any, ...] = ("gives", shape(give(given)))
        except Exception as error:
            result = ("raises", type(error), str(error))
    return (*result, sorted(str(each.message) for each in caught))


def shape(value: Any) -> Any:
    """A value as something that compares by types as well, whatever the order of keys; nan equals itself."""
    if isinstance(value, dict):
        own = sorted(((shape(key), shape(each)) for key, each in value.items()), key=repr)
        return (type(value), own, getattr(value, "more", None))
    if isinstance(value, list | tuple):
        return (type(value), [shape(each) for each in value], getattr(value, "more", None))
    if isinstance(value, set | frozenset):
        return (type(value), sorted(map(shape, value), key=repr))
    return (type(value), repr(value))


def plainly(model: type[BaseModel]) -> Callable[[Any], Any]:
    """Validating and dumping as a model does it, where the outcome is an instance of it and a mapping."""

    def give(raw: Any) -> Any:
        validated: Any = model.model_validate(raw)
        if not isinstance(validated, model):
            made = type(validated).__name__
            raise TypeError(f"the validators of '{model.__name__}' give a {made}, which is no instance of it")
        return validated.model_dump()

    return give


@given(cases())
def test_an_output_is_what_validating_and_dumping_gives(case: Case) -> None:
    try:
        expected = outcome(plainly(case.model), case.raw)
    except TypeError:
        # What cannot be copied cannot be tried twice.
        assume(False)
    for returns in get_args(Returns):
        assert outcome(giver(case.model, returns), case.raw) == expected, case


@given(cases())
def test_an_output_that_is_tried_first_is_what_the_plain_way_gives(case: Case) -> None:
    """The statements are those of step functions."""
    tried = first_tried(case.model, "mapping")
    event("nothing to try" if tried is None else "tried")
    if tried is None:
        return
    at_once, refused = tried

    def step(raw: Any) -> Outputs:
        try:
            return at_once(raw)
        except refused:
            pass
        return giver(case.model)(raw)

    try:
        expected = outcome(plainly(case.model), case.raw)
    except TypeError:
        assume(False)
        raise
    assert outcome(step, case.raw) == expected, case


STATUSES = st.sampled_from(("active", "active", "active", "active", "disabled"))


@given(st.one_of(linear_flows(), linear_flows(), dag_flows()), STATUSES)
def test_a_run_of_a_plain_mapping_is_a_run(case: FlowCase, status: str) -> None:
    with schemas_of(case) as flow:
        try:
            ours = compiled(case, flow | {"status": status})
        except cwc.CompileError:
            assume(False)
            raise
        options: tuple[Any, ...] = ({}, {"dynamic_params": case.dynamic}) if case.dynamic else ({},)
        for inputs, lane, passed in product(case.inputs, ("sync", "async"), options):
            # Any other mapping than a dict goes the long way.
            assert run_of(ours, inputs, lane, passed) == run_of(ours, MappingProxyType(inputs), lane, passed)


def run_of(flow: Flow[Any], given: Any, lane: str, options: dict[str, Any]) -> tuple[Any, ...]:
    """What came of a run: log lines, records, and all that is said of a failure and of the input."""
    held: list[Any] = []

    def run() -> Any:
        held.append(flow.run(given, **options) if lane == "sync" else asyncio.run(flow.run_async(given, **options)))
        return held[0]

    shown = outcome_of(run, "cwc.flow")
    if not held:
        return (shown,)
    result, error = held[0], held[0].failure
    assert result.initial_input is not given
    told = (type(error), str(error), getattr(error, "__notes__", []), repr(error and error.__cause__))
    return shown, result.initial_input, result.flow_name, len(result.trace_id), told


@settings(max_examples=settings().max_examples // 2)
@given(dags(), st.integers(-3, 12))
def test_a_run_of_a_dag_is_a_run(flow: dict[str, Any], x: int) -> None:
    ours = built(flow, "levels")
    if ours is not None:
        plainly: Any = MappingProxyType({"x": x})
        assert told_by(partial(ours.run, {"x": x})) == told_by(partial(ours.run, plainly))


Raises = st.sampled_from([None, None, None, ValueError, StopAsyncIteration, GeneratorExit, asyncio.CancelledError])


@given(st.lists(st.tuples(st.integers(0, 3), Raises), min_size=2, max_size=8), st.none() | st.integers(0, 4))
def test_a_level_without_a_limit_is_one_within_it(
    steps: list[tuple[int, type[BaseException] | None]], cancelled_at: int | None
) -> None:
    """``steps`` take some turns of the loop and may raise; the caller may be cancelled at some turn."""

    async def told(begin: Callable[[Sequence[Begun]], Coroutine[Any, Any, Any]]) -> tuple[Any, ...]:
        happened: list[tuple[str, int]] = []

        async def work(index: int, turns: int, error: type[BaseException] | None) -> Outputs:
            happened.append(("begins", index))
            try:
                for _ in range(turns):
                    await asyncio.sleep(0)
                if error is not None:
                    raise error
            finally:
                happened.append(("ends", index))
            return {"index": index}

        calls = [work(index, *step) for index, step in enumerate(steps)]
        task = asyncio.ensure_future(begin(calls))
        if cancelled_at is not None:
            for _ in range(cancelled_at):
                await asyncio.sleep(0)
            task.cancel()
        await asyncio.wait([task])
        for call in calls:
            call.close()
        if task.cancelled():
            return "cancelled", happened, asyncio.all_tasks() == {asyncio.current_task()}
        outcomes = [each[0] if isinstance(each, tuple) else type(each) for each in task.result()]
        return outcomes, happened, asyncio.all_tasks() == {asyncio.current_task()}

    async def within_limit(calls: Sequence[Begun]) -> list[Any]:
        return await Scheduled(len(calls), len(calls), calls.__getitem__).ended()

    async def at_once(calls: Sequence[Begun]) -> list[Any]:
        return await together(len(calls), *calls)

    found, expected = asyncio.run(told(at_once)), asyncio.run(told(within_limit))
    # One of them takes a turn more until it hears that all have ended, in which a caller may still be cancelled.
    assert found == expected or (cancelled_at is not None and found[1:] == expected[1:])
    assert found[-1]


@given(values)
def test_a_detached_value_is_a_deep_copy(value: Any) -> None:
    shared = [value, {"again": value}] if isinstance(value, list | dict) else value
    for each in (value, shared, {"a": [[value]]}):
        try:
            expected = copy.deepcopy(each)
        except TypeError:
            assume(False)
        made = detached(each)
        assert shape(made) == shape(expected)
        assert aliases(made) == aliases(expected)
        assert not set(changing(made)) & set(changing(each))


def aliases(value: Any) -> Any:
    """Which lists and dicts in a value are one, by the order in which they are met."""
    met: dict[int, int] = {}

    def told(each: Any) -> Any:
        if not isinstance(each, list | dict):
            return None
        number = met.setdefault(id(each), len(met))
        return number, [told(inner) for inner in (each.values() if isinstance(each, dict) else each)]

    return told(value)


def test_circles_and_depths_are_copied_as_well() -> None:
    circle: list[Any] = []
    circle.append({"back": circle})
    made = detached(circle)
    assert made[0]["back"] is made
    deep: list[Any] = []
    for _ in range(200):
        deep = [deep]
    assert detached(deep) == deep


def test_what_cannot_be_copied_is_left_to_the_input_model() -> None:
    lock, numbers = threading.Lock(), [1]
    made = separate([lock, numbers])
    assert made[0] is lock
    assert made[1] == numbers
    assert made[1] is not numbers


@given(types.flatmap(lambda kind: st.tuples(st.just(kind), st.one_of(fitting(kind), values))))
def test_a_separate_value_is_taken_as_a_deep_copy_is(case: tuple[Any, Any]) -> None:
    kind, value = case
    takes = create_model("Takes", a=(kind, ...))
    assume(rebuilds_data(describe_model(takes).input_type("a")))
    expect_separate(takes, value)


@pytest.mark.parametrize("number", range(len(KINDS)))
def test_a_separate_value_is_taken_as_a_deep_copy_is_by_every_type(number: int) -> None:
    kind = KINDS[number]
    takes = create_model("Takes", a=(kind, ...))
    if not rebuilds_data(describe_model(takes).input_type("a")):
        return

    @settings(max_examples=settings().max_examples // 5)
    @given(st.one_of(fitting(kind), values))
    def holds(value: Any) -> None:
        expect_separate(takes, value)

    holds()


def expect_separate(takes: type[BaseModel], value: Any) -> None:
    plain = outcome(lambda given: taken(takes, given, copy.deepcopy), value)
    assert outcome(lambda given: taken(takes, given, separate), value) == plain


def taken(model: type[BaseModel], value: Any, apart: Callable[[Any], Any]) -> Any:
    """What a model makes of a value, which shares nothing with it that could change."""
    made = model.model_validate({"a": apart(value)})
    assert not set(changing(made)) & set(changing(value)), "shared"
    return made


class Told(BaseModel):
    told: str


def tell_a(a: Any = 1) -> dict[str, str]:
    return {"told": repr(shape(a))}


def tell_ab(a: Any = 1, b: Any = None) -> dict[str, str]:
    return {"told": repr((shape(a), shape(b)))}


def tell_abc(a: Any = 1, b: Any = None, c: Any = "c") -> dict[str, str]:
    return {"told": repr((shape(a), shape(b), shape(c)))}


EXACT: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(), str: st.text("ab\ud800"), float: st.floats(), bool: st.booleans(), bytes: st.binary(),
}  # fmt: skip


@st.composite
def unpacked(draw: st.DrawFn) -> tuple[cwc.Tool, dict[str, Any]]:
    """A tool whose function takes the fields of a model as keywords, and inputs for it, most of them of plain types."""
    case = draw(cases(st.sampled_from((int, str, float, bool, bytes) * 5 + SCALARS)))
    names = [name for name in case.model.model_fields if name in "abc"]
    written = (tell_a, tell_ab, tell_abc)[len(names) - 1]
    function = FunctionType(written.__code__, globals(), written.__name__)
    own = tuple(case.model.model_fields[name].default for name in names)
    function.__defaults__ = draw(st.sampled_from((own, written.__defaults__)))
    given = case.raw if isinstance(case.raw, dict) and set(case.raw) <= set(names) else {}
    for name in names:
        exact = EXACT.get(case.model.model_fields[name].annotation)
        if exact is not None and draw(st.integers(0, 2)):
            given = given | {name: draw(exact)}
    return cwc.tool(name="tell", input_schema=case.model, output_schema=Told)(function), given


@given(unpacked())
def test_a_direct_call_is_a_call_with_what_was_validated(case: tuple[cwc.Tool, dict[str, Any]]) -> None:
    tool, inputs = case
    call = direct_call(tool, {name: type(value).__name__ for name, value in inputs.items()})
    event("validated" if call is None else f"direct, {len(inputs)}")
    if call is not None:
        direct = outcome(lambda given: call(*given.values()), inputs)
        assert direct == outcome(lambda given: tool.fn(tool.input_schema.model_validate(given)), inputs)


@given(unpacked())
@settings(max_examples=40)
def test_a_flow_that_calls_directly_ends_as_one_that_does_not(case: tuple[cwc.Tool, dict[str, Any]]) -> None:
    tool, inputs = case
    step = {"tool_name": "tell", "input_mapping": {name: name for name in inputs or {"a": 1}}}
    flow = {"type": "Flow", "name": "f", "description": "", "steps": [step]}
    plain = cwc.Tool(name="tell", description="", input_schema=tool.input_schema, output_schema=Told, fn=tool.fn)
    try:
        direct, validated = cwc.compile_flow(flow, [tool]), cwc.compile_flow(flow, [plain])
    except (cwc.CompileError, ToolDefinitionError):
        assume(False)
        raise
    assert outcome(lambda given: dumped(direct.run(given)), inputs) == outcome(
        lambda given: dumped(validated.run(given)), inputs
    )


PLAINEST = (
    st.none() | st.booleans() | st.integers() | st.sampled_from((2**63 - 1, -(2**63), 2**63)) | st.text('a"\\\n\x7f')
)


@given(st.dictionaries(st.text('ab$"é', max_size=3), PLAINEST | st.floats() | st.text() | st.lists(st.none())))
def test_the_text_of_a_flat_dict_is_that_of_packing_it(value: dict[str, Any]) -> None:
    text = flat_text(value)
    event("another way" if text is None else "flat")
    assert text is None or text == packed_text(value)


class Name(str):
    """A key that is no plain string."""


MAPPINGS = st.dictionaries(st.text("ab_é", max_size=3), st.integers() | st.lists(st.none()) | st.floats(0, 1))


@given(MAPPINGS, MAPPINGS, st.none() | st.just("inner"), st.integers(0, 10**12))
def test_the_record_of_a_step_that_succeeded_is_a_validated_one(
    inputs: dict[str, Any], outputs: dict[str, Any], flow_name: str | None, took: int
) -> None:
    step, clock = Step(3, "3:a", "a", None, None, 7, flow_name=flow_name), Clock(10**18, 5)
    plain = plain_record(step, clock, 100, 100 + took, outputs, inputs)
    validated = validated_record(step, clock, 100, 100 + took, dict(outputs), {"inputs": inputs})
    assert step_record(step, outputs, inputs, clock, 100, 100 + took) == plain == validated
    assert [*vars(plain).items()] == [*vars(validated).items()]
    assert plain.model_fields_set == validated.model_fields_set
    assert plain.model_dump_json(exclude_unset=True) == validated.model_dump_json(exclude_unset=True)
    assert pickle.loads(pickle.dumps(plain)) == copy.deepcopy(plain) == plain.model_copy(deep=True) == validated
    assert plain.inputs is not inputs
    assert plain.outputs is not outputs
    assert plain.retry_errors is not plain_record(step, clock, 0, 1, {}, {}).retry_errors


@pytest.mark.parametrize("names", [{1: 1}, {"\ud800": 1}, {Name("a"): 1}])
def test_records_with_other_keys_are_validated(names: Any) -> None:
    step, clock = Step(3, "3:a", "a", None, None, 7), Clock(10**18, 5)
    for inputs, outputs in ((names, {}), ({}, names)):
        made = told_record(lambda i=inputs, o=outputs: step_record(step, o, i, clock, 1, 2))  # type: ignore[misc]
        assert made == told_record(
            lambda i=inputs, o=outputs: validated_record(step, clock, 1, 2, dict(o), {"inputs": i})  # type: ignore[misc]
        )


def told_record(make: Callable[[], StepRecord]) -> object:
    try:
        record = make()
    except ValidationError as error:
        return str(error)
    return [(type(key), key) for key in (*record.inputs, *(record.outputs or ()))]


LEVELS = st.sampled_from((logging.NOTSET, logging.DEBUG, logging.INFO))


@given(st.lists(st.tuples(st.sampled_from(("own", "above", "all", "disabled", "ask")), LEVELS), max_size=8))
def test_a_logger_is_told_what_it_would_log(changes: list[tuple[str, int]]) -> None:
    above, log = logging.Logger("above", logging.DEBUG), logging.Logger("above.own")
    log.parent, above.parent = above, None
    log.manager = above.manager = manager = logging.Manager(logging.RootLogger(logging.WARNING))
    manager.loggerDict.update(above=above, own=log)
    answers: dict[int, bool] = {}
    share_answers(log, answers)
    may_log = partial(answers.get, logging.DEBUG, True)
    for what, level in changes:
        match what:
            case "own":
                log.setLevel(level)
            case "above":
                above.setLevel(level)
            case "all":
                manager.disable = level
                manager._clear_cache()  # type: ignore[attr-defined]
            case "disabled":
                log.disabled = bool(level)
            case _:
                log.isEnabledFor(logging.DEBUG)
        assert may_log() or not log.isEnabledFor(logging.DEBUG)
        logs = log.isEnabledFor(logging.DEBUG)
        # What it does not know it has learnt now.
        assert may_log() == logs or log.disabled


def test_a_logger_of_a_class_of_its_own_is_asked() -> None:
    class Switched(logging.Logger):
        logs = False

        def isEnabledFor(self, level: int) -> bool:
            return self.logs

    log = Switched("switched", logging.DEBUG)
    answers: dict[int, bool] = {}
    share_answers(log, answers)
    assert not log.isEnabledFor(logging.DEBUG)
    assert answers == {}


def dumped(result: Any) -> Any:
    """All of a result but its times."""
    steps = [(each.inputs, each.outputs, each.error_type, each.error_message) for each in result.execution_log]
    return result.final_output, steps


SHOWN = {
    "cwc.runtime.concurrency._Level.ended": test_a_level_without_a_limit_is_one_within_it,
    "cwc.runtime.direct.direct_call": test_a_direct_call_is_a_call_with_what_was_validated,
    "cwc.runtime.binding.first_tried": test_an_output_that_is_tried_first_is_what_the_plain_way_gives,
    "cwc.runtime.collisions.share_answers": test_a_logger_is_told_what_it_would_log,
    "cwc.runtime.lookups.separate": test_a_separate_value_is_taken_as_a_deep_copy_is,
    "cwc.runtime.lookups.detached": test_a_detached_value_is_a_deep_copy,
    "cwc.runtime.replay.plain_record": test_the_record_of_a_step_that_succeeded_is_a_validated_one,
    "cwc.runtime.twins.twin_of": test_an_output_is_what_validating_and_dumping_gives,
    "cwc.runtime.encoding.flat_text": test_the_text_of_a_flat_dict_is_that_of_packing_it,
    "cwc.runtime.flow.Flow.run": test_a_run_of_a_plain_mapping_is_a_run,
    "cwc.runtime.flow.Flow.run_async": test_a_run_of_a_plain_mapping_is_a_run,
}
"""The test that shows each fast path."""


def test_no_fast_path_is_without_its_test() -> None:
    for module in pkgutil.iter_modules(cwc.runtime.__path__, "cwc.runtime."):
        importlib.import_module(module.name)
    assert SHOWN.keys() == FAST_PATHS.keys()
