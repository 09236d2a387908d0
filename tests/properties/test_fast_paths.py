"""Every fast path has its test, which fails where the path is wrong."""

from __future__ import annotations

import importlib
import operator
import pkgutil
import sys
from collections.abc import Callable
from functools import cache, partial
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

import _pytest.assertion.util
import pytest
from hypothesis import Phase, settings

import cwc.runtime
from cwc.runtime.fast import FAST_PATHS
from cwc.runtime.replay import validated_record
from cwc.runtime.tools import binding, direct
from cwc.runtime.tools import twins as twins_module
from tests.nearly_plain import KINDS, NEARLY_PLAIN
from tests.properties import test_fast_calls as calls
from tests.properties import test_fast_copies as copies
from tests.properties import test_fast_outputs as outputs
from tests.properties import test_fast_records as records
from tests.properties import test_fast_runs as runs
from tests.properties import test_fast_texts as texts
from tests.properties import test_shared_steps as shared_steps
from tests.properties import test_sharing as sharing
from tests.properties import test_twins as twins

SHOWN = {
    "cwc.runtime.waiting.concurrency._Level.ended": runs.test_a_level_without_a_limit_is_one_within_it,
    "cwc.runtime.tools.direct.direct_call": calls.test_a_direct_call_is_a_call_with_what_was_validated,
    "cwc.runtime.tools.binding.first_tried": outputs.test_an_output_that_is_tried_first_is_what_the_plain_way_gives,
    "cwc.runtime.collisions.share_answers": texts.test_a_logger_is_told_what_it_would_log,
    "cwc.runtime.lookups.separate": copies.test_a_separate_value_is_taken_as_a_deep_copy_is,
    "cwc.runtime.lookups.detached": copies.test_a_detached_value_is_a_deep_copy,
    "cwc.runtime.replay.plain_record": records.test_the_record_of_a_step_that_succeeded_is_a_validated_one,
    "cwc.runtime.tools.twins.twin_of": outputs.test_an_output_is_what_validating_and_dumping_gives,
    "cwc.runtime.stores.encoding.flat_text": texts.test_the_text_of_a_flat_dict_is_that_of_packing_it,
    "cwc.runtime.flow.Flow.run": runs.test_a_run_of_a_plain_mapping_is_a_run,
    "cwc.runtime.flow.Flow.run_async": runs.test_a_run_of_a_plain_mapping_is_a_run,
}
"""The test that shows each fast path."""


def test_no_fast_path_is_without_its_test() -> None:
    for module in pkgutil.walk_packages(cwc.runtime.__path__, "cwc.runtime."):
        importlib.import_module(module.name)
    assert SHOWN.keys() == WRONG.keys() == FAST_PATHS.keys()


async def _never_ran(self: Any) -> Any:
    return self.outcomes


def _told_nothing(step: Any, clock: Any, began: int, ended: int, outputs: Any, inputs: Any) -> Any:
    return validated_record(step, clock, began, ended, {}, {"inputs": {}})


def _plain_anyway(self: Any) -> Any:
    return tuple(lane and lane.parts for lane in (self._sync, self._async))


def each(kind: str) -> None:
    """Of the things that are not plain, those of a kind."""
    for told in NEARLY_PLAIN:
        if told.startswith(kind):
            twins.test_one_thing_that_is_not_plain(told)


def each_type_that_is_given() -> None:
    for number in range(len(KINDS)):
        sharing.test_what_a_tool_of_every_type_gave_to_every_other(number)


def each_type_that_is_separate() -> None:
    for number in range(len(KINDS)):
        copies.test_a_separate_value_is_taken_as_a_deep_copy_is_by_every_type(number)


def each_type_that_isolates() -> None:
    for number in range(len(KINDS)):
        sharing.test_an_input_that_is_an_object_of_its_own(number)


def _ran_without_input(self: Any, initial_input: Any, **options: Any) -> Any:
    return self._run({} if type(initial_input) is dict else initial_input, **options)


async def _ran_without_input_async(self: Any, initial_input: Any, **options: Any) -> Any:
    return await self._run_async({} if type(initial_input) is dict else initial_input, **options)


WRONG: dict[str, Callable[..., Any]] = {
    "cwc.runtime.waiting.concurrency._Level.ended": _never_ran,
    "cwc.runtime.tools.direct.direct_call": lambda handle, types: lambda *values: {"told": "wrong"},
    "cwc.runtime.tools.binding.first_tried": lambda model, returns: (lambda raw: {}, ()),
    "cwc.runtime.collisions.share_answers": lambda log, answers: answers.update({10: False}),
    "cwc.runtime.lookups.separate": lambda value: value,
    "cwc.runtime.lookups.detached": lambda value: value,
    "cwc.runtime.replay.plain_record": _told_nothing,
    "cwc.runtime.tools.twins.twin_of": lambda model: lambda raw: {},
    "cwc.runtime.stores.encoding.flat_text": lambda value: "{}",
    "cwc.runtime.flow.Flow.run": _ran_without_input,
    "cwc.runtime.flow.Flow.run_async": _ran_without_input_async,
}
"""Each fast path gone wrong: what it does without asking whether it may, or something else."""


def _named(path: str) -> Any:
    """What a dotted path leads to, through a module and the classes in it."""
    names = path.split(".")
    ends = range(len(names) - 1, 0, -1)
    module = next(each for end in ends if (each := ".".join(names[:end])) in sys.modules)
    return operator.attrgetter(path.removeprefix(f"{module}."))(sys.modules[module])


_a_separate_value = copies.test_a_separate_value_is_taken_as_a_deep_copy_is
CONDITIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "cwc.runtime.tools.twins._expect": (lambda node, keys: None, partial(each, "config")),
    "cwc.runtime.tools.twins.is_plain_model": (lambda model: True, partial(each, "base")),
    "cwc.runtime.tools.twins._may_be_model": (lambda twin: False, twins.test_defaults_that_are_not_passed),
    "cwc.runtime.tools.binding._gives_instances": (lambda model: True, partial(each, "base")),
    "cwc.runtime.tools.binding._decides_its_dump": (lambda model: False, partial(each, "decorated")),
    "cwc.runtime.tools.direct._is_bare": (
        lambda node, name: True,
        calls.test_a_direct_call_is_a_call_with_what_was_validated,
    ),
    "cwc.runtime.tools.direct._has_default": (lambda node, default: True, calls.test_defaults_that_are_left_out),
    "cwc.runtime.tools.direct._shows_its_call": (lambda func: False, calls.test_defaults_that_are_left_out),
    "cwc.runtime.lookups._is_data": (
        lambda value, depth: True,
        copies.test_a_separate_value_is_taken_as_a_deep_copy_is,
    ),
    "cwc.runtime.facts.FlowFacts._plain_lanes": (_plain_anyway, runs.test_a_run_of_a_plain_mapping_is_a_run),
    "cwc.emit.view.StepView.does.fget": (
        lambda self: (self.parameters, self.accepted, self.handling),
        shared_steps.test_steps_that_are_alike_do_what_each_is_to_do,
    ),
    "cwc.plan.types.rebuilding.rebuilds_data": (lambda input: True, each_type_that_is_separate),
    "cwc.plan.types.rebuilding.rebuilds": (lambda value, input: True, each_type_that_is_given),
    "cwc.plan.isolation.isolates_field": (lambda model, field, annotation: True, each_type_that_isolates),
}
"""Conditions of fast paths, each as one that is always met, and what fails then."""


SETTINGS = "_hypothesis_internal_use_settings"


def expect_failure(
    shows: Callable[[], Any], function: FunctionType, wrong: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test fails where a function does something else."""
    # Whoever has imported it has the wrong one as well.
    monkeypatch.setattr(function, "__code__", wrong.__code__)
    # Whichever example fails first will do, and nobody reads by how much.
    monkeypatch.setattr(_pytest.assertion.util, "_reprcompare", None)
    # What is found the wrong way must not be known afterwards, nor what was known before be taken for it.
    for module, known in ((twins_module, "_TWINS"), (direct, "_KNOWN"), (binding, "_BOUND")):
        monkeypatch.setattr(module, known, WeakKeyDictionary())
    monkeypatch.setattr(sharing, "described", cache(sharing.described.__wrapped__))
    first = partial(settings, phases=[Phase.generate], report_multiple_bugs=False)
    if hasattr(shows, SETTINGS):
        monkeypatch.setattr(shows, SETTINGS, first(getattr(shows, SETTINGS)))
    current = settings.get_current_profile_name()
    settings.register_profile("first", first(settings()))
    settings.load_profile("first")
    try:
        with pytest.raises(AssertionError):
            shows()
    finally:
        settings.load_profile(current)


@pytest.mark.parametrize("path", SHOWN)
def test_what_shows_a_fast_path_fails_where_that_is_wrong(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expect_failure(SHOWN[path], _named(path), WRONG[path], monkeypatch)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_what_a_fast_path_asks_for_is_needed(condition: str, monkeypatch: pytest.MonkeyPatch) -> None:
    met, shows = CONDITIONS[condition]
    expect_failure(shows, _named(condition), met, monkeypatch)
