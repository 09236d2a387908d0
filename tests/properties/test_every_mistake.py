"""No mistake hides another one: of those that are planted into a flow that builds, one run tells of each."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import event, given

from cwc.diagnostics.model import Report
from cwc.driver.compile import Options
from cwc.driver.memory import compile_in_memory
from tests.mistakes import CHILD, TOOLS, Planted, planted_flows, right_flows

CONSTRUCTS = ("subflows", "branches", "decisions")


def reported(flow: dict[str, Any]) -> Report:
    return compile_in_memory(flow, TOOLS, Options(async_constructs=CONSTRUCTS), (CHILD,)).report


@given(right_flows())
def test_nothing_is_said_of_a_flow_without_mistakes(flow: dict[str, Any]) -> None:
    assert {found.slug for found in reported(flow)} <= {"unread_input", "shadowed_key"}


@given(planted_flows())
def test_every_mistake_is_told_of_in_one_run(planted: Planted) -> None:
    told = Counter((found.slug, found.step_index) for found in reported(planted.flow))
    event(f"{sum(planted.expected.values())} mistakes")
    assert not planted.expected - told, (planted.expected - told, told)
