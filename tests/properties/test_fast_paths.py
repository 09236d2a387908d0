"""Every fast path gives what the plain way gives: values, types, errors, words and warnings."""

from __future__ import annotations

import copy
import importlib
import pkgutil
import warnings
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, get_args

from hypothesis import assume, given
from pydantic import BaseModel

import cwc
import cwc.runtime
from cwc.runtime.calls import Returns, giver
from cwc.runtime.fast import FAST_PATHS
from cwc.runtime.lookups import detached
from tests.differential.reference import compiled, run_cwc, schemas_of
from tests.kind_values import fresh, values
from tests.models import Case, cases
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
        return (type(value), sorted(((shape(key), shape(each)) for key, each in value.items()), key=repr))
    if isinstance(value, list | tuple):
        return (type(value), [shape(each) for each in value])
    if isinstance(value, set | frozenset):
        return (type(value), sorted(map(shape, value), key=repr))
    return (type(value), repr(value))


def plainly(model: type[BaseModel]) -> Callable[[Any], Any]:
    return lambda raw: model.model_validate(raw).model_dump()


@given(cases())
def test_an_output_is_what_validating_and_dumping_gives(case: Case) -> None:
    try:
        expected = outcome(plainly(case.model), case.raw)
    except TypeError:
        # What cannot be copied cannot be tried twice.
        assume(False)
    for returns in get_args(Returns):
        assert outcome(giver(case.model, returns), case.raw) == expected, case


@given(linear_flows())
def test_a_run_of_a_plain_mapping_is_a_run(case: FlowCase) -> None:
    with schemas_of(case) as flow:
        try:
            ours = compiled(case, flow)
        except cwc.CompileError:
            assume(False)
            raise
        for inputs in case.inputs:
            for lane in ("sync", "async"):
                # Any other mapping than a dict goes the long way.
                plainly: Any = MappingProxyType(inputs)
                assert run_cwc(ours, inputs, lane, None) == run_cwc(ours, plainly, lane, None)


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
        assert not own(made) & own(each)


def own(value: Any) -> set[int]:
    """The lists and dicts in a value."""
    if isinstance(value, dict):
        return {id(value)}.union(*map(own, value.values()))
    return {id(value)}.union(*map(own, value)) if isinstance(value, list) else set()


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


SHOWN = {
    "cwc.runtime.lookups.detached": test_a_detached_value_is_a_deep_copy,
    "cwc.runtime.twins.twin_of": test_an_output_is_what_validating_and_dumping_gives,
    "cwc.runtime.flow.Flow.run": test_a_run_of_a_plain_mapping_is_a_run,
    "cwc.runtime.flow.Flow.run_async": test_a_run_of_a_plain_mapping_is_a_run,
}
"""The test that shows each fast path."""


def test_no_fast_path_is_without_its_test() -> None:
    for module in pkgutil.iter_modules(cwc.runtime.__path__, "cwc.runtime."):
        importlib.import_module(module.name)
    assert SHOWN.keys() == FAST_PATHS.keys()
